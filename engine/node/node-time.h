// NodeTime: the run's clock as durations need it: it never goes back.
#pragma once

#include <algorithm>

#include "engine/node/node-context.h"

namespace weir {

/// Where the clock of the machine is set back, this one goes on from where it was.
class NodeTime {
 public:
  explicit NodeTime(NodeContext& context) : context_(&context), last_(context.nowMicros()) {}
  [[nodiscard]] Timestamp now() {
    const auto clock = context_->nowMicros();
    ahead_ += std::max<Timestamp>(0, last_ - clock);
    last_ = clock;
    return clock + ahead_;
  }
  /// What the clock will show at `moment` of this time: for wakeAt, and for what outlives the run. No further off than
  /// is safe to wait if the clock is set back meanwhile: an early step asks again.
  [[nodiscard]] Timestamp wakeAt(Timestamp moment) const {
    constexpr Timestamp kLongest = 10'000'000;
    return std::min(moment - ahead_, last_ + kLongest);
  }
  [[nodiscard]] Timestamp onClock(Timestamp moment) const { return moment - ahead_; }
  [[nodiscard]] Timestamp fromClock(Timestamp clock) const { return clock + ahead_; }

 private:
  NodeContext* context_;
  Timestamp last_, ahead_ = 0;
};

}  // namespace weir
