// A clock that only the simulation moves.
#pragma once

#include "engine/host/clock.h"

namespace weir::simulation {

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(std::int64_t startMicros = 1'750'000'000'000'000) : micros_(startMicros) {}
  [[nodiscard]] std::int64_t nowMicros() override { return micros_ + jumped_; }
  /// Moves a little with each look, so that a step's budget is spent some time.
  [[nodiscard]] std::int64_t steadyNanos() override { return (nanos_ += 100) + micros_ * 1000; }
  void advanceTo(std::int64_t micros) {
    if (micros - jumped_ > micros_) micros_ = micros - jumped_;
  }
  /// Somebody sets the clock; what measures durations does not see it.
  void jump(std::int64_t micros) { jumped_ += micros; }

 private:
  std::int64_t micros_, jumped_ = 0;
  std::int64_t nanos_ = 0;
};

}  // namespace weir::simulation
