// An engine process ends when its lease is not renewed.
#include "apps/cli/engine/lease-watch.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>

#include "hosts/native/native-clock.h"

namespace {

using namespace weir;

struct Watched {
  native::NativeClock clock;
  std::atomic<bool> ended{false};
  cli::LeaseWatch watch{clock, [this] { ended.store(true); }};

  std::int64_t in(std::int64_t ms) { return clock.steadyNanos() / 1'000'000 + ms; }
  bool ends() {
    for (int i = 0; i < 6000 && !ended.load(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return ended.load();
  }
};

TEST_CASE("R15: a lease that is not renewed has ended, and one that has ended before it came") {
  Watched watched;
  watched.watch.until(watched.in(50));
  CHECK(watched.ends());
  Watched late;
  late.watch.until(late.in(-1));
  CHECK(late.ends());
}

TEST_CASE("R15: a lease that is renewed, or needs no renewing, goes on") {
  Watched watched;
  watched.watch.until(0);
  watched.watch.until(watched.in(3'600'000));
  watched.watch.until(watched.in(7'200'000));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK_FALSE(watched.ended.load());
  watched.watch.until(0);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK_FALSE(watched.ended.load());
  watched.watch.until(watched.in(20));
  CHECK(watched.ends());
}

}  // namespace
