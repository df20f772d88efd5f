// Task: all the scheduler knows of a node; and the adapters over it that most nodes implement.
#pragma once

#include <memory>
#include <optional>

#include "engine/node/contract.h"
#include "engine/node/state.h"
#include "engine/node/step-io.h"

namespace weir {

/// What a task may know of its run before anything else is asked of it.
struct TaskSite {
  Waker waker;  // wakes the task also from what it begins outside of a step: in snapshot and committed
  /// The run keeps checkpoints: what others see of a task's work may wait for committed(), which also comes after the
  /// last step of all.
  bool checkpointed = false;
};

/// One call at a time per object, on any worker. The destructor cancels.
class Task {
 public:
  virtual ~Task() = default;
  /// An Error is retried by the node's rules if recoverable, else the run fails.
  virtual Result<Progress> step(StepIo& io) = 0;
  /// Once, before restore and the first step.
  virtual void attach(const TaskSite&) {}
  /// Between steps, when all rows before the checkpoint have been taken; also after the last step. What was written
  /// before `pending` is forgotten: it is called again after a wake. `state.too_large` and `state.not_saved` give the
  /// checkpoint up, and the run goes on.
  virtual Result<Poll> snapshot(CheckpointId, StateWriter&) { return Poll::ready; }
  /// Several times, if several instances were saved: their states add up. Not `pending`.
  virtual Result<Poll> restore(StateReader&) { return Poll::ready; }
  /// The checkpoint is stored. May come again for the same one, after a restore.
  virtual Result<Poll> committed(CheckpointId) { return Poll::ready; }
  /// Sources that owe somebody an answer (2xx, PUBACK, XACK, a committed offset) say true, number their rows (partition
  /// and sequence of the envelope, each partition counting up by one) and are told by `acknowledged`: the rows of that
  /// partition up to and including `sequence` are as safe as their edges promise. Called between steps; and before the
  /// first one for what is safe of an earlier run, behind which the source goes on with its rows and their numbers.
  [[nodiscard]] virtual bool wantsAcknowledgements() const { return false; }
  virtual void acknowledged(Partition, std::int64_t /*sequence*/) {}
  /// Sources, before the first step: restored, they give what followed once more. Those that cannot (what came over a
  /// connection is gone) say false; durable edges then keep their rows until a checkpoint has passed them.
  [[nodiscard]] virtual bool sendsAgain() const { return true; }
  /// Sources: produce no more, then done.
  virtual void drain() {}
  /// Folds: a read-only look for the person, between steps, never sent downstream.
  virtual std::optional<Batch> resultSoFar() const { return std::nullopt; }
};

/// One input batch at a time, one output batch or several; owns state. `process` may emit to any output.
class Transform : public Task {
 public:
  virtual Result<Flow> process(const Batch& batch, StepIo& io) = 0;
  /// The input's watermark has moved (semantics of StepIo::watermark): what waited for that time can go. Called again
  /// while it answers `again` or `pending`.
  virtual Result<Flow> advance(Timestamp /*watermark*/, StepIo&) { return Flow::more; }
  /// After the end of the input; called again while it answers `again` or `pending`.
  virtual Result<Flow> finish(StepIo&) { return Flow::done; }
  Result<Progress> step(StepIo& io) final;

 private:
  Timestamp advanced_ = kNoWatermark;
  bool finishing_ = false;
};

/// Produces rows; `pull` emits within room and answers more, again (room wanted), pending or done.
class Source : public Task {
 public:
  virtual Result<Flow> pull(StepIo& io) = 0;
  Result<Progress> step(StepIo& io) final;
  void drain() override { draining_ = true; }

 protected:
  [[nodiscard]] bool draining() const { return draining_; }

 private:
  bool draining_ = false;
};

/// Pure: several batches at once on several workers, results committed in order. Shared, so `process` is const and
/// thread-safe. Answers `more` (batch done) or an Error; what it emits for a batch is bounded by the batch.
class Stateless {
 public:
  virtual ~Stateless() = default;
  virtual Result<Flow> process(const Batch& batch, StepIo& io) const = 0;
  /// The same for a batch that nobody asks for again: it may be given on or rearranged in place. Its rows cannot fail
  /// after that.
  virtual Result<Flow> processOwned(Batch& batch, StepIo& io) const { return process(batch, io); }
};

/// The work for one input batch of a parallel stage, with state of its own: may answer `again` (more to emit when there
/// is room), `pending` (after a wake) or `more` (this batch is done).
class Work {
 public:
  virtual ~Work() = default;
  virtual Result<Flow> run(StepIo& io) = 0;
};

/// A parallel stage whose batches need several steps or asynchronous calls each (read a file, parse it).
class ParallelWork {
 public:
  virtual ~ParallelWork() = default;
  virtual std::unique_ptr<Work> begin(Batch input) const = 0;
};

/// One asynchronous call a row, for io nodes; width, order, timeout, retry and breaker are the engine's.
class Call {
 public:
  virtual ~Call() = default;
  virtual Result<Flow> poll(StepIo& io) = 0;  // pending or done; emits its result
  /// Asked after poll gave a recoverable Error: the other side asked not to be called before this time (HTTP's
  /// Retry-After). The node begins no call before it; what lies more than an hour ahead counts as an hour.
  [[nodiscard]] virtual std::optional<Timestamp> notBefore() const { return std::nullopt; }
};
class Caller {
 public:
  virtual ~Caller() = default;
  virtual Result<std::unique_ptr<Call>> begin(const RowView& row) = 0;
};

}  // namespace weir
