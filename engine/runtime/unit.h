// Unit: what the scheduler runs: a stage of a node, or one of its instances.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/runtime/node-state.h"
#include "engine/runtime/session.h"
#include "engine/runtime/stage-marks.h"
#include "engine/runtime/workers.h"

namespace weir::runtime {

class Scheduler;

/// The rows that a step was given: where the first of them came from, and how many they are; 0: it was given none.
struct RowsAt {
  std::uint32_t origin = 0, partition = 0;  // origin: as in Envelope
  std::uint64_t sequence = 0;
  std::int64_t rows = 0;
};

/// One piece of work for a worker: made under the run's lock by Unit::claim, executed without it, finished under it.
class Job : public WorkStep {
 public:
  Unit* unit = nullptr;
  std::int64_t startedNanos = 0, endedNanos = 0;
  int triesMade = 1;    // with this one
  bool failed = false;  // this one
  /// Between claim and execute, for who wants to know what a step that ended the process was working on.
  [[nodiscard]] virtual RowsAt rowsAt() const { return {}; }
};

[[nodiscard]] Error timeoutError(const PlannedNode& node);

/// What a change of the running flow wants of a unit.
enum class Pause : std::uint8_t {
  none,
  asked,  // it comes to rest: goes on with what it has begun, and begins nothing new
  held    // it does nothing, and its task is in other hands
};

class Unit {
 public:
  /// Is added to the ticket of a timer that ends the pause before another try: only that timer ends it, and no host
  /// operation, whose end may be told late, after the step that has seen it fail.
  static constexpr std::int64_t kPauseOver = std::int64_t{1} << 62;

  explicit Unit(NodeState& state) : node(&state) {}
  virtual ~Unit() = default;
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  NodeState* node;
  int index = 0, stage = 0, depth = 0;
  bool lastStage = true, source = false;
  std::vector<std::vector<Link*>> inputs, outputs;
  StageMarks* marks = nullptr;            // of its stage
  std::vector<PortWatermark> watermarks;  // of its inputs
  CheckpointId savedFor = 0;              // the newest checkpoint that it has saved its state for
  SavedInstance saved;                    // that, or as its task ended
  Timestamp ceiling = INT64_MAX;          // of what goes out; of a source the watermark itself

  bool inReady = false;  // in the scheduler's ready list
  bool done = false;
  bool abandoned = false;  // nobody reads its outputs any more: ends when its jobs have
  int running = 0;
  Pause pause = Pause::none;

  // All under the run's lock.
  /// A job to run now, or null if none can start.
  virtual Job* claim(Scheduler& scheduler) = 0;
  /// Another job could start beside those running.
  [[nodiscard]] virtual bool more() const = 0;
  virtual void finish(Job& job, Scheduler& scheduler) = 0;
  /// A host operation (of ticket `ticket`) has ended, or a timer is due.
  virtual void wake(std::int64_t ticket) = 0;
  /// Before the wake of a timer.
  virtual void timerFired() {}
  /// Waits for a host call or a timer.
  [[nodiscard]] virtual bool waitsForHost() const = 0;
  virtual void drain() {}
  /// Rows of its source task, up to this one of the partition, are as safe as their edges promise: the task is told
  /// before its next step, on a worker.
  virtual void acknowledge(Partition, std::int64_t /*sequence*/) {}
  /// It has been told so, and its task not yet.
  [[nodiscard]] virtual bool acknowledges() const { return false; }
  /// To be told to its task between two steps.
  virtual void tellCommitted(CheckpointId) {}
  /// It has been asked to tell its task, and has not yet.
  [[nodiscard]] virtual bool tells() const { return false; }
  /// What the session counts goes on from there.
  virtual void restoreCounts(const SavedInstance&) {}
  /// Its task is told when rows are on the disk, and some of them are not yet.
  [[nodiscard]] virtual bool awaitsDurable() const { return false; }
  /// A source whose rows all go into the journal, and that is told by it.
  [[nodiscard]] virtual bool toldByJournal() const { return false; }
  /// What a source numbers has not had these numbers in an earlier run.
  virtual void goesOnInEpoch(std::uint64_t /*epoch*/) {}
  /// Rows of an earlier run up to this one are safe: the task is told before it begins.
  virtual void goesOnBehind(Partition, std::uint64_t /*sequence*/) {}
  /// What it has begun is done: nothing of its inputs is in its hands, and no call is under way.
  [[nodiscard]] virtual bool quiet() const = 0;
  /// What restoreCounts goes on from.
  [[nodiscard]] virtual SavedInstance counts() const { return {}; }
  /// Done, or another unit has its task's state: the task goes. Not under the lock.
  virtual void dismiss() {}
  /// The unit is done: what it still holds of its inputs goes back.
  virtual void release() {}
  [[nodiscard]] virtual Task* task() { return nullptr; }
  [[nodiscard]] virtual std::string waitsFor() const { return {}; }

  [[nodiscard]] bool outputsFull() const {
    for (const auto& port : outputs) {
      for (const auto* link : port) {
        if (link->full()) return true;
      }
    }
    for (const auto* link : node->errorLinks) {
      if (link->full()) return true;
    }
    return false;
  }
  [[nodiscard]] bool inputWaiting() const {
    for (const auto& port : inputs) {
      for (const auto* link : port) {
        if (link->waiting()) return true;
      }
    }
    return false;
  }
  [[nodiscard]] static bool exhausted(const std::vector<Link*>& port) {
    for (const auto* link : port) {
      if (!link->exhausted(0)) return false;
    }
    return true;
  }
};

}  // namespace weir::runtime
