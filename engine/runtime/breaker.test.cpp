// When a breaker opens, what it lets through, and how it closes.
#include "engine/runtime/breaker.h"

#include <doctest/doctest.h>

namespace weir::runtime {
namespace {

constexpr std::int64_t kStart = 1'750'000'000'000'000, kSecond = 1'000'000;

PlannedBreaker rules(std::int64_t failures, std::int64_t probes = 1) {
  PlannedBreaker rules;
  rules.failures = failures;
  rules.windowMs = 30'000;
  rules.openMs = 30'000;
  rules.probes = probes;
  return rules;
}

TEST_CASE("a breaker opens after so many failures, waits, tries one call, and closes when it is answered") {
  Breaker breaker(rules(5));
  for (int i = 0; i < 4; ++i) CHECK(!breaker.failed(breaker.began(), kStart));
  CHECK(breaker.admits());
  CHECK(breaker.failed(breaker.began(), kStart));
  CHECK(breaker.state() == BreakerState::open);
  CHECK(!breaker.admits());
  CHECK(!breaker.advance(kStart + 30 * kSecond - 1));
  CHECK(breaker.advance(kStart + 30 * kSecond));
  CHECK(breaker.state() == BreakerState::halfOpen);
  CHECK(breaker.admits());
  const auto probe = breaker.began();
  CHECK(!breaker.admits());  // one at a time
  CHECK(breaker.answered(probe));
  CHECK(breaker.state() == BreakerState::closed);
  CHECK(!breaker.failed(breaker.began(), kStart + 31 * kSecond));  // the old failures are forgotten
}

TEST_CASE("a probe that fails opens the breaker for another while") {
  Breaker breaker(rules(1));
  CHECK(breaker.failed(breaker.began(), kStart));
  CHECK(breaker.advance(kStart + 30 * kSecond));
  CHECK(breaker.failed(breaker.began(), kStart + 40 * kSecond));
  CHECK(breaker.state() == BreakerState::open);
  CHECK(breaker.opensUntil() == kStart + 70 * kSecond);
}

TEST_CASE("failures that lie further apart than the window do not open it") {
  Breaker breaker(rules(2));
  for (int i = 0; i < 100; ++i) CHECK(!breaker.failed(breaker.began(), kStart + i * 31 * kSecond));
}

TEST_CASE("failures with answers in between do not open it") {
  Breaker breaker(rules(5));
  for (int i = 0; i < 1000; ++i) {
    CHECK(!breaker.failed(breaker.began(), kStart));
    if (i % 4 == 3) CHECK(!breaker.answered(breaker.began()));
  }
}

TEST_CASE("calls that were begun before it opened do not close it when they are answered") {
  Breaker breaker(rules(1));
  const auto slow = breaker.began(), slower = breaker.began();
  CHECK(breaker.failed(breaker.began(), kStart));
  CHECK(!breaker.answered(slow));
  CHECK(breaker.advance(kStart + 30 * kSecond));
  CHECK(!breaker.answered(slower));
  CHECK(breaker.state() == BreakerState::halfOpen);
}

TEST_CASE("with several probes all of them are to be answered") {
  Breaker breaker(rules(1, 3));
  CHECK(breaker.failed(breaker.began(), kStart));
  CHECK(breaker.advance(kStart + 30 * kSecond));
  const auto first = breaker.began(), second = breaker.began(), third = breaker.began();
  CHECK(!breaker.admits());
  CHECK(!breaker.answered(first));
  CHECK(!breaker.admits());  // three in all, not three at any time
  CHECK(!breaker.answered(second));
  CHECK(breaker.answered(third));
  CHECK(breaker.state() == BreakerState::closed);
}

TEST_CASE("a probe that is given up makes room for another") {
  Breaker breaker(rules(1));
  CHECK(breaker.failed(breaker.began(), kStart));
  CHECK(breaker.advance(kStart + 30 * kSecond));
  breaker.forgotten(breaker.began());
  CHECK(breaker.admits());
}

TEST_CASE("a clock that goes back does not keep it open for longer than it was to be") {
  Breaker breaker(rules(1));
  CHECK(breaker.failed(breaker.began(), kStart));
  CHECK(!breaker.advance(kStart - 3600 * kSecond));
  CHECK(breaker.opensUntil() == kStart - 3570 * kSecond);
  CHECK(breaker.advance(kStart - 3570 * kSecond));
}

}  // namespace
}  // namespace weir::runtime
