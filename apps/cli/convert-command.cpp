// weir convert: from any readable to any writable format.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>

#include "apps/cli/command.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/memory-nodes.h"
#include "apps/cli/progress.h"
#include "apps/cli/reading.h"
#include "apps/cli/standard-streams.h"

namespace weir::cli {
namespace {

struct ConvertArguments {
  std::string in, out, from, to;
  std::vector<std::string> readOptions, writeOptions;
};

Result<int> convert(const ConvertArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(const auto readSettings, namedTexts(arguments.readOptions, "--read"));
  WEIR_ASSIGN(const auto writeSettings, namedTexts(arguments.writeOptions, "--write"));
  WEIR_ASSIGN(const auto catalogue, loadCatalogue(shared));
  Plan plan;
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
  const auto& in = given ? given->path() : arguments.in;
  const auto& out = made ? made->path() : arguments.out;
  WEIR_ASSIGN(auto reader, readerOf(formatOf(in, arguments.from), {in}, readSettings, catalogue));
  reader.id = "read";
  WEIR_ASSIGN(auto writer, writerOf(to, out, writeSettings, catalogue));
  writer.id = "write";
  writer.depth = 1;
  const auto errors = reader.type->errorPort();
  plan.nodes.push_back(std::move(reader));
  plan.nodes.push_back(std::move(writer));
  PlannedNode failed;
  failed.id = "errors";
  failed.type = &collectorType();
  failed.inputs = failed.type->inputs;
  failed.outputs = failed.type->outputs;
  failed.depth = 1;
  plan.nodes.push_back(std::move(failed));
  plan.edges.push_back(plainEdge(0, 0, 1));
  plan.edges.push_back(plainEdge(0, errors, 2));
  PlaceOptions placing;
  placing.plan = &plan;
  Place place(placing);
  MemoryRows rows;
  std::int64_t count = 0;
  rows.onBatch([&count](const std::string&, const Batch& batch) {
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      const auto packet = errorPacketOf(batch, row);
      if (++count <= 20) std::fprintf(stderr, "error: %s [%s]\n", packet.message.c_str(), packet.code.c_str());
    }
    return true;
  });
  auto hosts = place.hosts();
  hosts.add<MemoryRows>(rows);
  WEIR_ASSIGN(const auto run, Run::make(std::move(plan), RunOptions{}, hosts, place.workers()));
  ProgressOptions drawing;
  drawing.quiet = shared.quiet || ::isatty(STDERR_FILENO) == 0;
  drawing.terminal = true;
  Progress progress(*run, drawing, place.screen());
  const auto result = run->drive();
  progress.stop(result.error ? "failed after" : "done in");
  if (result.error) {
    printError(*result.error);
    return result.exitCode();
  }
  if (made) WEIR_TRY(copyToOutput(made->path()));
  std::fprintf(stderr, "%s rows written to %s, %s failed\n", grouped(run->metrics().nodes[1].rowsIn).c_str(),
               made ? "standard output" : arguments.out.c_str(), grouped(count).c_str());
  return count > 0 ? kDeadLetters : kDone;
}

}  // namespace

void addConvert(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("convert", "Convert a file from any readable to any writable format");
  auto arguments = std::make_shared<ConvertArguments>();
  command->add_option("in", arguments->in, "The file to read; - is standard input")->required();
  command->add_option("out", arguments->out, "The file to write; its ending says the format; - is standard output")
      ->required();
  command->add_option("--from", arguments->from, "csv, json, arrow or text");
  command->add_option("--to", arguments->to, "csv, json, arrow or text");
  command->add_option("--read", arguments->readOptions, "A setting of the reader: name=value (may be repeated)");
  command->add_option("--write", arguments->writeOptions, "A setting of the writer: name=value (may be repeated)");
  command->add_flag("-q,--quiet", shared.quiet, "No progress");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = convert(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
