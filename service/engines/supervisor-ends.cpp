// Ends that are not those of a flow: of its engine process, and of the disk under it.
#include <algorithm>
#include <csignal>
#include <string>

#include "service/engines/engine-protocol.h"
#include "service/engines/supervisor.h"

namespace weir::engines {
namespace {

using store::RunState;

/// So often an engine process may end under a run within so long, without a checkpoint between.
constexpr std::size_t kMostEnds = 3;
constexpr std::int64_t kEndsWithinMs = 600'000;
constexpr std::int64_t kLongestPauseMs = 60'000;
constexpr int kSyncFailed = 74;

/// So many ends in a row that are not a run's own doing lengthen its pause, to four seconds.
constexpr std::int64_t kMostForeign = 4;

/// The pause before the start that follows so many without success: none, then 1, 2, 4 … seconds.
std::int64_t pauseAfter(std::int64_t restarts) {
  if (restarts <= 1) return 0;
  return std::min(kLongestPauseMs, std::int64_t{1000} << std::min<std::int64_t>(restarts - 2, 10));
}

}  // namespace

void Supervisor::takeCrash(Managed& run, const EngineEnd& end) {
  auto& record = run.stored.record;
  record.errorCode = end.code;
  record.errorMessage = end.message;
  if (options_.told) options_.told(record.id, RunTurn::lost);
  if (options_.observer != nullptr) {
    const auto process = processOf(run);
    options_.observer->lost(record, end.message);
    if (!std::ranges::contains(lost_, process)) {
      lost_.push_back(process);
      options_.observer->engineLost(engineFolderOf(run));
    }
  }
  if (!record.wanted) return finish(run, RunState::stopped);
  if (run.next && run.next->restart) becomeNext(run);
  run.next.reset();
  const auto now = nowMs();
  // A full or broken disk, and a process that was killed from outside or for memory, are not the run's doing.
  const bool itsOwn = end.suspect && end.signal != SIGKILL && end.exitCode != kSyncFailed &&
                      end.exitCode != kLeaseEnded && end.code == "engine.crashed";
  if (itsOwn) run.ends.push_back(now);
  std::erase_if(run.ends, [now](std::int64_t at) { return now - at > kEndsWithinMs; });
  if (!end.report.empty()) keepReport(run, end.report);
  if (run.ends.size() >= kMostEnds) {
    record.outcome = "failed";
    record.errorMessage = "its engine process has ended " + std::to_string(run.ends.size()) +
                          " times without a checkpoint between; at last: " + end.message;
    return finish(run, RunState::failed);
  }
  // Whoever was not at work then goes on beside the others.
  run.alone = run.alone || end.suspect;
  // Nor does it wait for long after what is not its doing.
  if (end.suspect && (itsOwn || run.restartsInARow < kMostForeign)) ++run.restartsInARow;
  startAgain(run, end.message);
}

/// From its last checkpoint; none of it is the run's doing, so it may happen as often as it likes.
void Supervisor::takeDiskFailure(Managed& run, const EngineEnd& end) {
  auto& record = run.stored.record;
  record.errorCode = end.code;
  record.errorMessage = end.message;
  if (options_.told) options_.told(record.id, RunTurn::lost);
  if (options_.observer != nullptr) options_.observer->lost(record, end.message);
  if (run.next && run.next->restart) becomeNext(run);
  run.next.reset();
  ++run.restartsInARow;
  startAgain(run, end.message);
}

void Supervisor::startAgain(Managed& run, const std::string& why) {
  auto& record = run.stored.record;
  ++record.restarts;
  const auto pause = pauseAfter(run.restartsInARow);
  run.startAtMs = nowMs() + pause;
  record.state = RunState::starting;
  record.why = why + (pause > 0 ? "; it starts again in " + std::to_string(pause / 1000) + " s" : "");
  changed(run);
}

}  // namespace weir::engines
