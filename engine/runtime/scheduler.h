// Scheduler: picks ready units for workers, moves ends and room along the links, and knows when a run is over.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/lock.h"
#include "engine/runtime/changer.h"
#include "engine/runtime/checkpoints.h"
#include "engine/runtime/durable-edges.h"
#include "engine/runtime/execution-log.h"
#include "engine/runtime/run-result.h"
#include "engine/runtime/unit.h"
#include "engine/runtime/workers.h"

namespace weir::runtime {

/// Reaches the scheduler from wakers that may outlive it.
class WakeHub {
 public:
  explicit WakeHub(Scheduler* scheduler) : scheduler_(scheduler) {}
  void close();
  void wake(Unit* unit, std::int64_t ticket);

 private:
  Lock lock_;
  Scheduler* scheduler_;
};

struct SchedulerOptions {
  bool syncMode = false;
  std::optional<std::int64_t> maxErrors;
  bool unbounded = false;
  std::int64_t deadlineMicros = 0;  // 0: none
  std::int64_t logBytes = 1 << 20;
};

/// One lock guards links, units and counters; steps run outside it.
class Scheduler : public WorkSource, public RunShared {
 public:
  Scheduler(Workers& workers, SchedulerOptions options);
  ~Scheduler() override;

  // WorkSource.
  Idle runReady(int worker) override;
  [[nodiscard]] WorkStep* begin(Idle& idle) override;
  void end(WorkStep& step) override;

  // For units, under the lock.
  void poke(Unit& unit);
  void unitDone(Unit& unit);
  /// A checkpoint whose barrier cannot get on is given up: true if there was one.
  bool giveUpCheckpoint();
  void fail(const NodeState& node, Error error);
  void setTimer(std::int64_t atMicros, Unit& unit, std::int64_t ticket = 0);
  /// Nothing is to be done for the unit any more: no turn, no timer.
  void forget(Unit& unit);
  /// When to try again after `tries` tries: the delay doubles, and is cut by a share drawn from the run, the node and
  /// `what` (which row or ticket), the same on every run.
  [[nodiscard]] std::int64_t retryAt(const NodeState& node, std::int64_t tries, std::uint64_t what) override;
  /// A step has succeeded.
  void noteProgress(std::int64_t nowNanos);
  [[nodiscard]] std::int64_t progress() const { return progress_; }
  [[nodiscard]] bool anyRunning() const { return running_ > 0; }
  void record(NodeState& node, const Job& job, std::int64_t rowsIn);
  [[nodiscard]] bool syncMode() const { return options_.syncMode; }
  [[nodiscard]] Waker wakerFor(Unit& unit, std::int64_t ticket);
  void deadLetter(std::vector<ErrorPacket>& packets) override;
  void linkFilled(Link& link) override;
  void linkDrained(Link& link) override;
  void setLinkTimer(std::int64_t atMicros, Link& link) override;

  // From outside, thread-safe.
  void wake(Unit* unit, std::int64_t ticket);
  void cancel();
  void drain();
  void holdIntake(bool held);
  void stopAtCheckpoint();
  void checkpointNow();
  /// The same as cancel, under the lock.
  void endCancelled();

 protected:
  /// Where dead letters go; under the lock, in commit order.
  virtual Result<void> storeDeadLetters(std::vector<ErrorPacket>& packets) = 0;
  /// A breakpoint holds rows, which somebody lets go later; under the lock.
  [[nodiscard]] virtual bool heldForDebug() const { return false; }
  [[nodiscard]] bool over() const { return unitsLeft_ == 0 || stopping_; }
  void addUnit(std::unique_ptr<Unit> unit);
  void sortUnits();
  /// After all units are made, and before addCheckpoints.
  void addDurable(std::unique_ptr<DurableEdges> edges);
  void limitErrors(std::optional<std::int64_t> most, bool unbounded) {
    options_.maxErrors = most;
    options_.unbounded = unbounded;
  }
  /// The order of depth is another one.
  void sortReady();
  /// The unit is over without having ended: another one has its state and its links.
  void endSilently(Unit& unit);
  /// After all units are made: runs beside them, and first.
  void addCheckpoints(std::unique_ptr<Checkpoints> checkpoints);
  /// Wakes that come later reach nobody.
  void closeWakers() { hub_->close(); }

  mutable Lock lock_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<StageMarks>> stages_;
  std::unique_ptr<Checkpoints> checkpoints_;
  std::unique_ptr<DurableEdges> durable_;
  std::vector<std::unique_ptr<NodeState>> nodes_;
  std::unique_ptr<Changer> changer_;  // null: the run was never changed
  bool draining_ = false;
  RunResult result_;
  ExecutionLog log_;
  std::int64_t errors_ = 0;
  std::map<std::string, std::int64_t, std::less<>> deadLettersByCode_;

 private:
  [[nodiscard]] Job* claimNext();
  [[nodiscard]] Idle idleNow() const;
  [[nodiscard]] Job* pick();
  [[nodiscard]] Unit* nextReady(bool sourcesToo);
  void fireTimers();
  /// The clock was set back: what was to happen in a second still does.
  void shiftTimers(std::int64_t micros);
  [[nodiscard]] bool idleForGood();
  void endEarly(Unit& unit);
  void closeInputs(Unit& unit);
  void endWith(Outcome outcome, Error error, std::string node);
  [[nodiscard]] Error deadlockError() const;
  [[nodiscard]] std::string largestHolders() const;
  [[nodiscard]] std::int64_t mostErrors(const ErrorPacket& packet) const;

  Workers& workers_;
  SchedulerOptions options_;
  std::shared_ptr<WakeHub> hub_;
  std::vector<Unit*> ready_;  // deepest first, then by index
  struct Timer {
    Unit* unit;  // null: of a link
    std::int64_t ticket;
    Link* link = nullptr;
  };
  std::multimap<std::int64_t, Timer> timers_;
  std::int64_t lookedMicros_ = INT64_MIN;  // at the clock, for timers
  int running_ = 0, unitsLeft_ = 0;
  std::int64_t progress_ = 0;
  bool stopping_ = false;  // no new steps
};

}  // namespace weir::runtime
