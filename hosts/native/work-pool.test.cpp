// A pool of threads: all work is done, what does not fit is refused, and the end drops what has not begun.
#include "hosts/native/work-pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>

using weir::native::WorkPool;

TEST_CASE("a pool does all work, by several threads at once") {
  std::latch together(2);
  std::latch done(3);
  WorkPool pool(2, 10);
  // Each waits for the other: one thread alone would never come to an end.
  for (int i = 0; i < 2; ++i) {
    CHECK(pool.give([&] {
      together.arrive_and_wait();
      done.count_down();
    }));
  }
  CHECK(pool.give([&] { done.count_down(); }));
  done.wait();
}

TEST_CASE("a pool refuses what it has no room for, and drops at its end what has not begun") {
  std::latch begun(1), go(1);
  std::atomic<int> ran{0};
  const auto kept = std::make_shared<int>(0);
  std::thread other;
  {
    WorkPool pool(1, 2);
    CHECK(pool.give([&] {
      begun.count_down();
      go.wait();
      ++ran;
    }));
    begun.wait();
    CHECK(pool.give([&ran, kept] { ran += *kept + 1; }));
    CHECK(pool.give([&ran, kept] { ran += *kept + 1; }));
    CHECK(!pool.give([&ran] { ++ran; }));
    CHECK(kept.use_count() == 3);
    // The one that goes on is waited for; it ends once the others are dropped.
    other = std::thread([&] {
      while (kept.use_count() > 1) std::this_thread::yield();
      go.count_down();
    });
  }
  other.join();
  CHECK(ran == 1);
  CHECK(kept.use_count() == 1);
}

TEST_CASE("of the work that takes much one is done at a time, and other work goes by") {
  std::latch go(1), others(3), done(5);
  std::atomic<int> now{0}, most{0};
  WorkPool pool(3, 20);
  for (int i = 0; i < 5; ++i) {
    const auto much = [&] {
      const int together = ++now;
      if (together > most) most = together;
      go.wait();
      --now;
      done.count_down();
    };
    CHECK(pool.give(much, true));
  }
  for (int i = 0; i < 3; ++i) CHECK(pool.give([&] { others.count_down(); }));
  // None of the five is done before these are.
  others.wait();
  while (now == 0) std::this_thread::yield();
  CHECK(now == 1);
  go.count_down();
  done.wait();
  CHECK(most == 1);
}

TEST_CASE("a caller has half of the threads and half of the places, and others go by") {
  std::latch go(1), others(2), done(3);
  std::atomic<int> now{0}, most{0};
  WorkPool pool(2, 6);
  const auto slow = [&] {
    const int together = ++now;
    if (together > most) most = together;
    go.wait();
    --now;
    done.count_down();
  };
  CHECK(pool.give(slow, false, "ann"));
  while (now == 0) std::this_thread::yield();
  for (int i = 0; i < 2; ++i) CHECK(pool.give(slow, false, "ann"));
  for (int i = 0; i < 2; ++i) CHECK(pool.give([&] { others.count_down(); }, false, i == 0 ? "ben" : ""));
  // Neither of these waits for ann.
  others.wait();
  CHECK(now == 1);
  CHECK(pool.give([] {}, false, "ann"));
  CHECK_FALSE(pool.give([] {}, false, "ann"));
  CHECK(pool.give([] {}, false, "ben"));
  go.count_down();
  done.wait();
  CHECK(most == 1);
}
