// Steps of a Task.
#include "engine/runtime/task-unit.h"

#include <algorithm>
#include <utility>

#include "engine/data/hash.h"
#include "engine/runtime/scheduler.h"

namespace weir::runtime {

Error timeoutError(const PlannedNode& node) {
  return Error{"node.timeout",
               "node '" + node.id + "' waited longer than its timeoutMs (" + std::to_string(node.timeoutMs) +
                   ") for the outside",
               true};
}

bool TaskUnit::inputReady(Ports ports) const {
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    if ((ports & portSet(static_cast<Port>(port))) == 0 || watermarks[port].underWay()) continue;
    if (marks->watermark(port) > watermarks[port].shown || marks->stale(port)) return true;
    for (const auto* link : inputs[port]) {
      if (link->waiting()) return true;
    }
    if ((endsSeen_ & portSet(static_cast<Port>(port))) == 0 && exhausted(inputs[port])) return true;
  }
  return false;
}

bool TaskUnit::quiet() const {
  if (done) return true;
  return running == 0 && !asked_ && owed_.empty() && tell_ == 0 && !ending_ && !callsUnderWay_ && !amidBatch_ &&
         !amidWatermark();
}

bool TaskUnit::runnable() const {
  if (done || running > 0 || ending_ || pausing_ || marks->frozen(*this) || outputsFull()) return false;
  if (source && node->run->intakeHeld && !draining_) return false;
  // On its way to rest it goes on with what it has begun.
  if (pause == Pause::asked && (quiet() || (callsUnderWay_ && !woken_))) return false;
  switch (last_.next) {
    case Progress::Next::done:
      return false;
    case Progress::Next::yield:
      return true;
    case Progress::Next::blocked:
      break;
  }
  if (woken_) return true;
  // Room was what it waited for, and there is room now.
  if (last_.outputs != 0 && last_.inputs == 0) return true;
  return inputReady(last_.inputs);
}

bool TaskUnit::waitsForHost() const {
  if (asked_ && !done) return true;
  if (done || last_.next != Progress::Next::blocked) return false;
  return callsUnderWay_ || (last_.inputs == 0 && last_.outputs == 0);
}

void TaskUnit::wake(std::int64_t ticket) {
  if (ticket == kPauseOver) pausing_ = false;
  // A negative ticket is the timeout of one wait; it counts only while that wait lasts.
  if (ticket < 0 && (running > 0 || woken_ || !waitsForHost() || ticket != -waits_)) return;
  if (ticket < 0) timedOut_ = true;
  woken_ = true;
}

Ports TaskUnit::showWatermarks(Scheduler& scheduler) {
  Ports withheld = 0;
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    auto& own = watermarks[port];
    if (!own.underWay()) {
      if (marks->takeWatermarks(port) && shared_) {
        for (auto* other : marks->units()) scheduler.poke(*other);
      }
      own.shown = marks->watermark(port);
      session_->showWatermark(port, own.shown);
    }
    if (own.underWay()) withheld |= portSet(static_cast<Port>(port));
  }
  return withheld;
}

/// Who asks for rows has nothing more to say about the time before.
void TaskUnit::settleWatermarks() {
  if (last_.next != Progress::Next::blocked || callsUnderWay_) return;
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    if ((last_.inputs & portSet(static_cast<Port>(port))) != 0) watermarks[port].settled = watermarks[port].shown;
  }
}

Job* TaskUnit::claim(Scheduler& scheduler) {
  if (done || running > 0 || pause == Pause::held) return nullptr;
  if (!onDisk_.empty()) collectDue();
  if (!owed_.empty() && !asked_) {
    owedNow_.swap(owed_);
    doing_ = Doing::acknowledge;
    running = 1;
    return this;
  }
  if (node->run->checkpoints != nullptr && claimForCheckpoint(*node->run->checkpoints, scheduler)) {
    woken_ = false;
    running = 1;
    return this;
  }
  if (!runnable()) return nullptr;
  if (std::exchange(timedOut_, false)) {
    scheduler.fail(*node, timeoutError(*node->plan));
    return nullptr;
  }
  if (draining_ && !drained_) {
    drained_ = true;
    task_->drain();
  }
  woken_ = false;
  const bool asked = pause == Pause::asked;
  const auto rows = asked ? 1 : shared_ ? kMaxBatchRows : StepBudget::kClaimRows;
  const auto few = asked || scheduler.syncMode();
  const auto entries = few ? 1 : (shared_ ? StepBudget::kClaimEntries / 4 : StepBudget::kClaimEntries);
  const auto withheld = asked && callsUnderWay_ ? ~Ports{0} : showWatermarks(scheduler);
  if (auto claimed = session_->claim(rows, entries, withheld, *node->run->account); !claimed) {
    scheduler.fail(*node, std::move(claimed.error()));
    return nullptr;
  }
  running = 1;
  return this;
}

void TaskUnit::execute() {
  if (doing_ == Doing::acknowledge) {
    for (const auto& each : owedNow_) task_->acknowledged(each.partition, each.sequence);
    owedNow_.clear();
    return;
  }
  if (doing_ == Doing::save) {
    bytes_->clear();
    polled_ = task_->snapshot(saveFor_, *bytes_);
    return;
  }
  if (doing_ == Doing::tell) {
    polled_ = task_->committed(tell_);
    return;
  }
  startedNanos = node->run->clock->steadyNanos();
  session_->begin(startedNanos, tries_ + 1);
  outcome_ = task_->step(*session_);
  if (outcome_) {
    if (auto sealed = session_->seal(); !sealed) outcome_ = std::unexpected(std::move(sealed.error()));
  }
  endedNanos = node->run->clock->steadyNanos();
}

void TaskUnit::retryOrFail(Scheduler& scheduler, Error error) {
  session_->rollback();
  ++tries_;
  if (!error.recoverable || tries_ >= node->plan->retry.attempts) return scheduler.fail(*node, std::move(error));
  const auto now = node->run->clock->nowMicros();
  if (tries_ == 1) failingSince_ = now;
  node->recovery.retried(*node, 1, error, now);
  const auto what = hash::combine(static_cast<std::uint64_t>(index), static_cast<std::uint64_t>(node->metrics.retries));
  last_ = Progress{Progress::Next::blocked, 0, 0, scheduler.retryAt(*node, tries_, what)};
  pausing_ = true;
  scheduler.setTimer(*last_.wakeAt, *this, kPauseOver);
}

/// A timer that comes earlier is enough: the step it leads to says again when to wake.
void TaskUnit::setTimer(Scheduler& scheduler) {
  const auto now = node->run->clock->nowMicros();
  if (timerAt_ > now && timerAt_ <= *last_.wakeAt) return;
  timerAt_ = *last_.wakeAt;
  scheduler.setTimer(timerAt_, *this);
}

void TaskUnit::finish(Job&, Scheduler& scheduler) {
  running = 0;
  if (doing_ == Doing::acknowledge) {
    doing_ = Doing::step;
    // Of its last rows some may not be on the disk yet.
    if (endsStep_ && !onDisk_.empty() && last_.next == Progress::Next::done) return scheduler.poke(*this);
    if (std::exchange(endsStep_, false) || abandoned) return afterStep(scheduler);
    return scheduler.poke(*this);
  }
  if (doing_ == Doing::save) return finishSave(scheduler);
  if (doing_ == Doing::tell) return finishTell(scheduler);
  triesMade = tries_ + 1;
  failed = !outcome_;
  scheduler.record(*node, *this, session_->rowsTaken());
  if (caller_ != nullptr) caller_->report();
  if (!outcome_) return retryOrFail(scheduler, std::move(outcome_.error()));
  // A call that was begun once more and waited for has not succeeded yet.
  if (session_->gotOn() || outcome_->next == Progress::Next::done) {
    if (tries_ > 0) node->recovery.recovered(*node, failingSince_, node->run->clock->nowMicros());
    tries_ = 0;
  }
  Ports ends = 0;
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    if (session_->ended(static_cast<Port>(port))) ends |= portSet(static_cast<Port>(port));
  }
  // It is in the middle of a batch, or it waits for room or the outside with it.
  const bool waits = outcome_->next == Progress::Next::blocked && outcome_->inputs == 0 && !outcome_->wakeAt;
  amidBatch_ = !inputs.empty() && outcome_->next != Progress::Next::done && (waits || session_->cursor != 0);
  session_->fixHead(waits || session_->cursor != 0);
  if (auto committed = session_->commit(endedNanos); !committed)
    return scheduler.fail(*node, std::move(committed.error()));
  endsSeen_ |= ends;
  last_ = *outcome_;
  callsUnderWay_ = caller_ != nullptr && caller_->callsUnderWay();
  settleWatermarks();
  marks->passOn();
  scheduler.noteProgress(endedNanos);
  if (toldByJournal()) {
    owe();
  } else {
    for (const auto& each : session_->accepted()) acknowledge(each.partition, each.sequence);
  }
  // The task hears of its last rows before it ends.
  endsStep_ = !owed_.empty() || (!onDisk_.empty() && last_.next == Progress::Next::done);
  if (endsStep_) return scheduler.poke(*this);
  afterStep(scheduler);
}

void TaskUnit::acknowledge(Partition partition, std::int64_t sequence) {
  const auto known = std::ranges::find(owed_, partition, &Session::Accepted::partition);
  if (known == owed_.end()) {
    owed_.push_back({partition, sequence});
  } else {
    known->sequence = std::max(known->sequence, sequence);
  }
}

void TaskUnit::afterStep(Scheduler& scheduler) {
  if (last_.next == Progress::Next::done && !abandoned && savesItsEnd()) {
    ending_ = true;
    return scheduler.poke(*this);
  }
  if (last_.next == Progress::Next::done || abandoned) return scheduler.unitDone(*this);
  if (last_.wakeAt) setTimer(scheduler);
  // Calls are timed one by one.
  if (caller_ == nullptr && waitsForHost() && node->plan->timeoutMs > 0 && !last_.wakeAt) {
    ++waits_;
    scheduler.setTimer(node->run->clock->nowMicros() + node->plan->timeoutMs * 1000, *this, -waits_);
  }
  if (runnable() || node->run->checkpoints != nullptr) scheduler.poke(*this);
}

std::string TaskUnit::waitsFor() const {
  if (done || running > 0) return {};
  std::string text;
  const auto add = [&text](std::string_view name) { text.append(text.empty() ? "" : ", ").append(name); };
  for (std::size_t port = 0; port < node->plan->inputs.size() && port < 64; ++port) {
    if ((last_.inputs & portSet(static_cast<Port>(port))) != 0) add(node->plan->inputs[port].name);
  }
  if (outputsFull()) add("room");
  if (last_.wakeAt) add("time");
  if (text.empty() && waitsForHost()) add("host");
  return text;
}

}  // namespace weir::runtime
