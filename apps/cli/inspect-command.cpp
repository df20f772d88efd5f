// weir inspect: what a reader sees in a file: format, schema, first rows, errors.
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/progress.h"
#include "apps/cli/reading.h"
#include "apps/cli/standard-streams.h"
#include "engine/csv/infer.h"
#include "engine/data/value-json.h"
#include "engine/json/writer.h"
#include "engine/text/utf8.h"

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

/// The first `most` characters; what is longer ends with dots.
std::string cut(std::string text, std::int64_t most) {
  std::int64_t characters = 0;
  std::size_t end = 0;  // of the first `most` - 3 characters
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) continue;
    if (++characters == most - 2) end = at;
    if (characters <= most) continue;
    text.resize(end);
    return text + "...";
  }
  return text;
}

/// A schema travels with rows, and a file of nothing but a header gives none: its names are read as if they were one.
Result<void> headerAlone(Seen& seen, const std::string& file, const std::string& folder, NamedTexts settings,
                         const Catalogue& catalogue) {
  settings.emplace_back("header", "no");
  WEIR_ASSIGN(auto reader, readerOf(seen.format, {file}, settings, catalogue));
  std::vector<std::string> names;
  ReadHandlers handlers;
  handlers.rows = [&names](const Batch& batch) {
    if (!names.empty() || batch.rows() == 0) return false;
    for (std::int64_t i = 0; i < batch.schema()->size(); ++i) {
      const auto name = batch.value(0, i);
      names.push_back(name.kind() == ValueKind::string ? std::string(name.text())
                      : name.isNull()                  ? std::string()
                                                       : toJson(name));
    }
    return false;
  };
  handlers.errors = [](const ErrorPacket&) {};
  WEIR_ASSIGN(const auto result, readThrough(std::move(reader), handlers, folder));
  if (result.error || names.empty()) return {};
  std::vector<Field> fields;
  for (auto& name : csv::columnNames(std::move(names))) fields.push_back({std::move(name), Type::string(), true});
  seen.schema = Schema::of(std::move(fields));
  return {};
}

Result<Seen> look(const std::string& file, const InspectArguments& arguments, std::int64_t most,
                  const NamedTexts& settings, const Catalogue& catalogue) {
  Seen seen;
  std::optional<TemporaryFile> given;
  if (file == "-") {
    WEIR_ASSIGN(auto spooled, spoolInput());
    given.emplace(std::move(spooled));
  }
  const auto folder = given ? given->folder() : std::string(".");
  seen.format = formatOf(given ? given->path() : file, arguments.format);
  WEIR_ASSIGN(auto reader, readerOf(seen.format, {file}, settings, catalogue));
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
  auto result = readThrough(std::move(reader), handlers, folder);
  if (result && !result->error && !seen.schema && seen.errors.empty() && seen.format == "csv")
    WEIR_TRY(headerAlone(seen, file, folder, settings, catalogue));
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

/// What a cell of the table shows: `null` and `""` can be told apart.
std::string cell(const Value& value) {
  std::string text;
  if (value.kind() == ValueKind::string && !value.text().empty()) {
    text = value.text();
  } else {
    appendJson(text, value);
  }
  for (auto& c : text) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
  }
  return cut(std::move(text), 32);
}

void printTable(const Seen& seen) {
  if (!seen.schema) return;
  const auto fields = seen.schema->fields();
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
  std::vector<std::int64_t> widths(fields.size());
  for (const auto& line : cells) {
    for (std::size_t column = 0; column < line.size(); ++column)
      widths[column] = std::max(widths[column], utf8::countCodePoints(line[column]));
  }
  winsize size{};
  const bool terminal = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
  for (const auto& line : cells) {
    std::string text;
    for (std::size_t column = 0; column < line.size(); ++column) {
      const auto missing = widths[column] - utf8::countCodePoints(line[column]);
      text += line[column] + std::string(column + 1 == line.size() ? 0 : static_cast<std::size_t>(missing) + 2, ' ');
    }
    std::printf("%s\n", (terminal ? cut(std::move(text), size.ws_col - 1) : text).c_str());
  }
}

void printForPeople(const std::string& file, const Seen& seen) {
  constexpr std::size_t kTold = 20;
  if (!seen.failure || seen.schema) {
    std::printf("%s: %s, %s row%s, %s error%s\n", file.c_str(), seen.format.c_str(), grouped(seen.total).c_str(),
                seen.total == 1 ? "" : "s", grouped(static_cast<std::int64_t>(seen.errors.size())).c_str(),
                seen.errors.size() == 1 ? "" : "s");
    printTable(seen);
    for (std::size_t i = 0; i < std::min(seen.errors.size(), kTold); ++i)
      std::printf("error: %s [%s]\n", seen.errors[i].message.c_str(), seen.errors[i].code.c_str());
    if (seen.errors.size() > kTold)
      std::printf("and %s errors more\n", grouped(static_cast<std::int64_t>(seen.errors.size() - kTold)).c_str());
  }
  if (!seen.failure) return;
  std::fflush(stdout);  // in a pipe too the failure stands behind the rows before it
  printError(*seen.failure);
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
  auto* command = app.add_subcommand(
      "inspect", "Show what a reader sees in files.\nFormat, schema, first rows, and what is wrong with them.");
  auto arguments = std::make_shared<InspectArguments>();
  command->add_option("FILES", arguments->files, "Files of any readable format; - is standard input")->required();
  command->add_option("--rows", arguments->rows, "How many rows to show, or all")
      ->check(CLI::Validator(
          [](std::string& text) {
            const auto digit = [](char c) { return c >= '0' && c <= '9'; };
            return text == "all" || (!text.empty() && text.size() < 19 && std::ranges::all_of(text, digit))
                       ? std::string()
                       : "'" + text + "': give a number, or all";
          },
          ""))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "csv, json, arrow or text; default: by name, else by content")
      ->type_name("FORMAT");
  addRepeated(*command, "--option", arguments->options, "NAME=VALUE",
              "A setting of the reader ('weir nodes files/csv-read' lists them)");
  command->add_flag("--json", arguments->json,
                    "One JSON object for each file, a line each: format, schema, rows, errors");
  addFooter(
      *command,
      "0 done\n1 a file could not be read; the others are shown\n2 wrong usage\n3 done, but some rows are malformed",
      "weir inspect orders.csv\nweir inspect data/*.csv --rows 3\nweir inspect orders.csv --json --rows all --option "
      "delimiter=;");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = inspect(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
