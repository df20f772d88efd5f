// Buckets against the clock.
#include <doctest/doctest.h>

#include <algorithm>

#include "nodes/flow/rate-limit/rate-limit.gen.h"
#include "nodes/node-bench.test.h"

namespace weir::nodes::rate_limit {
namespace {

using testing::NodeBench;

std::string rowsOf(int from, int to) {
  std::string text = "[";
  for (int i = from; i < to; ++i) text += (i > from ? ", " : "") + ("{\"n\": " + std::to_string(i) + "}");
  return text + "]";
}

std::int64_t linesIn(const std::string& text) { return std::ranges::count(text, '\n'); }

TEST_CASE("a burst passes at once, then rows come at the rate, exactly") {
  NodeBench bench(&makeFromJson, R"({"rows": 3, "per": "10s", "burst": 5})");
  bench.give(rowsOf(0, 100));
  bench.run();
  CHECK(linesIn(bench.text()) == 5);
  bench.passSeconds(10);
  CHECK(linesIn(bench.text()) == 3);
  bench.passSeconds(100);
  CHECK(linesIn(bench.text()) == 30);
}

TEST_CASE("after a silence there is one burst, not more") {
  NodeBench bench(&makeFromJson, R"({"rows": 2, "per": "1s"})");
  bench.give(rowsOf(0, 2));
  bench.run();
  bench.passSeconds(1000);
  CHECK(linesIn(bench.text()) == 2);
  bench.give(rowsOf(2, 10));
  bench.run();
  CHECK(linesIn(bench.text()) == 2);
}

TEST_CASE("rows over the limit go another way, each key by itself") {
  NodeBench bench(&makeFromJson, R"({"rows": 1, "per": "10s", "key": "row.k", "whenOver": "over"})");
  bench.give(R"([{"k": 1, "n": 1}, {"k": 2, "n": 2}, {"k": 1, "n": 3}])");
  bench.run();
  bench.passSeconds(10);
  bench.give(R"([{"k": 1, "n": 4}])");
  bench.run();
  CHECK(bench.text() == "{\"k\":1,\"n\":1}\n{\"k\":2,\"n\":2}\n{\"k\":1,\"n\":4}\n");
  CHECK(bench.text(1) == "{\"k\":1,\"n\":3}\n");
}

TEST_CASE("R1, R15: rows that wait and what was used survive a restart; a clock that is set back stops nothing") {
  NodeBench bench(&makeFromJson, R"({"rows": 1, "per": "10s"})");
  bench.give(rowsOf(0, 5));
  bench.run();
  CHECK(linesIn(bench.text()) == 1);
  bench.restart();
  bench.run();
  CHECK(bench.text().empty());
  bench.passSeconds(10);
  CHECK(bench.text() == "{\"n\":1}\n");
  bench.context.clock -= 3600'000'000;
  bench.run();
  bench.passSeconds(10);
  CHECK(bench.text() == "{\"n\":2}\n");
  bench.context.clock -= 3600'000'000;
  bench.restart();
  bench.run();
  bench.passSeconds(10);
  CHECK(bench.text() == "{\"n\":3}\n");
}

TEST_CASE("keys are bounded") {
  NodeBench bench(&makeFromJson, R"({"rows": 1, "per": "1h", "key": "row.n", "whenOver": "over", "maxKeys": 100})");
  for (int i = 0; i < 50; ++i) {
    bench.give(rowsOf(i * 100, i * 100 + 100));
    bench.run();
    bench.context.clock += 1000;
  }
  CHECK(linesIn(bench.text()) == 5000);
  bench.give(rowsOf(4990, 5000));
  bench.run();
  CHECK(linesIn(bench.text(1)) == 10);
}

}  // namespace
}  // namespace weir::nodes::rate_limit
