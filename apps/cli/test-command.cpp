// weir test: flows with given rows, compared with the rows they should give.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/place.h"
#include "apps/cli/signal-watch.h"
#include "apps/cli/test-run.h"
#include "engine/flow/flow-test.h"
#include "engine/runtime/run.h"

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

/// Every NAME.test.json that has a flow beside it, in order of paths.
std::vector<std::string> testFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  const auto take = [&found](const fs::path& path) {
    if (path.string().ends_with(".test.json")) found.push_back(path.string());
  };
  for (const auto& path : paths) {
    if (!isFolder(path)) {
      auto name = path;
      if (name.ends_with(".flow.json")) name.replace(name.size() - 10, 10, ".test.json");
      found.push_back(name);
      continue;
    }
    std::error_code error;
    for (fs::recursive_directory_iterator at(path, error), end; at != end && !error; at.increment(error))
      take(at->path());
  }
  std::ranges::sort(found);
  return found;
}

/// What is wrong, or empty.
Result<std::string> runTest(const flow::FlowDocument& document, const std::string& path, const Catalogue& catalogue,
                            const flow::FlowTest& test) {
  WEIR_ASSIGN(auto planning, planOptions(path, {}));
  planning.parameters = test.parameters;
  planning.mounts.reset();  // sources are replaced: nothing needs to be there
  planning.frozenClock = true;
  auto plan = flow::makePlan(document, catalogue, planning);
  if (!plan) return flow::toError(plan.error()).message;
  MemoryRows rows;
  WEIR_TRY(replaceEnds(*plan, test, rows));
  TestRowsGot got;
  got.takeFrom(rows);
  PlaceOptions placing;
  placing.projectFolder = folderOf(path);
  placing.threads = 1;
  WEIR_ASSIGN(placing.frozenClockMicros, clockMicrosOf(test));
  placing.plan = &*plan;
  Place place(placing);
  auto hosts = place.hosts();
  hosts.add<MemoryRows>(rows);
  RunOptions options;
  options.mode = RunMode::sync;
  options.seed = test.seed;
  options.runId = "test";
  WEIR_ASSIGN(const auto run, Run::make(std::move(*plan), std::move(options), hosts, place.workers()));
  const SignalWatch watch(*run, place.screen(), FirstSignal::cancels);
  const auto result = run->drive();
  if (SignalWatch::seen() > 0) return std::string("stopped by a signal");
  return got.difference(test, result);
}

struct Counts {
  int passed = 0, failed = 0;
  int stopped = 0;  // by this signal
};

void runFile(const std::string& file, const Catalogue& catalogue, Counts& counts) {
  const auto flowPath = file.substr(0, file.size() - 10) + ".flow.json";
  const auto text = readText(file);
  const auto document = text ? readFlow(flowPath) : std::nullopt;
  if (!text) printError(text.error());
  const auto tests = text ? flow::parseFlowTests(*text) : std::vector<flow::FlowTest>{};
  if (!tests) printProblems(tests.error(), file);
  if (!document || !tests) {
    ++counts.failed;
    return;
  }
  for (const auto& test : *tests) {
    const auto wrong = runTest(*document, flowPath, catalogue, test);
    const auto why = wrong ? *wrong : wrong.error().message;
    counts.stopped = SignalWatch::seen();
    if (why.empty()) {
      ++counts.passed;
      std::printf("ok    %s: %s\n", file.c_str(), test.name.c_str());
    } else {
      ++counts.failed;
      std::printf("FAIL  %s: %s\n      %s\n", file.c_str(), test.name.c_str(), why.c_str());
    }
    if (counts.stopped > 0) return;
  }
}

}  // namespace

void addTest(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("test",
                                     "Run the tests beside flows (NAME.test.json).\nThe tests' rows take the place of "
                                     "sources, what sinks would get is "
                                     "compared, nothing is\nwritten, and the clock is frozen.");
  auto paths = std::make_shared<std::vector<std::string>>();
  command->add_option("PATHS", *paths, "Test files, flows or folders; default: this folder and those in it");
  addNodeFolders(*command, shared);
  addFooter(*command, "0 all pass\n1 one fails, or cannot be read\n2 wrong usage\n129, 130, 143 stopped by a signal",
            "weir test\nweir test orders.flow.json examples/");
  command->callback([paths, &shared, &exitCode] {
    const auto catalogue = loadCatalogue(shared);
    if (!catalogue) {
      printError(catalogue.error());
      exitCode = kUsage;
      return;
    }
    Counts counts;
    for (const auto& file : testFiles(paths->empty() ? std::vector<std::string>{"."} : *paths)) {
      if (counts.stopped == 0) runFile(file, *catalogue, counts);
    }
    std::printf("%d passed, %d failed%s\n", counts.passed, counts.failed,
                counts.stopped > 0 ? "; stopped, the others were not run" : "");
    exitCode = counts.stopped > 0 ? 128 + counts.stopped : counts.failed == 0 ? kDone : kFailed;
  });
}

}  // namespace weir::cli
