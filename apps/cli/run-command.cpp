// weir run: a flow over real files, with progress, signals and exit codes.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/dead-letter-files.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/metrics-json.h"
#include "apps/cli/place.h"
#include "apps/cli/progress.h"
#include "apps/cli/signal-watch.h"
#include "apps/cli/size-text.h"
#include "engine/data/hash.h"
#include "engine/data/value-json.h"
#include "engine/text/printable.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

struct RunArguments {
  std::string flow, mode = "async", metrics, trace, clock, secrets;
  std::vector<std::string> sets, mounts;
  int threads = 0;
  std::string memory;
  std::uint64_t seed = 0;
  bool seeded = false, preview = false;
  std::int64_t maxErrors = -1;
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
  if (result.outcome == Outcome::cancelled || (result.outcome == Outcome::done && SignalWatch::seen() > 0))
    return "stopped after";
  return result.outcome == Outcome::done ? "done in" : "failed after";
}

/// Where the dead letters are, as the person who called would write it.
std::string shownPath(const DeadLetterFiles& deadLetters, const std::string& projectFolder) {
  const std::string_view inside = deadLetters.path();
  const auto path = projectFolder + "/" + std::string(inside.substr(inside.find(':') + 1));
  std::error_code gone;  // the folder that the person is in
  const auto here = std::filesystem::current_path(gone);
  return gone ? path : std::filesystem::path(path).lexically_proximate(here).string();
}

void tellEnd(const RunResult& result, const DeadLetterFiles& deadLetters, const std::string& projectFolder) {
  const auto& lost = deadLetters.failure();
  if (lost && (!result.error || result.error->message != lost->message)) printError(*lost);
  if (result.error && result.outcome != Outcome::cancelled) {
    const auto where = result.node.empty() ? std::string() : "node '" + result.node + "': ";
    std::fprintf(stderr, "error: %s%s [%.*s]\n", printable(where).c_str(), printable(result.error->message).c_str(),
                 static_cast<int>(result.error->code.size()), result.error->code.data());
  }
  if (result.deadLetters == 0) return;
  const auto kept = lost ? ", not kept" : " in " + shownPath(deadLetters, projectFolder);
  std::fprintf(stderr, "%s dead letter%s%s:\n", grouped(result.deadLetters).c_str(), result.deadLetters == 1 ? "" : "s",
               kept.c_str());
  for (const auto& [code, count] : result.errorsByCode) {
    std::fprintf(stderr, "  %s  %s\n", grouped(count).c_str(), code.c_str());
  }
  for (const auto& packet : deadLetters.firstFew()) {
    std::fprintf(stderr, "  %s: %s  %s\n", printable(packet.nodeId).c_str(), printable(packet.message).c_str(),
                 printable(toJson(packet.row).substr(0, 200)).c_str());
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

Result<PlaceOptions> placeOf(const RunArguments& arguments, const Plan& plan, NamedTexts mounts) {
  PlaceOptions placing;
  placing.plan = &plan;
  placing.projectFolder = folderOf(arguments.flow);
  placing.mounts = std::move(mounts);
  placing.threads = arguments.threads > 0 ? arguments.threads : plan.limits.threads;
  if (arguments.mode == "sync") placing.threads = 1;
  if (plan.limits.diskBytes > 0) placing.diskBytes = plan.limits.diskBytes;
  WEIR_ASSIGN(placing.secrets, native::Secrets::load(arguments.secrets));
  WEIR_ASSIGN(placing.proxies, native::ProxySettings::fromEnvironment());
  if (!arguments.clock.empty()) {
    WEIR_ASSIGN(const auto instant, parseInstant(arguments.clock));
    placing.frozenClockMicros = instant.seconds * 1'000'000 + instant.nanos / 1000;
  }
  return placing;
}

/// Runs it to its end, with progress and signals.
RunResult drive(Run& run, const Shared& shared, Screen& screen) {
  ProgressOptions drawing;
  drawing.quiet = shared.quiet;
  drawing.terminal = drawsInPlace();
  Progress progress(run, drawing, screen);
  const SignalWatch watch(run, screen);
  auto result = run.drive();
  progress.stop(outcomeText(result));
  return result;
}

/// Writes what was asked for about the run, which does not hide how the run ended.
int report(const RunArguments& arguments, const Run& run, const RunResult& result, int code) {
  int ended = code;
  const auto said = [&ended](const Result<void>& written) {
    if (written) return;
    printError(written.error());
    if (ended == kDone) ended = kFailed;
  };
  if (!arguments.metrics.empty()) said(writeText(arguments.metrics, metricsJson(run.metrics(), result, code)));
  if (!arguments.trace.empty()) said(writeText(arguments.trace, traceJson(run)));
  return ended;
}

Result<int> runFlow(const RunArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(auto mounts, namedTexts(arguments.mounts, "--mount"));
  for (const auto& [name, folder] : mounts) {
    if (!isFolder(folder)) return fail("files.not_found", "--mount " + name + ": '" + folder + "' is no folder");
  }
  WEIR_ASSIGN(const auto memory, memoryOf(arguments));
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  const auto document = readFlow(arguments.flow);
  if (!document) return kUsage;
  WEIR_ASSIGN(auto planning, planOptions(arguments.flow, arguments.sets, arguments.mounts));
  planning.frozenClock = !arguments.clock.empty();
  // What the flow allows holds unless the person says something else.
  if (!arguments.memory.empty() || !document->config.memoryBytes) planning.memoryBytes = memory;
  auto plan = flow::makePlan(*document, catalogue, planning);
  if (!plan) {
    printProblems(plan.error(), arguments.flow);
    return kUsage;
  }
  for (const auto* path : {&arguments.metrics, &arguments.trace}) {
    if (!path->empty()) WEIR_TRY(checkWritable(*path));
  }
  WEIR_ASSIGN(const auto placing, placeOf(arguments, *plan, std::move(mounts)));
  Place place(placing);
  RunOptions options;
  options.mode = arguments.mode == "sync" ? RunMode::sync : RunMode::async;
  options.seed = arguments.seed;
  options.runId = runIdOf(*plan, arguments, place.clock());
  options.memoryLimitBytes = plan->limits.memoryBytes;
  options.preview = arguments.preview;
  if (arguments.maxErrors >= 0) options.maxErrors = arguments.maxErrors;
  if (!arguments.trace.empty()) options.executionLogBytes = 64 << 20;
  DeadLetterFiles deadLetters(place.files(), "project:.weir/dead-letters", options.runId);
  options.deadLetters = &deadLetters;
  WEIR_ASSIGN(const auto run, Run::make(std::move(*plan), std::move(options), place.hosts(), place.workers()));
  const auto result = drive(*run, shared, place.screen());
  const int code = SignalWatch::exitCodeOf(result);
  tellEnd(result, deadLetters, placing.projectFolder);
  return report(arguments, *run, result, code);
}

}  // namespace

namespace {

CLI::Validator notNegative() {
  return {[](std::string& text) { return std::string(text.starts_with('-') ? "it is at least 0" : ""); }, ""};
}

}  // namespace

void addRun(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "run", "Run a flow.\nShows its progress on standard error: a table on a terminal, plain lines in a pipe.");
  auto arguments = std::make_shared<RunArguments>();
  command->add_option("FLOW", arguments->flow, "The flow document (NAME.flow.json)")->required();
  addParameters(*command, arguments->sets);
  addRepeated(*command, "--mount", arguments->mounts, "NAME=DIR", "A folder that paths of the flow name as NAME:path");
  addNodeFolders(*command, shared);
  addThreads(*command, arguments->threads);
  command
      ->add_option("--memory", arguments->memory,
                   "The most that rows may take, such as 512MiB; default: half of the machine's, 4GiB at most")
      ->type_name("SIZE");
  command
      ->add_option("--mode", arguments->mode,
                   "async: all nodes at once; sync: one batch through the whole graph at a time")
      ->check(oneOf("async sync"))
      ->type_name("MODE")
      ->capture_default_str();
  auto* seed = command
                   ->add_option("--seed", arguments->seed,
                                "A number for random nodes and the run's id; default: other ones in every run")
                   ->check(notNegative())
                   ->type_name("N");
  command->add_option("--clock", arguments->clock, "Freeze the clock at this time, such as 2026-01-31T10:00:00Z")
      ->type_name("TIME");
  command
      ->add_option("--max-errors", arguments->maxErrors,
                   "How many dead letters are allowed; 0: the first ends the run; default: as the flow says, else "
                   "1,000 or 1 % of the rows, whichever is more")
      ->check(notNegative())
      ->type_name("N");
  command
      ->add_option("--metrics", arguments->metrics, "Write counters of the run, its nodes and edges to FILE, as JSON")
      ->type_name("FILE");
  command
      ->add_option("--trace", arguments->trace,
                   "Write what ran when to FILE, in the trace event format (Perfetto, chrome://tracing)")
      ->type_name("FILE");
  command
      ->add_option("--secrets", arguments->secrets,
                   "A JSON file of mode 0600 with what ${secret:NAME} stands for; also read: WEIR_SECRET_NAME in the "
                   "environment")
      ->type_name("FILE");
  command->add_flag("--preview", arguments->preview, "Hold back every node that writes");
  command->add_flag("-q,--quiet", shared.quiet, "No progress; errors are still told");
  addFooter(
      *command,
      "0  done\n1  failed\n2  wrong usage, or the document is not valid\n3  done, with dead letters\n"
      "4  more rows failed than --max-errors allows\n5  stopped by a limit, or a deadlock\n70 a bug of ours\n"
      "74 a file could not be made safe on disk\n129, 130, 143 stopped by SIGHUP, Ctrl-C, SIGTERM",
      "weir run hello.flow.json --set rows=20\nweir run orders.flow.json --mount data=/srv/data --metrics m.json");
  command->callback([arguments, seed, &shared, &exitCode] {
    arguments->seeded = seed->count() > 0;
    const auto code = runFlow(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
