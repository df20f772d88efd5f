// weir run: a flow over real files, with progress, signals and exit codes.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "apps/cli/command.h"
#include "apps/cli/dead-letter-files.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/metrics-json.h"
#include "apps/cli/place.h"
#include "apps/cli/progress.h"
#include "apps/cli/size-text.h"
#include "engine/data/hash.h"
#include "engine/data/value-json.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

struct RunArguments {
  std::string flow, mode = "async", metrics, trace, clock;
  std::vector<std::string> sets, mounts;
  int threads = 0;
  std::string memory;
  std::uint64_t seed = 0;
  bool seeded = false, preview = false;
  std::int64_t maxErrors = -1;
};

std::atomic<int> signalsSeen{0};
std::atomic<int> lastSignal{0};

extern "C" void onSignal(int number) {
  lastSignal.store(number);
  signalsSeen.fetch_add(1);
}

/// Turns signals into drain (the first) and cancel (the second).
class SignalWatch {
 public:
  SignalWatch(Run& run, Screen& screen) : run_(run), screen_(screen) {
    signalsSeen.store(0);
    std::signal(SIGINT, onSignal);
    std::signal(SIGTERM, onSignal);
    // A reader of our progress that goes away does not end the run.
    std::signal(SIGPIPE, SIG_IGN);
    thread_ = std::thread([this] { watch(); });
  }
  ~SignalWatch() {
    over_.store(true);
    thread_.join();
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  }

 private:
  void watch() {
    int handled = 0;
    while (!over_.load()) {
      const int seen = signalsSeen.load();
      if (seen > handled && handled == 0) {
        screen_.lines("stopping: sources end, what is under way is finished; once more stops at once\n");
        run_.drain();
      }
      if (seen > 1 && handled <= 1) run_.cancel();
      handled = seen;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  Run& run_;
  Screen& screen_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

std::int64_t defaultMemory() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto size = ::sysconf(_SC_PAGESIZE);
  const auto half = static_cast<std::int64_t>(pages) * size / 2;
  return std::clamp<std::int64_t>(half, 256 << 20, std::int64_t{4} << 30);
}

Result<std::int64_t> memoryOf(const RunArguments& arguments) {
  if (arguments.memory.empty()) return defaultMemory();
  const auto bytes = parseSize(arguments.memory);
  if (!bytes || *bytes < (8 << 20)) {
    return fail("settings.range",
                "--memory '" + arguments.memory + "': give a size of at least 8MiB, such as 512MiB or 2GiB");
  }
  return *bytes;
}

std::string_view outcomeText(const RunResult& result) {
  if (result.outcome == Outcome::cancelled || signalsSeen.load() > 0) return "stopped after";
  return result.outcome == Outcome::done ? "done in" : "failed after";
}

/// Where the dead letters are, as the person who called would write it.
std::string shownPath(const DeadLetterFiles& deadLetters, const std::string& projectFolder) {
  const std::string_view inside = deadLetters.path();
  const auto path = projectFolder + "/" + std::string(inside.substr(inside.find(':') + 1));
  return std::filesystem::path(path).lexically_proximate(std::filesystem::current_path()).string();
}

void tellEnd(const RunResult& result, const DeadLetterFiles& deadLetters, const std::string& projectFolder) {
  if (result.error && result.outcome != Outcome::cancelled) {
    const auto where = result.node.empty() ? std::string() : "node '" + result.node + "': ";
    std::fprintf(stderr, "error: %s%s [%.*s]\n", where.c_str(), result.error->message.c_str(),
                 static_cast<int>(result.error->code.size()), result.error->code.data());
  }
  if (result.deadLetters == 0) return;
  std::fprintf(stderr, "%s dead letter%s in %s:\n", grouped(result.deadLetters).c_str(),
               result.deadLetters == 1 ? "" : "s", shownPath(deadLetters, projectFolder).c_str());
  for (const auto& [code, count] : result.errorsByCode) {
    std::fprintf(stderr, "  %s  %s\n", grouped(count).c_str(), code.c_str());
  }
  for (const auto& packet : deadLetters.firstFew()) {
    std::fprintf(stderr, "  %s: %s  %s\n", packet.nodeId.c_str(), packet.message.c_str(),
                 toJson(packet.row).substr(0, 200).c_str());
  }
}

std::string runIdOf(const Plan& plan, const RunArguments& arguments, Clock& clock) {
  // With a seed the id is a function of document and seed, so that trace ids can be compared between runs.
  const auto mark = arguments.seeded ? arguments.seed
                                     : static_cast<std::uint64_t>(clock.nowMicros()) * 1'000'003U +
                                           static_cast<std::uint64_t>(::getpid());
  char text[32];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash::combine(plan.documentHash, mark)));
  return text;
}

Result<int> runFlow(const RunArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(const auto mounts, namedTexts(arguments.mounts, "--mount"));
  for (const auto& [name, folder] : mounts) {
    if (!std::filesystem::is_directory(folder))
      return fail("files.not_found", "--mount " + name + ": '" + folder + "' is no folder");
  }
  WEIR_ASSIGN(const auto memory, memoryOf(arguments));
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  const auto document = readFlow(arguments.flow);
  if (!document) return kUsage;
  WEIR_ASSIGN(auto planning, planOptions(arguments.flow, arguments.sets, arguments.mounts));
  planning.frozenClock = !arguments.clock.empty();
  planning.memoryBytes = memory;
  auto plan = flow::makePlan(*document, catalogue, planning);
  if (!plan) {
    printProblems(plan.error(), arguments.flow);
    return kUsage;
  }
  PlaceOptions placing;
  placing.projectFolder = folderOf(arguments.flow);
  placing.mounts = mounts;
  placing.threads = arguments.threads > 0 ? arguments.threads : plan->limits.threads;
  if (arguments.mode == "sync") placing.threads = 1;
  if (plan->limits.diskBytes > 0) placing.diskBytes = plan->limits.diskBytes;
  if (!arguments.clock.empty()) {
    WEIR_ASSIGN(const auto instant, parseInstant(arguments.clock));
    placing.frozenClockMicros = instant.seconds * 1'000'000 + instant.nanos / 1000;
  }
  placing.plan = &*plan;
  Place place(placing);
  RunOptions options;
  options.mode = arguments.mode == "sync" ? RunMode::sync : RunMode::async;
  options.seed = arguments.seed;
  options.runId = runIdOf(*plan, arguments, place.clock());
  options.memoryLimitBytes = memory;
  options.preview = arguments.preview;
  if (arguments.maxErrors >= 0) options.maxErrors = arguments.maxErrors;
  if (!arguments.trace.empty()) options.executionLogBytes = 64 << 20;
  DeadLetterFiles deadLetters(place.files(), "project:.weir/dead-letters", options.runId);
  options.deadLetters = &deadLetters;
  WEIR_ASSIGN(const auto run, Run::make(std::move(*plan), std::move(options), place.hosts(), place.workers()));
  RunResult result;
  {
    ProgressOptions drawing;
    drawing.quiet = shared.quiet;
    drawing.terminal = ::isatty(STDERR_FILENO) != 0;
    Progress progress(*run, drawing, place.screen());
    const SignalWatch watch(*run, place.screen());
    result = run->drive();
    progress.stop(outcomeText(result));
  }
  tellEnd(result, deadLetters, placing.projectFolder);
  if (!arguments.metrics.empty()) WEIR_TRY(writeText(arguments.metrics, metricsJson(run->metrics(), result)));
  if (!arguments.trace.empty()) WEIR_TRY(writeText(arguments.trace, traceJson(*run)));
  if (signalsSeen.load() > 0) return 128 + lastSignal.load();
  return result.exitCode();
}

}  // namespace

void addRun(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("run", "Run a flow");
  auto arguments = std::make_shared<RunArguments>();
  command->add_option("flow", arguments->flow, "The flow document (NAME.flow.json)")->required();
  command->add_option("--set", arguments->sets, "A parameter: name=value (may be repeated)");
  command->add_option("--mount", arguments->mounts,
                      "A folder that paths may name: name=DIR, then name:path (may be repeated)");
  command->add_option("--nodes", shared.nodeFolders, "A folder of node packages (may be repeated)");
  command->add_option("--threads", arguments->threads, "Workers; default: all processors")->check(CLI::Range(1, 1024));
  command->add_option("--memory", arguments->memory,
                      "The most that rows may take, such as 512MiB; default: half of the machine, 4 GiB at most");
  command->add_option("--mode", arguments->mode, "async, or sync: one batch through the whole graph at a time")
      ->check(CLI::IsMember({"async", "sync"}));
  auto* seed = command->add_option("--seed", arguments->seed, "For random nodes and the run's id");
  command->add_option("--clock", arguments->clock, "Freeze the clock at this time, such as 2026-01-31T10:00:00Z");
  command->add_option("--max-errors", arguments->maxErrors,
                      "Dead letters that end the run; 0: the first; default: 1,000 or 1 % of the rows");
  command->add_option("--metrics", arguments->metrics, "Write counters of nodes and edges to this file, as JSON");
  command->add_option("--trace", arguments->trace,
                      "Write executions to this file, in the trace event format (Perfetto)");
  command->add_flag("--preview", arguments->preview, "Hold back every node that writes");
  command->add_flag("-q,--quiet", shared.quiet, "No progress");
  command->footer(
      "Exit codes: 0 done, 1 failed, 2 usage or invalid document, 3 done with dead letters, 4 too many errors,\n5 "
      "stopped by a limit or deadlock, 70 bug, 74 fsync failed, 130/143 signal");
  command->callback([arguments, seed, &shared, &exitCode] {
    arguments->seeded = seed->count() > 0;
    const auto code = runFlow(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
