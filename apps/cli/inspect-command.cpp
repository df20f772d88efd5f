// weir inspect: what a reader sees in a file: format, schema, first rows, errors.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "apps/cli/command.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/reading.h"
#include "apps/cli/standard-streams.h"
#include "engine/data/value-json.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace {

struct InspectArguments {
  std::vector<std::string> files, options;
  std::string rows = "10", format;
  bool json = false;
};

/// What one file gave.
struct Seen {
  std::string format;
  SchemaRef schema;
  std::vector<Value> rows;
  std::vector<ErrorPacket> errors;
  std::int64_t total = 0;
  std::optional<Error> failure;
};

Result<Seen> look(const std::string& file, const InspectArguments& arguments, std::int64_t most,
                  const NamedTexts& settings, const Catalogue& catalogue) {
  Seen seen;
  std::optional<TemporaryFile> given;
  if (file == "-") {
    WEIR_ASSIGN(auto spooled, spoolInput());
    given.emplace(std::move(spooled));
  }
  const auto& path = given ? given->path() : file;
  seen.format = formatOf(path, arguments.format);
  WEIR_ASSIGN(auto reader, readerOf(seen.format, {path}, settings, catalogue));
  ReadHandlers handlers;
  handlers.rows = [&seen, most](const Batch& batch) {
    if (!seen.schema) seen.schema = batch.schema();
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      if (most >= 0 && static_cast<std::int64_t>(seen.rows.size()) >= most) break;
      seen.rows.push_back(batch.row(row).owned());
    }
    seen.total += batch.rows();
    return true;
  };
  handlers.errors = [&seen](const ErrorPacket& packet) { seen.errors.push_back(packet); };
  auto result = readThrough(std::move(reader), handlers);
  if (!result) {
    seen.failure = std::move(result.error());
  } else if (result->error) {
    seen.failure = *result->error;
  }
  return seen;
}

void writeError(json::Writer& out, std::string_view code, std::string_view message, const Value& row) {
  out.beginObject().key("code").value(code).key("message").value(message).key("row");
  std::string text;
  appendJson(text, row);
  out.raw(text).endObject();
}

std::string jsonOf(const Seen& seen) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("format").value(seen.format).key("schema").beginArray();
  if (seen.schema) {
    for (const auto& field : seen.schema->fields()) {
      out.beginObject()
          .key("name")
          .value(field.name)
          .key("type")
          .value(typeName(*field.type))
          .key("nullable")
          .value(field.nullable)
          .endObject();
    }
  }
  out.endArray().key("rows").beginArray();
  for (const auto& row : seen.rows) {
    std::string value;
    appendJson(value, row);
    out.raw(value);
  }
  out.endArray().key("errors").beginArray();
  for (const auto& packet : seen.errors) writeError(out, packet.code, packet.message, packet.row);
  if (seen.failure) writeError(out, seen.failure->code, seen.failure->message, Value());
  out.endArray().endObject();
  return text;
}

std::string cell(const Value& value) {
  std::string text;
  if (value.kind() == ValueKind::string) {
    text = value.text();
  } else if (!value.isNull()) {
    appendJson(text, value);
  }
  for (auto& c : text) {
    if (static_cast<unsigned char>(c) < 32) c = ' ';
  }
  constexpr std::size_t kMost = 32;
  if (text.size() > kMost) {
    text.resize(kMost - 3);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
    text += "...";
  }
  return text;
}

void printTable(const Seen& seen) {
  if (!seen.schema) return;
  const auto fields = seen.schema->fields();
  std::vector<std::size_t> widths;
  std::vector<std::vector<std::string>> cells(1);
  for (const auto& field : fields)
    cells[0].push_back(field.name + ": " + typeName(*field.type) + (field.nullable ? "?" : ""));
  for (const auto& row : seen.rows) {
    auto& line = cells.emplace_back();
    for (const auto& field : fields) {
      const auto* value = row.find(field.name);
      line.push_back(value == nullptr ? std::string() : cell(*value));
    }
  }
  for (std::size_t column = 0; column < fields.size(); ++column) {
    std::size_t width = 0;
    for (const auto& line : cells) width = std::max(width, line[column].size());
    widths.push_back(width);
  }
  for (const auto& line : cells) {
    std::string text;
    for (std::size_t column = 0; column < line.size(); ++column) {
      text += line[column] + std::string(widths[column] - line[column].size() + 2, ' ');
    }
    std::printf("%s\n", text.c_str());
  }
}

void printForPeople(const std::string& file, const Seen& seen) {
  std::printf("%s: %s, %lld rows, %zu errors\n", file.c_str(), seen.format.c_str(), static_cast<long long>(seen.total),
              seen.errors.size());
  printTable(seen);
  for (const auto& packet : seen.errors) std::printf("error: %s [%s]\n", packet.message.c_str(), packet.code.c_str());
  if (seen.failure)
    std::printf("error: %s [%.*s]\n", seen.failure->message.c_str(), static_cast<int>(seen.failure->code.size()),
                seen.failure->code.data());
}

Result<int> inspect(const InspectArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(const auto settings, namedTexts(arguments.options, "--option"));
  WEIR_ASSIGN(const auto catalogue, loadCatalogue(shared));
  const auto most = arguments.rows == "all" ? -1 : std::strtoll(arguments.rows.c_str(), nullptr, 10);
  int code = kDone;
  for (const auto& file : arguments.files) {
    WEIR_ASSIGN(const auto seen, look(file, arguments, most, settings, catalogue));
    if (arguments.json) {
      std::printf("%s\n", jsonOf(seen).c_str());
    } else {
      printForPeople(file, seen);
    }
    if (seen.failure) {
      code = kFailed;
    } else if (!seen.errors.empty() && code == kDone) {
      code = kDeadLetters;
    }
  }
  return code;
}

}  // namespace

void addInspect(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("inspect", "Show what a reader sees in files: format, schema, first rows, errors");
  auto arguments = std::make_shared<InspectArguments>();
  command->add_option("files", arguments->files, "Files of any readable format; - is standard input")->required();
  command->add_option("--rows", arguments->rows, "How many rows to show, or all")->check([](const std::string& text) {
    return text == "all" || (!text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
               ? std::string()
               : std::string("give a number or all");
  });
  command->add_option("--format", arguments->format, "csv, json, arrow or text; default: by name, then by content");
  command->add_option("--option", arguments->options, "A setting of the reader: name=value (may be repeated)");
  command->add_flag("--json", arguments->json, "One JSON object a file: {format, schema, rows, errors}");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = inspect(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
