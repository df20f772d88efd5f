// A Task's part in checkpoints: saving its state between two steps, and being told what is stored.
#include <algorithm>
#include <utility>

#include "engine/runtime/checkpoints.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/task-unit.h"

namespace weir::runtime {

bool TaskUnit::savesItsEnd() const {
  if (node->run->checkpoints == nullptr || !lastStage) return false;
  const auto& type = *node->plan->type;
  return type.cardinality == Cardinality::sink || type.touches == Touches::writes;
}

/// It has not said all that a watermark leads to, and is not waiting for another input.
bool TaskUnit::amidWatermark() const {
  if (last_.next == Progress::Next::blocked && last_.inputs != 0) return false;
  return std::ranges::any_of(watermarks, [](const PortWatermark& port) { return port.underWay(); });
}

bool TaskUnit::claimForCheckpoint(Checkpoints& checkpoints, Scheduler& scheduler) {
  if (asked_ && !woken_) return false;
  if (asked_) return true;
  if (tell_ != 0) {
    doing_ = Doing::tell;
    return true;
  }
  const auto id = checkpoints.collecting();
  if (ending_) {
    saveFor_ = checkpoints.next(*this);
  } else {
    if (id == 0 || savedFor >= id || marks->passed() >= id) return false;
    const auto withheld = showWatermarks(scheduler);
    // A watermark that was found on the way to the barrier is said to the task first.
    if (last_.next == Progress::Next::blocked && (withheld & last_.inputs) != 0 && !callsUnderWay_) {
      woken_ = true;
      return false;
    }
    if (!marks->aligned(id)) {
      const bool waits = last_.next == Progress::Next::blocked && last_.inputs != 0 && !callsUnderWay_;
      if (waits && marks->stuck(id, last_.inputs)) static_cast<void>(scheduler.giveUpCheckpoint());
      return false;
    }
    if (callsUnderWay_ || amidWatermark()) return false;
    saveFor_ = id;
  }
  doing_ = Doing::save;
  bytes_.emplace(node->plan->id, checkpoints.mostStateBytes());
  return true;
}

void TaskUnit::finishSave(Scheduler& scheduler) {
  auto& checkpoints = *node->run->checkpoints;
  asked_ = polled_ && *polled_ == Poll::pending;
  if (asked_) {
    if (woken_) scheduler.poke(*this);
    return;
  }
  doing_ = Doing::step;
  // Begun again, it would give its rows once more.
  if (polled_ && !ending_ && source && node->plan->type->cardinality == Cardinality::source &&
      !node->plan->type->unbounded && node->run->sourceRows + session_->made() > 0 && bytes_->empty()) {
    polled_ =
        fail("state.not_saved", "'" + node->plan->type->id +
                                    "' does not save how far it has read; checkpoints are taken when it has ended");
  }
  // What the stages before have given it, or left to it when they ended, is nowhere else.
  const bool tookOver =
      stage > 0 && (inputs[0][0]->begun() || std::ranges::any_of(node->units, [this](const Unit* unit) {
                      return unit->stage < stage && unit->done;
                    }));
  if (polled_ && !ending_ && tookOver && bytes_->empty()) {
    polled_ = fail("state.not_saved",
                   "'" + node->plan->type->id + "' is putting its result together; checkpoints are taken when it has");
  }
  const auto givesUp = [](const Error& error) {
    return error.code == "state.too_large" || error.code == "state.not_saved";
  };
  const bool stale = !ending_ && checkpoints.collecting() != saveFor_;
  if (!polled_ && !ending_ && (givesUp(polled_.error()) || polled_.error().recoverable)) {
    checkpoints.abandon(node->plan->id, polled_.error(), scheduler);
  } else if (!polled_ && !givesUp(polled_.error())) {
    return scheduler.fail(*node, std::move(polled_.error()));
  } else if (!stale) {
    saved = SavedInstance{ending_, session_->made(), session_->said(), polled_ ? bytes_->take() : std::string()};
    if (!ending_) checkpoints.saved(*this, scheduler);
  }
  bytes_.reset();
  if (ending_) return scheduler.unitDone(*this);
  // A wake that came meanwhile may have been meant for the next step.
  woken_ = true;
  scheduler.poke(*this);
}

void TaskUnit::finishTell(Scheduler& scheduler) {
  asked_ = polled_ && *polled_ == Poll::pending;
  if (asked_) {
    if (woken_) scheduler.poke(*this);
    return;
  }
  doing_ = Doing::step;
  if (!polled_) return scheduler.fail(*node, std::move(polled_.error()));
  tell_ = 0;
  woken_ = true;
  node->run->checkpoints->told(scheduler);
  scheduler.poke(*this);
}

}  // namespace weir::runtime
