// Checkpoints: begins checkpoints, collects what the stages save at the barrier, stores it in one commit, tells the
// tasks; and restores a run from the last one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/state-store.h"
#include "engine/runtime/checkpoint-record.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {

struct CheckpointOptions {
  std::string flowId;
  std::uint64_t documentHash = 0;
  std::int64_t everyMs = 1000, everyRows = 100'000;
  /// What one task may save.
  std::int64_t mostStateBytes = std::int64_t{256} << 20;
  /// Go on where the last run of this flow stood; else what it left is forgotten.
  bool resume = false;
  /// Nodes whose settings have changed since get their old state all the same.
  bool keepChanged = false;
};

/// A unit without a node needs one all the same.
struct NoNode {
  PlannedNode planned;
  NodeState state;
};

/// Runs as a unit of its own, whose jobs speak with the store. Until the run is restored, and at its very end, it is
/// the only one that runs.
class Checkpoints final : private NoNode, public Unit, public Job {
 public:
  Checkpoints(StateStore& store, CheckpointOptions options, Clock& clock);
  /// After all units and links are made.
  void open(Waker waker, std::vector<StageMarks*> stages, std::vector<Unit*> units, std::vector<Link*> links);

  Job* claim(Scheduler& scheduler) override;
  [[nodiscard]] bool more() const override { return false; }
  void execute() override;
  void finish(Job& job, Scheduler& scheduler) override;
  void wake(std::int64_t ticket) override;
  [[nodiscard]] bool waitsForHost() const override;
  [[nodiscard]] bool quiet() const override { return running == 0; }

  // For the units and the scheduler, under the run's lock.
  /// Nobody else runs: the run is being restored.
  [[nodiscard]] bool holding() const { return phase_ < Phase::idle; }
  /// The checkpoint whose barrier is on its way, or 0.
  [[nodiscard]] CheckpointId collecting() const { return phase_ == Phase::collecting ? id_ : 0; }
  /// The first that can hold what the unit has done up to now.
  [[nodiscard]] CheckpointId next(const Unit& of) const {
    return phase_ == Phase::collecting && of.savedFor < id_ ? id_ : id_ + 1;
  }
  [[nodiscard]] std::int64_t mostStateBytes() const { return options_.mostStateBytes; }
  /// A unit has saved its state for the checkpoint that is collected; its stage goes on when all have.
  void saved(Unit& unit, Scheduler& scheduler);
  void ended(Unit& unit, Scheduler& scheduler);
  /// A unit was told of the commit.
  void told(Scheduler& scheduler);
  /// This checkpoint comes to nothing; the next one is begun in its time.
  void abandon(std::string_view node, const Error& why, Scheduler& scheduler);
  /// No checkpoint is begun while it is held; one that is under way goes on.
  void hold(bool held) { held_ = held; }
  [[nodiscard]] bool resting() const { return phase_ == Phase::idle || phase_ == Phase::over; }
  /// The run was changed. Stages that are retired are left out once a checkpoint has told them that it knows of their
  /// end. The next checkpoint is begun as soon as it may.
  void follow(std::uint64_t documentHash, const std::vector<Unit*>& gone, const std::vector<Unit*>& added,
              const std::vector<std::unique_ptr<Link>>& links);
  /// The run is cancelled when a checkpoint has been taken, or cannot be.
  void stopBehindNext(Scheduler& scheduler);
  /// One that holds all that was done up to now is begun as soon as it may.
  void askFor(Scheduler& scheduler);
  /// After each step.
  void note(std::int64_t steadyNanos, Scheduler& scheduler);
  /// The journal has no room: the next checkpoint, which frees what it passes, comes at once.
  void hurry(Scheduler& scheduler);

 private:
  enum class Phase : std::uint8_t {
    reading,     // what the store has
    dropping,    // what an earlier run left and nobody wants
    restoring,   // the tasks
    confirming,  // committed(id) once more
    idle,
    collecting,
    storing,
    telling,   // committed(id)
    clearing,  // the run is over: nothing is left to resume
    over
  };
  // Jobs, without the lock.
  void read();
  void drop(std::vector<std::string> keys);
  void store();
  void restoreTasks();
  void tellEnded();
  [[nodiscard]] Result<void> restoreStage(const SavedStage& saved, const StageMarks& stage);

  // Under it.
  void rest(Scheduler& scheduler);
  void setTimer(std::int64_t steadyNanos, Scheduler& scheduler);
  void begin(Scheduler& scheduler);
  [[nodiscard]] bool complete() const;
  [[nodiscard]] bool allEnded() const;
  void assemble();
  void afterReading(Scheduler& scheduler);
  [[nodiscard]] Result<void> match() const;
  [[nodiscard]] Result<void> matchSettings();
  void letGo(Scheduler& scheduler);
  void afterStoring(Scheduler& scheduler);
  void storeFailed(const Error& error, Scheduler& scheduler);
  /// First all others, then the sources: who is answered by a source finds the effects there.
  void tellUnits(Scheduler& scheduler, bool sources);
  bool dropRetired();
  void afterTelling(Scheduler& scheduler);
  void toPhase(Phase phase) {
    phase_ = phase;
    waiting_ = false;
  }

  StateStore& store_;
  CheckpointOptions options_;
  Clock& clock_;
  Waker waker_;
  std::vector<StageMarks*> stages_;
  std::vector<Unit*> units_;
  std::vector<Link*> links_;

  Phase phase_ = Phase::reading;
  bool waiting_ = false, woken_ = false;  // for the host
  CheckpointId id_ = 0;
  std::uint64_t epoch_ = 0;
  Result<void> outcome_{};
  CheckpointRecord record_;
  std::vector<std::string> keys_;         // of the newest record in the store
  std::vector<std::string> keysWritten_;  // by the commit under way
  std::vector<StateEntry> found_;
  bool epochKnown_ = false, claimed_ = false;
  bool askedFor_ = false;  // the next one comes at once
  bool stopping_ = false;  // the run ends with the next checkpoint
  bool stopsNow_ = false;  // it has been taken, or cannot be
  Operation<std::optional<std::string>> getting_;
  Operation<std::vector<StateEntry>> listing_;
  Operation<weir::Unit> committing_;

  std::vector<Unit*> toTell_;    // by tellEnded
  std::vector<Unit*> arriving_;  // to these
  std::int64_t telling_ = 0;     // units that tell their tasks themselves
  bool sourcesTold_ = false;
  bool last_ = false;    // everything has ended in the record under way
  int failures_ = 0;     // of the store, one after the other
  std::string said_;     // why the last checkpoint came to nothing
  std::string changed_;  // nodes that go on with the state of other settings
  std::int64_t nextNanos_ = 0, rowsAtLast_ = 0, movesSeen_ = 0;
  bool held_ = false;
  std::vector<const StageMarks*> endedRetired_;  // of the record under way
  bool timerSet_ = false, hurrySet_ = false, moved_ = false, due_ = false;
};

}  // namespace weir::runtime
