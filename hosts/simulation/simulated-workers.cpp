// The seeded loop.
#include "hosts/simulation/simulated-workers.h"

#include "engine/data/check.h"
#include "engine/data/hash.h"

namespace weir::simulation {

std::size_t SimulatedWorkers::draw(std::size_t bound) {
  seed_ = hash::ofUint64(seed_ + 1);
  return bound == 0 ? 0 : static_cast<std::size_t>(seed_ % bound);
}

void SimulatedWorkers::advance(WorkSource& source) {
  const auto at = draw(under_.size());
  if (!under_[at].executed) {
    under_[at].step->execute();
    under_[at].executed = true;
    return;
  }
  auto* step = under_[at].step;
  under_.erase(under_.begin() + static_cast<std::ptrdiff_t>(at));
  source.end(*step);
}

void SimulatedWorkers::passTime(const WorkSource::Idle& idle) {
  if (calls_ != nullptr && calls_->pending() > 0) {
    calls_->finish(seed_ == 0 ? 0 : draw(calls_->pending()));
  } else {
    // A run that waits for nothing would wait for ever.
    WEIR_CHECK(idle.wakeAtMicros.has_value());
    clock_.advanceTo(*idle.wakeAtMicros);
  }
}

void SimulatedWorkers::drive(WorkSource& source) {
  const auto most = seed_ == 0 ? std::size_t{1} : static_cast<std::size_t>(count_);
  for (;;) {
    if (under_.size() == most || (!under_.empty() && draw(2) == 0)) {
      advance(source);
      continue;
    }
    if (seed_ != 0 && calls_ != nullptr && calls_->pending() > 0 && draw(8) == 0)
      calls_->finish(draw(calls_->pending()));
    if (watcher_) watcher_(steps_);
    WorkSource::Idle idle;
    if (auto* step = source.begin(idle)) {
      ++steps_;
      under_.push_back(Under{step, false});
    } else if (!under_.empty()) {
      advance(source);
    } else if (idle.finished) {
      return;
    } else {
      passTime(idle);
    }
  }
}

}  // namespace weir::simulation
