// weir run: a flow over real files, with progress, signals and exit codes.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/dead-letter-files.h"
#include "apps/cli/driven-run.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/flow-journal.h"
#include "apps/cli/flow-versions.h"
#include "apps/cli/metrics-json.h"
#include "apps/cli/place.h"
#include "apps/cli/run-state.h"
#include "apps/cli/seal/seal-run.h"
#include "apps/cli/signal-watch.h"
#include "apps/cli/size-text.h"
#include "apps/cli/trace-export.h"
#include "apps/cli/trace-files.h"
#include "engine/runtime/otlp.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

constexpr int kOwnedByAnother = 75;

struct RunArguments {
  std::string flow, mode = "async", metrics, trace, events, otlp, clock, secrets, seal;
  native::IngressOptions ingress{};
  std::string state;
  bool resume = false, resumeChanged = false, anew = false, finishes = false;
  std::vector<std::string> sets, mounts, otlpHeaders;
  int threads = 0;
  std::string memory;
  std::uint64_t seed = 0;
  bool seeded = false, preview = false, noSocket = false, allFields = false, watch = false, keepState = false;
  std::int64_t maxErrors = -1, traceRows = 0;
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

Result<PlaceOptions> placeOf(const RunArguments& arguments, const flow::FlowDocument& document, const Plan& plan,
                             NamedTexts mounts) {
  PlaceOptions placing;
  placing.plan = &plan;
  placing.projectFolder = folderOf(arguments.flow);
  placing.mounts = std::move(mounts);
  placing.threads = arguments.threads > 0 ? arguments.threads : plan.limits.threads;
  if (arguments.mode != "async") placing.threads = 1;
  if (plan.limits.diskBytes > 0) placing.diskBytes = plan.limits.diskBytes;
  WEIR_ASSIGN(placing.secrets, native::Secrets::load(arguments.secrets));
  placing.ingress = arguments.ingress;
  placing.witnessed = !arguments.seal.empty();
  WEIR_ASSIGN(placing.network, networkLimitsOf(document.source.root(), nullptr));
  WEIR_ASSIGN(placing.proxies, native::ProxySettings::fromEnvironment());
  if (!arguments.clock.empty()) {
    WEIR_ASSIGN(const auto instant, parseInstant(arguments.clock));
    placing.frozenClockMicros = instant.seconds * 1'000'000 + instant.nanos / 1000;
  }
  return placing;
}

/// Writes what was asked for about the run, which does not hide how the run ended.
int report(const RunArguments& arguments, const Run& run, const std::string& runId, const RunResult& result, int code,
           const TraceExport* traces) {
  int ended = code;
  const auto said = [&ended](const Result<void>& written) {
    if (written) return;
    printError(written.error());
    if (ended == kDone) ended = kFailed;
  };
  if (!arguments.metrics.empty())
    said(writeText(arguments.metrics,
                   metricsJson(run.metrics(), result, code, traces != nullptr ? &traces->counts() : nullptr)));
  if (!arguments.trace.empty()) said(writeText(arguments.trace, traceJson(run)));
  if (!arguments.otlp.empty() && !isCollector(arguments.otlp)) {
    said(writeText(arguments.otlp, otlpTraces(run.traces(), run.planEver(), runId) + "\n"));
  }
  if (arguments.traceRows > 0) {
    const auto kept = keepTraces(folderOf(arguments.flow), runId, traceLines(run, runId, arguments.traceRows));
    if (!kept) said(std::unexpected(kept.error()));
  }
  return ended;
}

Result<std::optional<Seal>> sealOf(const RunArguments& arguments, const flow::FlowDocument& document, const Plan& plan,
                                   const flow::SubflowLoader& loadFlow) {
  if (arguments.seal.empty()) return std::nullopt;
  WEIR_ASSIGN(auto seal, beginSeal(document, plan, loadFlow, arguments.mode == "sync"));
  return seal;
}

Result<void> writeSeal(const RunArguments& arguments, Seal begun, const Plan& plan, const RunResult& result,
                       Place& place) {
  WEIR_ASSIGN(const auto seal, endSeal(std::move(begun), plan, result, *place.witness(), place.nativeFiles()));
  WEIR_TRY(writeText(arguments.seal, sealText(seal)));
  place.screen().lines("sealed as " + shortDigest(digestOf(seal)) + " in " + arguments.seal + "\n");
  return {};
}

/// After a run that was to be sealed, which ends with `code`: its seal is written, or it is said why there is none.
/// Gives how the program ends.
int endSealing(const RunArguments& arguments, std::optional<Seal> begun, const Plan& plan, RunResult result, int code,
               Place& place) {
  if (!begun) return code;
  // A person has ended its sources.
  if (SignalWatch::seen() > 0) result.outcome = Outcome::cancelled;
  const auto sealed = writeSeal(arguments, std::move(*begun), plan, result, place);
  if (sealed) return code;
  printError(sealed.error());
  return code == kDone ? kFailed : code;
}

/// What options that do not go together ask for. Error `settings.invalid`.
Result<void> checkMode(const RunArguments& arguments) {
  if (arguments.mode == "step" && arguments.noSocket) {
    return fail("settings.invalid", "--mode step waits for 'weir debug', which --no-socket keeps out");
  }
  if (arguments.mode == "step" && !arguments.seal.empty()) {
    return fail("settings.invalid", "--mode step lets a person change rows, and such a run is not sealed");
  }
  return {};
}

Result<NamedTexts> mountsOf(const RunArguments& arguments) {
  WEIR_ASSIGN(auto mounts, namedTexts(arguments.mounts, "--mount"));
  for (const auto& [name, folder] : mounts) {
    if (!isFolder(folder)) return fail("files.not_found", "--mount " + name + ": '" + folder + "' is no folder");
  }
  return mounts;
}

RunOptions optionsOf(const RunArguments& arguments, const Plan& plan, Clock& clock) {
  RunOptions options;
  options.mode = arguments.mode == "sync" ? RunMode::sync : arguments.mode == "step" ? RunMode::step : RunMode::async;
  options.seed = arguments.seed;
  options.runId =
      newRunId(plan, arguments.seeded || !arguments.seal.empty() ? std::optional(arguments.seed) : std::nullopt, clock);
  options.memoryLimitBytes = plan.limits.memoryBytes;
  options.preview = arguments.preview;
  if (arguments.maxErrors >= 0) options.maxErrors = arguments.maxErrors;
  if (!arguments.trace.empty()) options.executionLogBytes = 64 << 20;
  options.traceEvery = arguments.traceRows > 0 ? arguments.traceRows : arguments.otlp.empty() ? 0 : 1000;
  return options;
}

Result<int> runFlow(const RunArguments& arguments, const Shared& shared) {
  WEIR_TRY(checkMode(arguments));
  WEIR_ASSIGN(auto mounts, mountsOf(arguments));
  WEIR_ASSIGN(const auto memory, memoryOf(arguments));
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  const auto document = readFlow(arguments.flow);
  if (!document) return kUsage;
  WEIR_ASSIGN(auto planning, planOptions(arguments.flow, arguments.sets, arguments.mounts));
  planning.frozenClock = !arguments.clock.empty();
  planning.allFields = arguments.allFields || arguments.mode == "step";
  // What the flow allows holds unless the person says something else.
  if (!arguments.memory.empty() || !document->config.memoryBytes) planning.memoryBytes = memory;
  auto plan = flow::makePlan(*document, catalogue, planning);
  if (!plan) {
    printProblems(plan.error(), arguments.flow);
    return kUsage;
  }
  WEIR_ASSIGN(auto seal, sealOf(arguments, *document, *plan, planning.loadFlow));
  // A look at the flow takes nothing on for good.
  if (arguments.preview) keepInMemory(*plan);
  for (const auto* path : {&arguments.metrics, &arguments.trace, &arguments.otlp, &arguments.seal}) {
    if (!path->empty() && !(path == &arguments.otlp && isCollector(*path))) WEIR_TRY(checkWritable(*path));
  }
  WEIR_ASSIGN(auto events, EventFile::open(arguments.events));
  WEIR_ASSIGN(const auto placing, placeOf(arguments, *document, *plan, std::move(mounts)));
  Place place(placing);
  auto options = optionsOf(arguments, *plan, place.clock());
  const auto say = [&place](const std::string& text) { place.screen().lines("warning: " + text + "\n"); };
  const auto runId = options.runId;
  DeadLetterFiles deadLetters(place.files(), place.clock(), "project:.weir/dead-letters", options.runId, {}, say);
  deadLetters.prune();
  options.deadLetters = &deadLetters;
  StateArguments keeps{arguments.state, arguments.resume, arguments.resumeChanged, arguments.anew, {}, {}};
  keeps.flowFolder = placing.projectFolder;
  keeps.checkpointsTimed = document->config.checkpointEveryMs.has_value();
  auto keeping = keepState(keeps, *plan, place, options);
  if (!keeping && (keeping.error().code == "state.busy" || keeping.error().code == "journal.busy")) {
    printError(keeping.error());
    return kOwnedByAnother;
  }
  WEIR_ASSIGN(const auto kept, std::move(keeping));
  WEIR_ASSIGN(auto run, Run::make(std::move(*plan), std::move(options), place.hosts(), place.workers()));
  const FlowVersions versions(catalogue, planning, arguments.flow, run->plan(),
                              {arguments.preview, kept.state != nullptr});
  FlowWatch watch(versions, ChangeOptions{.keepState = arguments.keepState}, place.screen());
  Listening listening{runId, arguments.flow, arguments.mode == "step"};
  listening.versions = &versions;
  std::optional<TraceExport> traces;
  if (isCollector(arguments.otlp)) {
    WEIR_ASSIGN(traces, TraceExport::make(arguments.otlp, arguments.otlpHeaders, place.hosts(), runId, place.screen()));
  }
  const auto result = driveRun(
      *run, shared, place.screen(), deadLetters, events, arguments.noSocket || seal ? nullptr : &listening,
      traces ? &*traces : nullptr, arguments.watch ? &watch : nullptr,
      arguments.resume && !arguments.finishes ? FirstSignal::checkpoints : FirstSignal::drains, place.network().meter);
  const bool fenced = result.error && result.error->code == "state.fenced";
  const int code = fenced ? kOwnedByAnother : SignalWatch::exitCodeOf(result);
  tellEnd(result, deadLetters, placing.projectFolder);
  const int reported = report(arguments, *run, runId, result, code, traces ? &*traces : nullptr);
  const int ended = endSealing(arguments, std::move(seal), run->plan(), result, reported, place);
  // Nobody reads of it any more.
  run.reset();
  if (kept.journal && result.outcome == Outcome::done) kept.journal->runEnded();
  return ended;
}

}  // namespace

namespace {

CLI::Validator notNegative() {
  return {[](std::string& text) { return std::string(text.starts_with('-') ? "it is at least 0" : ""); }, ""};
}

/// What is about those who look into the run.
void addWatching(CLI::App& command, RunArguments& arguments) {
  command.add_flag("--watch", arguments.watch,
                   "Apply new versions of FLOW to the run as they are saved; what did not change runs on");
  command.add_flag("--keep-state", arguments.keepState,
                   "With --watch: nodes whose settings change go on with the state made with the old ones");
  command.add_flag("--all-fields", arguments.allFields,
                   "Read fields that no node reads too, so that 'weir tap' and 'weir debug' show them");
  command.add_flag("--no-socket", arguments.noSocket, "Do not listen for 'weir tap', 'weir top' and 'weir debug'");
}

}  // namespace

namespace {

void addTraces(CLI::App& command, RunArguments& arguments) {
  command
      .add_option("--trace-rows", arguments.traceRows,
                  "Keep the way of 1 row in N through the flow (1: of all) for 'weir trace'")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40).description(""))
      ->type_name("N");
  command
      .add_option("--otlp", arguments.otlp,
                  "Send the traces of rows to the collector at an http(s) URL while the run goes on, or write them to "
                  "a file, as OTLP JSON (OpenTelemetry); 1 row in 1,000 unless --trace-rows says another number")
      ->type_name("URL|FILE");
  addRepeated(command, "--otlp-header", arguments.otlpHeaders, "NAME=VALUE",
              "A header for the collector, such as 'Authorization=Bearer ${secret:KEY}'");
}

void addState(CLI::App& command, RunArguments& arguments) {
  auto* resume = command.add_flag(
      "--resume", arguments.resume,
      "Keep checkpoints, and go on where an interrupted run of this flow stood; with none, begin anew");
  command.add_flag("--resume-changed", arguments.resumeChanged,
                   "With --resume: also where settings of nodes that had state have changed since");
  command
      .add_flag("--finish", arguments.finishes,
                "With --resume: Ctrl-C and SIGTERM end the sources, and what is under way is finished; else a "
                "checkpoint is taken, behind which the next --resume goes on")
      ->needs(resume);
  command
      .add_flag("--anew", arguments.anew,
                "Begin anew, and throw away the rows that durable edges keep of an interrupted run")
      ->excludes(resume);
  command
      .add_option(
          "--state", arguments.state,
          "Keep checkpoints in the folder DIR, or in Redis: redis://USER:${secret:NAME}@HOST:PORT/DB (rediss:// "
          "with TLS; also WEIR_STATE); default with --resume or stateStorage file: .weir/state beside the flow")
      ->type_name("WHERE");
}

/// Where and how the webhooks of the flow are answered.
void addListening(CLI::App& command, native::IngressOptions& ingress) {
  command.add_option("--listen", ingress.listen, "Where webhooks of the flow are answered; port 0 takes any free one")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  auto* certificate =
      command
          .add_option("--tls-cert", ingress.certificateFile,
                      "Answer webhooks over TLS, with the certificates in FILE (PEM, the own one first)")
          ->type_name("FILE");
  auto* key =
      command.add_option("--tls-key", ingress.keyFile, "The key of the certificate, in PEM, without a password")
          ->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
}

/// Files that say what happened in the run.
void addReports(CLI::App& command, RunArguments& arguments) {
  command.add_option("--metrics", arguments.metrics, "Write counters of the run, its nodes and edges to FILE, as JSON")
      ->type_name("FILE");
  command
      .add_option("--trace", arguments.trace,
                  "Write what ran when to FILE, in the trace event format (Perfetto, chrome://tracing)")
      ->type_name("FILE");
}

/// Only what begins, ends and writes by itself can be held against another run.
void addSealing(CLI::App& command, RunArguments& arguments) {
  auto* seal =
      command
          .add_option(
              "--seal", arguments.seal,
              "Write the seal of the run to FILE: digests of the flow, of what it read and of what it "
              "wrote, for 'weir seal check'; the seed is 0 unless --seed says another, and nobody looks into the run")
          ->type_name("FILE");
  for (const char* other : {"--resume", "--state", "--watch", "--preview"}) seal->excludes(command.get_option(other));
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
      ->add_option(
          "--mode", arguments->mode,
          "async: all nodes at once; sync: one batch through the whole graph at a time; step: one row at a time, as "
          "'weir debug' lets it")
      ->check(oneOf("async sync step"))
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
  addReports(*command, *arguments);
  addListening(*command, arguments->ingress);
  command
      ->add_option("--secrets", arguments->secrets,
                   "A JSON file of mode 0600 with what ${secret:NAME} stands for; also read: WEIR_SECRET_NAME in the "
                   "environment")
      ->type_name("FILE");
  command
      ->add_option("--events", arguments->events,
                   "Write what happens to the run (retries, breakers, alerts) to FILE as it happens, as NDJSON")
      ->type_name("FILE");
  addTraces(*command, *arguments);
  addState(*command, *arguments);
  command->add_flag("--preview", arguments->preview, "Hold back every node that writes");
  addWatching(*command, *arguments);
  addSealing(*command, *arguments);
  command->add_flag("-q,--quiet", shared.quiet, "No progress; errors are still told");
  addFooter(
      *command,
      "0  done\n1  failed\n2  wrong usage, or the document is not valid\n3  done, with dead letters\n"
      "4  more rows failed than --max-errors allows\n5  stopped by a limit, or a deadlock\n70 a bug of ours\n"
      "74 a file could not be made safe on disk\n75 another run owns the state of the flow\n129, 130, 143 stopped by "
      "SIGHUP, Ctrl-C, SIGTERM",
      "weir run hello.flow.json --set rows=20\nweir run orders.flow.json --mount data=/srv/data --metrics m.json");
  command->callback([arguments, seed, &shared, &exitCode] {
    arguments->seeded = seed->count() > 0;
    const auto code = runFlow(*arguments, shared);
    finish(code, exitCode);
  });
}

}  // namespace weir::cli
