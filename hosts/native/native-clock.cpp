// The machine's clocks and random source.
#include "hosts/native/native-clock.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "engine/data/check.h"

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
  struct Stock {
    std::array<std::uint64_t, 32> numbers{};  // getrandom() gives 256 bytes in one piece
    std::size_t left = 0;
  };
  thread_local Stock stock;
  if (stock.left == 0) {
    ssize_t got = 0;
    do {
      got = getrandom(stock.numbers.data(), sizeof stock.numbers, 0);
    } while (got < 0 && errno == EINTR);
    WEIR_CHECK(got == sizeof stock.numbers);
    stock.left = stock.numbers.size();
  }
  // Each is given out once, and is nowhere afterwards.
  return std::exchange(stock.numbers[--stock.left], 0);
}

}  // namespace weir::native
