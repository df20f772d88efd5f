// Keys remembered for a while, within bounds.
#include <doctest/doctest.h>

#include <map>

#include "engine/data/random-rows.h"
#include "nodes/flow/deduplicate/deduplicate.gen.h"
#include "nodes/node-bench.test.h"

namespace weir::nodes::deduplicate {
namespace {

using testing::Dice;
using testing::NodeBench;

Value rowOf(std::int64_t id, std::int64_t second) {
  return Value::map({{Value::string("id"), Value::int64(id)}, {Value::string("at"), Value::timestamp(second, 0)}});
}

TEST_CASE("what passes is what a naive model says, however rows are cut and wherever a run is restarted") {
  for (const bool renew : {false, true}) {
    Dice dice(renew ? 1 : 2);
    std::vector<Value> rows;
    std::map<std::int64_t, std::int64_t> seen;
    std::string wanted;
    std::int64_t now = 1'700'000'000;
    for (int i = 0; i < 6000; ++i) {
      now += dice.below(3);
      // Every now and then a burst of keys that come once, so that many are forgotten.
      const std::int64_t id = dice.below(10) < 7 ? static_cast<std::int64_t>(dice.below(50)) : 1000 + i;
      const auto row = rowOf(id, now);
      const auto at = seen.find(id);
      const bool fresh = at == seen.end() || now - at->second >= 20;
      if (fresh) wanted += toJson(row) + "\n";
      if (fresh || renew) seen[id] = now;
      rows.push_back(row);
    }
    for (const std::size_t each : {1U, 64U, 999U}) {
      NodeBench bench(&makeFromJson,
                      std::string(R"({"key": "row.id", "timeToLive": "20s", "time": "row.at", "renew": )") +
                          (renew ? "true}" : "false}"));
      std::string text;
      for (std::size_t from = 0; from < rows.size(); from += each) {
        bench.give(std::span(rows).subspan(from, std::min(each, rows.size() - from)));
        bench.run();
        text += bench.text();
        if (from % 7 == 0 && each > 1) bench.restart();
      }
      CHECK(text == wanted);
    }
  }
}

TEST_CASE("time to live by the clock, also over a restart") {
  NodeBench bench(&makeFromJson, R"({"key": "row.id", "timeToLive": "10s"})");
  bench.give(R"([{"id": 1}, {"id": 1}])");
  bench.run();
  bench.passSeconds(6);
  bench.restart();
  bench.give(R"([{"id": 1}])");
  bench.run();
  CHECK(bench.text() == "{\"id\":1}\n");
  bench.passSeconds(4);
  bench.give(R"([{"id": 1}])");
  bench.run();
  CHECK(bench.text() == "{\"id\":1}\n");
  CHECK(bench.text(1) == "{\"id\":1}\n{\"id\":1}\n");
}

}  // namespace
}  // namespace weir::nodes::deduplicate
