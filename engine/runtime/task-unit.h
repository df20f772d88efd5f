// TaskUnit: a stage (or one instance of a perWorker stage) that is a Task: one step at a time.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/runtime/caller-task.h"
#include "engine/runtime/state-bytes.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {

class TaskUnit final : public Unit, public Job {
 public:
  TaskUnit(NodeState& state, std::unique_ptr<Task> task, bool shared)
      : Unit(state), task_(std::move(task)), shared_(shared) {
    unit = this;
  }
  /// The task is this one.
  void callsWith(CallerTask& caller) { caller_ = &caller; }
  /// After inputs and outputs are wired.
  void open(Waker waker, bool checkpointed) {
    task_->attach(TaskSite{waker, checkpointed});
    session_.emplace(*this, std::move(waker));
    session_->countOnly(stage == 0, lastStage);
    if (source && lastStage && task_->wantsAcknowledgements()) session_->noteSequences();
    if (shared_) {
      session_->orderFailures();
    } else {
      session_->countMade();
    }
    const bool ofSource = node->plan->inputs.empty();
    if (ofSource && stage == 0 && !lastStage) session_->holdFailuresFor(*outputs[0][0]);
    if (ofSource && stage == 1) session_->releaseFailures();
  }

  Job* claim(Scheduler& scheduler) override;
  [[nodiscard]] bool more() const override { return false; }
  void execute() override;
  [[nodiscard]] RowsAt rowsAt() const override { return session_->rowsAt(); }
  void finish(Job& job, Scheduler& scheduler) override;
  void wake(std::int64_t ticket) override;
  void timerFired() override { timerAt_ = 0; }
  [[nodiscard]] bool waitsForHost() const override;
  void drain() override {
    draining_ = true;
    pausing_ = false;
    woken_ = true;
  }
  [[nodiscard]] Task* task() override { return task_.get(); }
  [[nodiscard]] bool quiet() const override;
  [[nodiscard]] SavedInstance counts() const override {
    return SavedInstance{done, session_->made(), session_->said(), {}};
  }
  void dismiss() override { task_.reset(); }
  void acknowledge(Partition partition, std::int64_t sequence) override;
  [[nodiscard]] bool acknowledges() const override { return !owed_.empty(); }
  void tellCommitted(CheckpointId id) override { tell_ = id; }
  [[nodiscard]] bool tells() const override { return tell_ != 0; }
  void restoreCounts(const SavedInstance& from) override { session_->goOnCounting(from.made, from.said); }
  [[nodiscard]] std::string waitsFor() const override;
  [[nodiscard]] bool awaitsDurable() const override { return !onDisk_.empty(); }
  [[nodiscard]] bool toldByJournal() const override;
  void goesOnInEpoch(std::uint64_t epoch) override;
  void goesOnBehind(Partition partition, std::uint64_t sequence) override {
    acknowledge(partition, static_cast<std::int64_t>(sequence));
  }

 private:
  enum class Doing : std::uint8_t { step, save, tell, acknowledge };
  /// The rows that this step gave are acknowledged when the journal has them.
  void owe();
  /// What it has by now.
  void collectDue();
  /// Saving its state or telling its task of a commit comes before the next step.
  [[nodiscard]] bool claimForCheckpoint(Checkpoints& checkpoints, Scheduler& scheduler);
  void finishSave(Scheduler& scheduler);
  void finishTell(Scheduler& scheduler);
  /// What happens when a step has succeeded.
  void afterStep(Scheduler& scheduler);
  /// Others see what the task has written outside only when a checkpoint says that it has ended.
  [[nodiscard]] bool savesItsEnd() const;
  [[nodiscard]] bool amidWatermark() const;
  [[nodiscard]] bool runnable() const;
  [[nodiscard]] bool inputReady(Ports ports) const;
  /// Shows the task the watermarks that no row waits before. Gives the inputs that bring no rows until it is through
  /// with theirs, so that what a watermark leads to goes out before the rows behind it.
  [[nodiscard]] Ports showWatermarks(Scheduler& scheduler);
  void settleWatermarks();
  void setTimer(Scheduler& scheduler);
  void retryOrFail(Scheduler& scheduler, Error error);

  std::unique_ptr<Task> task_;
  std::optional<Session> session_;
  Progress last_ = Progress::yielded();
  Result<Progress> outcome_ = Progress::yielded();
  Ports endsSeen_ = 0;
  std::int64_t waits_ = 0;  // counts waits for the host, so that a late timeout is known
  CallerTask* caller_ = nullptr;
  bool callsUnderWay_ = false;
  bool amidBatch_ = false;    // it works on rows of its inputs that it has not taken yet
  std::int64_t timerAt_ = 0;  // of the next timer that is set
  bool timedOut_ = false;
  bool woken_ = false, draining_ = false, drained_ = false;
  Doing doing_ = Doing::step;
  std::vector<Session::Accepted> owed_, owedNow_;  // acknowledgements
  bool endsStep_ = false;
  /// What a source is told once the journal has got to `ticket`.
  struct Later {
    std::uint64_t ticket = 0;
    Partition partition = 0;
    std::int64_t sequence = 0;
  };
  std::deque<Later> onDisk_;
  CheckpointId tell_ = 0, saveFor_ = 0;
  bool ending_ = false;  // the task is done, and saves that
  bool asked_ = false;   // its task has answered `pending` to saving or telling
  std::optional<StateBytes> bytes_;
  Result<Poll> polled_ = Poll::ready;
  bool shared_;  // several instances take from one link: take little at a time
  int tries_ = 0;
  bool pausing_ = false;           // before another try
  std::int64_t failingSince_ = 0;  // microseconds, of the first of these tries
};

}  // namespace weir::runtime
