// weir bench: a flow run several times, with medians; or a suite of scenarios of load.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/bench-http.h"
#include "apps/cli/bench-load.h"
#include "apps/cli/bench-report.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/place.h"
#include "apps/cli/progress.h"
#include "apps/cli/signal-watch.h"
#include "engine/json/writer.h"
#include "engine/runtime/run.h"

namespace weir::cli {
namespace {

struct BenchArguments {
  std::string flow;
  std::vector<std::string> sets;
  int runs = 5, threads = 0;
  std::string suite, only, json, html;
  bool quick = false, schema = false;
  BenchTarget target;
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

/// The scenarios that were asked for.
Result<flow::BenchSuite> readSuite(const BenchArguments& arguments) {
  const bool standard = arguments.suite == "standard";
  std::string text(flow::standardBenchSuite());
  if (!standard) {
    WEIR_ASSIGN(text, readText(arguments.suite));
  }
  auto suite = flow::parseBenchSuite(text);
  if (!suite) {
    printProblems(suite.error(), arguments.suite);
    return std::unexpected(flow::toError(suite.error()));
  }
  if (!arguments.only.empty()) {
    std::string names;
    for (const auto& scenario : suite->scenarios) names += (names.empty() ? "'" : ", '") + scenario.name + "'";
    std::erase_if(suite->scenarios, [&](const auto& scenario) { return scenario.name != arguments.only; });
    if (suite->scenarios.empty()) {
      return fail("settings.invalid",
                  "--only '" + arguments.only + "': the suite has no such scenario; it has " + names);
    }
  }
  if (standard && !arguments.target.url.empty()) {
    // What the engine itself reaches says nothing about a server behind a network.
    for (auto& scenario : suite->scenarios) scenario.expectP99Ms = scenario.expectMessagesPerSecond = std::nullopt;
  }
  if (arguments.quick) {
    for (auto& scenario : suite->scenarios) scenario.durationMs = std::min<std::int64_t>(scenario.durationMs, 1500);
  }
  return std::move(*suite);
}

/// Exit code 1 also if what a scenario expects did not hold.
Result<int> benchSuite(const BenchArguments& arguments, const Shared& shared) {
  const auto suite = readSuite(arguments);
  if (!suite) {
    if (suite.error().code == "settings.invalid") return std::unexpected(suite.error());
    return suite.error().code.starts_with("files.") ? Result<int>(std::unexpected(suite.error())) : kUsage;
  }
  for (const auto* path : {&arguments.json, &arguments.html}) {
    if (!path->empty()) WEIR_TRY(checkWritable(*path));
  }
  WEIR_ASSIGN(const auto catalogue, loadCatalogue(shared));
  std::vector<BenchResult> results;
  bool missed = false;
  for (const auto& scenario : suite->scenarios) {
    WEIR_ASSIGN(auto result, arguments.target.url.empty() ? runScenario(scenario, catalogue, arguments.threads)
                                                          : runAgainst(arguments.target, scenario));
    if (result.stopped != 0) return result.stopped;
    std::printf("%s%s", results.empty() ? "" : "\n", benchText(result).c_str());
    std::fflush(stdout);
    missed = missed || !result.missed.empty();
    results.push_back(std::move(result));
  }
  if (!arguments.json.empty()) WEIR_TRY(writeText(arguments.json, benchJson(suite->name, results)));
  if (!arguments.html.empty()) WEIR_TRY(writeText(arguments.html, benchPage(suite->name, results)));
  return missed ? kFailed : kDone;
}

Result<int> benchEither(const BenchArguments& arguments, const Shared& shared) {
  if (arguments.schema) {
    std::printf("%s\n", json::write(flow::benchSuiteSchema(), json::Layout::pretty).c_str());
    return kDone;
  }
  const bool suite = !arguments.suite.empty();
  if (suite == !arguments.flow.empty()) {
    std::fprintf(stderr,
                 "error: weir bench measures a flow or a suite: weir bench FLOW, or weir bench --suite standard\n");
    return kUsage;
  }
  if (!suite && !arguments.target.url.empty()) {
    std::fprintf(stderr, "error: --url is for suites: weir bench --suite standard --url %s\n",
                 arguments.target.url.c_str());
    return kUsage;
  }
  return suite ? benchSuite(arguments, shared) : bench(arguments, shared);
}

}  // namespace

void addBench(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "bench",
      "Run a flow several times and print the median, or a suite of scenarios of load.\nOf a flow: time, rows a "
      "second, and the most memory rows took.\nOf a scenario: throughput, latency, errors, backpressure events.");
  auto arguments = std::make_shared<BenchArguments>();
  command->add_option("FLOW", arguments->flow, "The flow document");
  command
      ->add_option("--suite", arguments->suite,
                   "Run scenarios instead: standard, or a file of them (its JSON Schema: --suite-schema)")
      ->type_name("NAME|FILE");
  command->add_option("--only", arguments->only, "Of the suite, only the scenario of this name")->type_name("NAME");
  command
      ->add_option("--url", arguments->target.url,
                   "Send the suite's messages to this server instead, as POST requests: a webhook of a flow, or any "
                   "other")
      ->type_name("URL");
  addRepeated(*command, "--header", arguments->target.headers, "NAME=VALUE", "A header of those requests");
  command->add_flag("--quick", arguments->quick, "Cut every scenario to 1.5 s");
  command->add_option("--json", arguments->json, "Write the suite's report to FILE, as JSON")->type_name("FILE");
  command->add_option("--html", arguments->html, "Write the suite's report to FILE, as a page with charts")
      ->type_name("FILE");
  command->add_flag("--suite-schema", arguments->schema, "Print the JSON Schema of suites");
  command->add_option("--runs", arguments->runs, "How often, 1 to 1000")
      ->check(CLI::Range(1, 1000).description(""))
      ->type_name("N")
      ->capture_default_str();
  addThreads(*command, arguments->threads);
  addParameters(*command, arguments->sets);
  addNodeFolders(*command, shared);
  addFooter(*command,
            "0 done\n1 a run failed, or a scenario missed what it expects\n2 wrong usage, or the document is not "
            "valid\n129, 130, 143 stopped by a signal",
            "weir bench hello.flow.json --set rows=10000000 --runs 9\nweir bench --suite standard --quick --html "
            "report.html\nweir bench --suite standard --url http://127.0.0.1:8080/hooks/in");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = benchEither(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
