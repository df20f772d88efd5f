// weir convert: from any readable to any writable format.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/memory-nodes.h"
#include "apps/cli/progress.h"
#include "apps/cli/reading.h"
#include "apps/cli/signal-watch.h"
#include "apps/cli/standard-streams.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

struct ConvertArguments {
  std::string in, out, from, to;
  std::vector<std::string> readOptions, writeOptions;
};

/// Keeps the first row that the writer refused: it says why nothing is written.
class Refusals final : public DeadLetters {
 public:
  Result<void> add(std::span<const ErrorPacket> packets) override {
    if (!first && !packets.empty()) first = packets[0];
    return {};
  }
  std::optional<ErrorPacket> first;
};

/// Malformed rows, the first few said.
class Malformed {
 public:
  bool take(const Batch& batch, Screen& screen) {
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      const auto packet = errorPacketOf(batch, row);
      if (++count <= kTold) screen.lines("error: " + packet.message + " [" + packet.code + "]\n");
    }
    return true;
  }
  static constexpr std::int64_t kTold = 20;
  std::int64_t count = 0;
};

/// Reader, writer, and who counts the reader's malformed rows.
Plan planOf(PlannedNode reader, PlannedNode writer) {
  Plan plan;
  reader.id = "read";
  writer.id = "write";
  writer.depth = 1;
  PlannedNode malformed;
  malformed.id = "malformed";
  malformed.type = &collectorType();
  malformed.inputs = malformed.type->inputs;
  malformed.outputs = malformed.type->outputs;
  malformed.depth = 1;
  const auto errors = reader.type->errorPort();
  plan.nodes.push_back(std::move(reader));
  plan.nodes.push_back(std::move(writer));
  plan.nodes.push_back(std::move(malformed));
  plan.edges.push_back(plainEdge(0, 0, 1));
  plan.edges.push_back(plainEdge(0, errors, 2));
  return plan;
}

RunResult drive(Run& run, const Shared& shared, Screen& screen) {
  ProgressOptions drawing;
  drawing.quiet = shared.quiet || !drawsInPlace();
  drawing.terminal = true;
  Progress progress(run, drawing, screen);
  const SignalWatch watch(run, screen, FirstSignal::cancels);
  auto result = run.drive();
  progress.stop(result.error ? "failed after" : "done in");
  return result;
}

int tellFailure(const RunResult& result, const Refusals& refusals, const std::string& out) {
  if (SignalWatch::seen() > 0 && result.outcome == Outcome::cancelled) {
    std::fprintf(stderr, "stopped; nothing was written to %s\n", out.c_str());
    return SignalWatch::exitCodeOf(result);
  }
  if (!refusals.first) {
    printError(*result.error);
    return result.exitCode();
  }
  std::fprintf(stderr, "error: %s; %s is not complete [%s]\n", printable(refusals.first->message).c_str(), out.c_str(),
               refusals.first->code.c_str());
  return kFailed;
}

/// A file of text takes one field. Whether the rows have it is asked before anything is written.
Result<void> checkField(const PlannedNode& reader, const PlannedNode& writer, const std::string& folder,
                        const std::string& out) {
  const auto* field = writer.settings.find("field");
  if (field == nullptr || !field->isString()) return {};
  SchemaRef schema;
  ReadHandlers handlers;
  handlers.rows = [&schema](const Batch& batch) {
    schema = batch.schema();
    return false;
  };
  handlers.errors = [](const ErrorPacket&) {};
  WEIR_TRY(readThrough(reader, handlers, folder));
  if (!schema || schema->indexOf(*field->asString()) >= 0) return {};
  return fail("text.no_field", "a file of text takes one field of each row, and there is no field '" +
                                   *field->asString() + "'; there are " + schema->describe() +
                                   ". Choose one with --write field=NAME; nothing was written to " + out);
}

Result<int> convert(const ConvertArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(const auto readSettings, namedTexts(arguments.readOptions, "--read"));
  WEIR_ASSIGN(const auto writeSettings, namedTexts(arguments.writeOptions, "--write"));
  WEIR_ASSIGN(const auto catalogue, loadCatalogue(shared));
  WEIR_ASSIGN(const auto to, writtenFormatOf(arguments.out, arguments.to));
  std::optional<TemporaryFile> given, made;
  if (arguments.in == "-") {
    WEIR_ASSIGN(auto spooled, spoolInput());
    given.emplace(std::move(spooled));
  }
  if (arguments.out == "-") {
    WEIR_ASSIGN(auto empty, TemporaryFile::make());
    made.emplace(std::move(empty));
  }
  const auto folder = given ? given->folder() : std::string(".");
  const auto format = formatOf(given ? given->path() : arguments.in, arguments.from);
  const auto out = made ? made->path() : arguments.out;
  WEIR_ASSIGN(auto reader, readerOf(format, {arguments.in}, readSettings, catalogue));
  WEIR_ASSIGN(auto writer, writerOf(to, out, writeSettings, catalogue));
  const auto target = made ? std::string("standard output") : arguments.out;
  if (const auto fits = checkField(reader, writer, folder, target); !fits) {
    printError(fits.error());
    return kFailed;
  }
  auto plan = planOf(std::move(reader), std::move(writer));
  PlaceOptions placing;
  placing.plan = &plan;
  placing.projectFolder = folder;
  Place place(placing);
  MemoryRows rows;
  Malformed malformed;
  rows.onBatch([&](const std::string&, const Batch& batch) { return malformed.take(batch, place.screen()); });
  auto hosts = place.hosts();
  hosts.add<MemoryRows>(rows);
  Refusals refusals;
  RunOptions options;
  options.deadLetters = &refusals;
  options.maxErrors = 0;
  WEIR_ASSIGN(const auto run, Run::make(std::move(plan), std::move(options), hosts, place.workers()));
  const auto result = drive(*run, shared, place.screen());
  if (result.error || refusals.first || result.outcome != Outcome::done) return tellFailure(result, refusals, target);
  if (made) WEIR_TRY(copyToOutput(made->path()));
  if (shared.quiet && malformed.count == 0) return kDone;
  std::fprintf(stderr, "%s rows written to %s, %s failed\n", grouped(run->metrics().nodes[1].rowsIn).c_str(),
               target.c_str(), grouped(malformed.count).c_str());
  return malformed.count > 0 ? kDeadLetters : kDone;
}

}  // namespace

void addConvert(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "convert",
      "Convert a file from any readable to any writable format.\nThe output takes its name when it is whole.");
  auto arguments = std::make_shared<ConvertArguments>();
  command->add_option("IN", arguments->in, "The file to read; - is standard input")->required();
  command->add_option("OUT", arguments->out, "The file to write; its ending says the format; - is standard output")
      ->required();
  command
      ->add_option("--from", arguments->from,
                   "Format of IN: csv, json, arrow or text; default: by name, else by content")
      ->type_name("FORMAT");
  command->add_option("--to", arguments->to, "Format of OUT: csv, json, arrow or text; default: by name")
      ->type_name("FORMAT");
  addRepeated(*command, "--read", arguments->readOptions, "NAME=VALUE",
              "A setting of the reader ('weir nodes files/csv-read' lists them)");
  addRepeated(*command, "--write", arguments->writeOptions, "NAME=VALUE",
              "A setting of the writer ('weir nodes files/csv-write' lists them)");
  command->add_flag("-q,--quiet", shared.quiet, "No progress; errors are still told");
  addFooter(*command,
            "0 done\n1 failed; OUT is as it was\n2 wrong usage\n3 done, but some rows are malformed and left "
            "out\n129, 130, 143 stopped by a signal; OUT is as it was",
            "weir convert orders.csv orders.arrow\nweir convert - - --from csv --to json < orders.csv\nweir convert "
            "orders.csv notes.txt --write field=note");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = convert(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
