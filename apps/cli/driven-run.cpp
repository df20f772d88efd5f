// Progress, signals, and the last words about a run.
#include "apps/cli/driven-run.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "apps/cli/network-limits.h"
#include "apps/cli/progress.h"
#include "apps/cli/signal-watch.h"
#include "engine/data/hash.h"
#include "engine/data/value-json.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

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

}  // namespace

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

std::string newRunId(const Plan& plan, std::optional<std::uint64_t> seed, Clock& clock) {
  const auto mark =
      seed ? *seed
           : static_cast<std::uint64_t>(clock.nowMicros()) * 1'000'003U + static_cast<std::uint64_t>(::getpid());
  char text[32];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash::combine(plan.documentHash, mark)));
  return text;
}

RunResult driveRun(Run& run, const Shared& shared, Screen& screen, DeadLetterFiles& letters, EventFile& events,
                   const Listening* listening, TraceExport* traces, FlowWatch* versions, FirstSignal first,
                   std::shared_ptr<native::NetworkMeter> meter) {
  ProgressOptions drawing;
  drawing.quiet = shared.quiet;
  drawing.terminal = drawsInPlace();
  // Who finds the run by its socket may send it signals at once.
  const SignalWatch watch(run, screen, first);
  std::optional<Error> unreachable;
  std::unique_ptr<native::LiveListener> listener;
  if (listening != nullptr) {
    auto opened = listen(*listening, run, screen);
    if (opened) {
      listener = std::move(*opened);
    } else {
      unreachable = std::move(opened.error());
      run.cancel();
    }
  }
  Progress progress(run, drawing, screen);
  RunKeeper keeper(run, letters, events, screen, shared.quiet, traces, versions, std::move(meter));
  auto result = run.drive();
  keeper.stop();
  endAtLimit(result, keeper.overEgress());
  if (traces != nullptr) traces->finish(run);
  if (unreachable) {
    result.outcome = Outcome::failed;
    result.error = std::move(unreachable);
  }
  const std::string_view outcome = outcomeText(result);
  if (listener) listener->stop(outcome.substr(0, outcome.find(' ')));
  progress.stop(outcomeText(result));
  return result;
}

}  // namespace weir::cli
