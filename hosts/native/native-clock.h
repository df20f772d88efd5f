// The clock and randomness of the machine.
#pragma once

#include <atomic>

#include "engine/host/clock.h"

namespace weir::native {

class NativeClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t nowMicros() override;
  [[nodiscard]] std::int64_t steadyNanos() override;
};

/// Wall time stands still (`--clock T`, weir test) but for the jumps to timers; durations do not.
class FrozenClock final : public Clock {
 public:
  explicit FrozenClock(std::int64_t micros) : micros_(micros) {}
  [[nodiscard]] std::int64_t nowMicros() override { return micros_.load(); }
  [[nodiscard]] std::int64_t steadyNanos() override { return steady_.steadyNanos(); }
  bool jumpTo(std::int64_t micros) override {
    if (micros > micros_.load()) micros_.store(micros);
    return true;
  }

 private:
  std::atomic<std::int64_t> micros_;
  NativeClock steady_;
};

class NativeRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t next() override;
};

}  // namespace weir::native
