// Interval joins against a naive model, bounds, idle inputs and restarts.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/data/random-rows.h"
#include "nodes/data/stream-join/stream-join.gen.h"
#include "nodes/node-bench.test.h"

namespace weir::nodes::stream_join {
namespace {

using testing::Dice;
using testing::NodeBench;

constexpr std::int64_t kBegin = 1'700'000'000;

struct Row {
  std::int64_t at, key, n;
};

Value valueOf(const Row& row, const char* name) {
  return Value::map({{Value::string("k"), Value::int64(row.key)},
                     {Value::string("at"), Value::timestamp(kBegin + row.at, 0)},
                     {Value::string(name), Value::int64(row.n)}});
}

std::vector<Row> randomRows(Dice& dice, int count) {
  std::vector<Row> rows;
  std::int64_t now = 100;
  for (int i = 0; i < count; ++i) {
    now += dice.below(3);
    rows.push_back({now - static_cast<std::int64_t>(dice.below(8)), static_cast<std::int64_t>(dice.below(6)), i});
  }
  return rows;
}

using Pair = std::pair<std::int64_t, std::int64_t>;  // n of both; -1: none

/// Which rows of an input are in time.
std::vector<Row> inTime(const std::vector<Row>& rows, std::int64_t delay) {
  std::vector<Row> good;
  std::int64_t greatest = INT64_MIN / 2;
  for (const auto& row : rows) {
    if (row.at >= greatest - delay) good.push_back(row);
    greatest = std::max(greatest, row.at);
  }
  return good;
}

std::multiset<Pair> pairsOf(const std::vector<Value>& rows) {
  std::multiset<Pair> pairs;
  for (const auto& row : rows) {
    const auto* right = row.find("m");
    pairs.insert({row.find("n")->int64(), right == nullptr || right->isNull() ? -1 : right->int64()});
  }
  return pairs;
}

TEST_CASE("pairs are those of a naive model, whichever input comes first, and over restarts") {
  for (int round = 0; round < 40; ++round) {
    Dice dice(static_cast<std::uint64_t>(round));
    const std::int64_t before = dice.below(10), after = dice.below(10), delay = dice.below(9);
    const bool keepsAll = round % 2 == 0;
    const auto left = randomRows(dice, 300), right = randomRows(dice, 300);
    const auto goodLeft = inTime(left, delay), goodRight = inTime(right, delay);
    std::multiset<Pair> wanted;
    for (const auto& l : goodLeft) {
      bool found = false;
      for (const auto& r : goodRight) {
        if (l.key != r.key || r.at < l.at - before || r.at > l.at + after) continue;
        wanted.insert({l.n, r.n});
        found = true;
      }
      if (!found && keepsAll) wanted.insert({l.n, -1});
    }
    NodeBench bench(&makeFromJson, R"({"keys": [{"field": "k"}], "time": "row.at", "select": ["m"], "before": ")" +
                                       std::to_string(before) + R"(s", "after": ")" + std::to_string(after) +
                                       R"(s", "maxDelay": ")" + std::to_string(delay) + R"(s", "kind": ")" +
                                       (keepsAll ? "left\"}" : "inner\"}"));
    std::size_t l = 0, r = 0;
    std::vector<Value> all;
    while (l < left.size() || r < right.size()) {
      std::vector<Value> some;
      const bool isLeft = r == right.size() || (l < left.size() && dice.below(2) == 0);
      const auto most = 1 + dice.below(40);
      for (std::uint32_t i = 0; i < most && (isLeft ? l < left.size() : r < right.size()); ++i)
        some.push_back(isLeft ? valueOf(left[l++], "n") : valueOf(right[r++], "m"));
      bench.give(some, isLeft ? Port{0} : Port{1});
      if (dice.below(3) > 0) bench.run();
      if (dice.below(10) == 0) {
        bench.run();
        bench.restart();
      }
    }
    bench.end(0);
    bench.end(1);
    CHECK(bench.run().next == Progress::Next::done);
    REQUIRE_MESSAGE(!bench.error, bench.error->message);
    CHECK(pairsOf(bench.io.given[0]) == wanted);
    CHECK(bench.io.given[1].size() == left.size() - goodLeft.size());
    CHECK(bench.io.given[2].size() == right.size() - goodRight.size());
  }
}

std::string manyRows(std::int64_t from, std::int64_t to, const char* name) {
  std::string text = "[";
  for (auto i = from; i < to; ++i) {
    text += (i > from ? "," : "") + (R"({"k": 1, "s": )" + std::to_string(kBegin + i) + ", \"") + name + "\": 1}";
  }
  return text + "]";
}

TEST_CASE(
    "R5, R8: past the bound only the input that is behind is read; if that does not help the run fails with a code") {
  constexpr const char* kSettings =
      R"~({"keys": [{"field": "k"}], "time": "timestamp(row.s)", "select": ["m"], "after": "1s", "maxRows": 100})~";
  NodeBench bench(&makeFromJson, kSettings);
  for (int i = 0; i < 20; ++i) bench.give(manyRows(i * 10, i * 10 + 10, "n"), 0);
  auto progress = bench.run();
  CHECK(progress.inputs == portSet(1));
  CHECK(bench.io.peek(0) != nullptr);
  bench.give(manyRows(95, 150, "m"), 1);
  progress = bench.run();
  CHECK(!bench.error);
  bench.give(manyRows(150, 400, "m"), 1);
  bench.run();
  CHECK(bench.io.peek(0) == nullptr);
  CHECK(!bench.error);
  NodeBench full(
      &makeFromJson,
      R"~({"keys": [{"field": "k"}], "time": "timestamp(row.s)", "select": ["m"], "before": "1h", "maxRows": 100})~");
  full.give(manyRows(0, 400, "n"), 0);
  for (int i = 0; i < 150; ++i) full.give(manyRows(0, 1, "m"), 1);
  full.run();
  REQUIRE(full.error);
  CHECK(full.error->code == "join.state_limit");
}

TEST_CASE("an input that is silent lets the rows of the other go when its idle timeout is over") {
  NodeBench bench(
      &makeFromJson,
      R"~({"keys": [{"field": "k"}], "kind": "left", "time": "timestamp(row.s)", "select": ["m"], "after": "5s", "idleTimeout": "10s"})~");
  bench.give(manyRows(0, 1, "m"), 1);
  bench.give(manyRows(3, 4, "n"), 0);
  bench.run();
  bench.passSeconds(7);
  CHECK(bench.io.given[0].empty());
  bench.passSeconds(6);
  CHECK(pairsOf(bench.io.given[0]) == std::multiset<Pair>{{1, -1}});
  CHECK(!bench.last.wakeAt);
}

TEST_CASE("a right row of other fields than those before is refused") {
  NodeBench bench(&makeFromJson, R"({"keys": [{"field": "k"}], "select": ["m"]})");
  bench.give(R"([{"k": 1, "m": 1}])", 1);
  bench.give(R"([{"k": 1, "m": "text"}])", 1);
  bench.run();
  REQUIRE(bench.error);
  CHECK(bench.error->code == "schema.mismatch");
}

}  // namespace
}  // namespace weir::nodes::stream_join
