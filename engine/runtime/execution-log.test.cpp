// The log of node executions.
#include "engine/runtime/execution-log.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace weir {

TEST_CASE("the latest executions are kept within the bound, oldest first, and all are counted") {
  constexpr std::int64_t kKept = 100;
  ExecutionLog log(kKept * static_cast<std::int64_t>(sizeof(Execution)));
  for (std::int64_t i = 0; i < 1000; ++i) {
    log.add(Execution{.startNanos = i});
    const auto all = log.all();
    REQUIRE(std::ssize(all) == std::min(i + 1, kKept));
    CHECK(all.back().startNanos == i);
    CHECK(all.front().startNanos == i + 1 - std::ssize(all));
  }
  CHECK(log.total() == 1000);
}

TEST_CASE("a log without room keeps the latest execution") {
  ExecutionLog log(0);
  log.add(Execution{.startNanos = 1});
  log.add(Execution{.startNanos = 2});
  REQUIRE(log.all().size() == 1);
  CHECK(log.all().front().startNanos == 2);
}

}  // namespace weir
