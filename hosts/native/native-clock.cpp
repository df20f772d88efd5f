// The machine's clocks and random source.
#include "hosts/native/native-clock.h"

#include <chrono>
#include <random>

namespace weir::native {

std::int64_t NativeClock::nowMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t NativeClock::steadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::uint64_t NativeRandom::next() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace weir::native
