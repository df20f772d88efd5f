// Clock and Random: time and randomness, asked from the host.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

struct Clock {
  static constexpr std::string_view kName = "clock";
  virtual ~Clock() = default;
  /// Microseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual std::int64_t nowMicros() = 0;
  /// Never goes back; for durations.
  [[nodiscard]] virtual std::int64_t steadyNanos() = 0;
  /// A frozen clock moves there and says true: when nothing can go on before a timer, its time has come. False: time
  /// passes by itself.
  virtual bool jumpTo(std::int64_t /*micros*/) { return false; }
};

struct Random {
  static constexpr std::string_view kName = "random";
  virtual ~Random() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

}  // namespace weir
