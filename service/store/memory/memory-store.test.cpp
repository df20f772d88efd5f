// Flows in memory keep to the contract of stores.
#include "service/store/memory/memory-store.h"

#include <doctest/doctest.h>

#include "service/store/suite/suite.h"

namespace {

struct TickingClock final : weir::Clock {
  std::int64_t nowMicros() override { return micros += 1'000; }
  std::int64_t steadyNanos() override { return nowMicros() * 1'000; }
  std::int64_t micros = 1'700'000'000'000'000;
};

}  // namespace

TEST_CASE("The store in memory keeps to the contract of stores") {
  TickingClock clock;
  weir::store::MemoryStore store(clock);
  weir::api::Strand strand;
  auto job = weir::store::checkStore(store, strand);
  job.start();
  REQUIRE(job.done());
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
  auto seen = weir::store::checkVisible(store, strand);
  seen.start();
  REQUIRE(seen.done());
  for (const auto& complaint : seen.take()) FAIL_CHECK(complaint);
}

TEST_CASE("Logs of operations in memory keep to the contract") {
  TickingClock clock;
  const weir::store::OperationBounds bounds{.mostOperations = 20, .mostBytes = 9'000};
  weir::store::MemoryStore store(clock, bounds);
  weir::api::Strand strand;
  auto job = weir::store::checkOperations(store, bounds, store, strand);
  job.start();
  REQUIRE(job.done());
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
}
