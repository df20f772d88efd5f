// When a checkpoint is due: after a time or so many rows, at once where the journal is full, and before a run stops.
#include <utility>

#include "engine/runtime/checkpoints.h"
#include "engine/runtime/scheduler.h"

namespace weir::runtime {
namespace {

/// Between hurried checkpoints, should they not get on.
constexpr std::int64_t kHurriedMicros = 20'000;
/// How long a run that is to stop waits for its last checkpoint.
constexpr std::int64_t kStopMicros = 10'000'000;
constexpr std::int64_t kNextTicket = 1, kHurryTicket = 2, kStopTicket = 3;

}  // namespace

void Checkpoints::wake(std::int64_t ticket) {
  woken_ = true;
  // The timers.
  if (ticket == kNextTicket) timerSet_ = false;
  if (ticket == kHurryTicket) hurrySet_ = false;
  if (ticket == kStopTicket) stopsNow_ = true;
  if (ticket == kNextTicket || ticket == kHurryTicket) due_ = phase_ == Phase::idle && moved_;
}

void Checkpoints::hurry(Scheduler& scheduler) {
  if (hurrySet_ || due_ || !moved_ || phase_ != Phase::idle) return;
  hurrySet_ = true;
  scheduler.setTimer(clock_.nowMicros() + kHurriedMicros, *this, kHurryTicket);
}

void Checkpoints::setTimer(std::int64_t steadyNanos, Scheduler& scheduler) {
  if (timerSet_) return;
  timerSet_ = true;
  scheduler.setTimer(clock_.nowMicros() + (nextNanos_ - steadyNanos) / 1000 + 1, *this, kNextTicket);
}

void Checkpoints::note(std::int64_t steadyNanos, Scheduler& scheduler) {
  if (scheduler.moves == movesSeen_) return;
  movesSeen_ = scheduler.moves;
  moved_ = true;
  if (phase_ != Phase::idle || due_) return;
  if (scheduler.sourceRows - rowsAtLast_ >= options_.everyRows || steadyNanos >= nextNanos_) {
    due_ = true;
    return scheduler.poke(*this);
  }
  setTimer(steadyNanos, scheduler);
  if (scheduler.durable != nullptr && scheduler.durable->isFull()) hurry(scheduler);
}

void Checkpoints::askFor(Scheduler& scheduler) {
  if (phase_ != Phase::idle) {
    askedFor_ = true;
    return;
  }
  due_ = moved_ = true;
  scheduler.poke(*this);
}

void Checkpoints::stopBehindNext(Scheduler& scheduler) {
  if (std::exchange(stopping_, true)) return;
  // Nothing has moved since the last one: that is it.
  if (phase_ == Phase::idle && !moved_ && id_ > 0) stopsNow_ = true;
  if (held_) stopsNow_ = true;
  due_ = moved_ = true;
  scheduler.setTimer(clock_.nowMicros() + kStopMicros, *this, kStopTicket);
  scheduler.poke(*this);
}

}  // namespace weir::runtime
