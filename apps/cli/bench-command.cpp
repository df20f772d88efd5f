// weir bench: a flow run several times, with medians.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/place.h"
#include "apps/cli/progress.h"
#include "apps/cli/signal-watch.h"
#include "engine/runtime/run.h"

namespace weir::cli {
namespace {

struct BenchArguments {
  std::string flow;
  std::vector<std::string> sets;
  int runs = 5, threads = 0;
};

struct Measured {
  std::int64_t micros = 0, rows = 0, peakBytes = 0;
  int stopped = 0;  // by a signal: how the program ends
};

Result<Measured> runOnce(const flow::FlowDocument& document, const Catalogue& catalogue,
                         const BenchArguments& arguments) {
  WEIR_ASSIGN(const auto planning, planOptions(arguments.flow, arguments.sets));
  auto plan = flow::makePlan(document, catalogue, planning);
  if (!plan) {
    printProblems(plan.error(), arguments.flow);
    return std::unexpected(flow::toError(plan.error()));
  }
  PlaceOptions placing;
  placing.projectFolder = folderOf(arguments.flow);
  placing.threads = arguments.threads > 0 ? arguments.threads : plan->limits.threads;
  placing.plan = &*plan;
  Place place(placing);
  WEIR_ASSIGN(const auto run, Run::make(std::move(*plan), RunOptions{}, place.hosts(), place.workers()));
  const SignalWatch watch(*run, place.screen(), FirstSignal::cancels);
  const auto result = run->drive();
  if (SignalWatch::seen() > 0) return Measured{.stopped = SignalWatch::exitCodeOf(result)};
  if (result.error) return std::unexpected(*result.error);
  const auto metrics = run->metrics();
  Measured measured{.micros = result.elapsedMicros, .peakBytes = metrics.peakBytes};
  for (const auto& node : metrics.nodes) measured.rows = std::max({measured.rows, node.rowsIn, node.rowsOut});
  return measured;
}

Result<int> bench(const BenchArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(const auto catalogue, loadCatalogue(shared));
  const auto document = readFlow(arguments.flow);
  if (!document) return kUsage;
  std::vector<Measured> runs;
  for (int i = 0; i < arguments.runs; ++i) {
    WEIR_ASSIGN(auto measured, runOnce(*document, catalogue, arguments));
    if (measured.stopped != 0) {
      std::fprintf(stderr, "stopped in run %d; nothing was written by it\n", i + 1);
      return measured.stopped;
    }
    runs.push_back(measured);
    std::printf("run %d: %s, %s rows, %s at most\n", i + 1, timeText(measured.micros).c_str(),
                grouped(measured.rows).c_str(), bytesText(measured.peakBytes).c_str());
  }
  std::ranges::sort(runs, {}, &Measured::micros);
  const auto& median = runs[runs.size() / 2];
  const auto rate = static_cast<double>(median.rows) / static_cast<double>(std::max<std::int64_t>(1, median.micros));
  std::printf("median: %s, %.2f M rows/s\n", timeText(median.micros).c_str(), rate);
  return kDone;
}

}  // namespace

void addBench(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "bench", "Run a flow several times and print the median.\nTime, rows a second, and the most memory rows took.");
  auto arguments = std::make_shared<BenchArguments>();
  command->add_option("FLOW", arguments->flow, "The flow document")->required();
  command->add_option("--runs", arguments->runs, "How often, 1 to 1000")
      ->check(CLI::Range(1, 1000).description(""))
      ->type_name("N")
      ->capture_default_str();
  addThreads(*command, arguments->threads);
  addParameters(*command, arguments->sets);
  addNodeFolders(*command, shared);
  addFooter(*command,
            "0 done\n1 a run failed\n2 wrong usage, or the document is not valid\n129, 130, 143 stopped by a signal",
            "weir bench hello.flow.json --set rows=10000000 --runs 9");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = bench(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
