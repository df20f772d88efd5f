// Patterns: paced rows, batches, values that depend on their number only.
#include <doctest/doctest.h>

#include "nodes/aggregate/node-trial.test.h"
#include "nodes/generate/pattern/pattern.gen.h"

namespace weir::nodes::pattern {
namespace {

TEST_CASE("batches of any size hold the same rows") {
  for (const char* kind : {"sequential", "random", "sine", "step", "constant"}) {
    std::string same;
    for (const char* batchRows : {"1", "7", "16384"}) {
      const auto settings = std::string(R"({"pattern": ")") + kind +
                            R"(", "seed": 5, "rows": 20000, "startTime": "2025-01-01T00:00:00Z", "batchRows": )" +
                            batchRows + "}";
      const auto done = testing::tryNode(&makeFromJson, settings, {});
      REQUIRE(done.outputs[0].size() == 20000);
      if (same.empty()) same = done.text();
      CHECK((done.text() == same));
    }
  }
}

TEST_CASE("a rate is kept by waiting") {
  const auto done = testing::tryNode(&makeFromJson, R"({"rows": 50, "rate": 1000})", {});
  REQUIRE(done.outputs[0].size() == 50);
  const auto first = done.outputs[0].front().find("ts");
  const auto last = done.outputs[0].back().find("ts");
  CHECK(last->nanos() - first->nanos() + (last->seconds() - first->seconds()) * 1'000'000'000 == 49'000'000);
}

TEST_CASE("rows of a fast rate come due together, a millisecond's at a time") {
  const auto paced =
      testing::tryNode(&makeFromJson, R"({"rows": 20500, "rate": 1000000, "startTime": "2025-01-01T00:00:00Z"})", {});
  REQUIRE(paced.outputs[0].size() == 20500);
  for (std::size_t i = 0; i + 1 < paced.batchRows.size(); ++i) CHECK(paced.batchRows[i] >= 1000);
  const auto single = testing::tryNode(
      &makeFromJson, R"({"rows": 30, "rate": 1000000, "batchRows": 1, "startTime": "2025-01-01T00:00:00Z"})", {});
  REQUIRE(single.outputs[0].size() == 30);
}

}  // namespace
}  // namespace weir::nodes::pattern
