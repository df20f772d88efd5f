// Distinct against a set, in memory and spilled.
#include <doctest/doctest.h>

#include <set>

#include "engine/data/random-rows.h"
#include "nodes/aggregate/distinct/distinct.gen.h"
#include "nodes/aggregate/node-trial.test.h"

namespace weir::nodes::distinct {
namespace {

TEST_CASE("the first row of each key passes, in order, whatever the bound and the batches") {
  testing::Dice dice(3);
  std::vector<Value> rows;
  std::set<std::int64_t> seen;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    const auto key = static_cast<std::int64_t>(dice.below(1500));
    rows.push_back(Value::map({{Value::string("k"), Value::int64(key)}, {Value::string("i"), Value::int64(i)}}));
    if (seen.insert(key).second) expected += toJson(rows.back()) + "\n";
  }
  for (const char* memory : {"100MiB", "10KiB", "1"}) {
    for (const std::size_t rowsEach : {1UL, 333UL}) {
      const auto done =
          testing::tryNode(&makeFromJson, std::string(R"({"keys": ["k"], "memoryBytes": ")") + memory + "\"}",
                           {testing::batchesOf(rows, rowsEach)});
      CHECK(done.result.exitCode() == 0);
      CHECK((done.text() == expected));
    }
  }
}

}  // namespace
}  // namespace weir::nodes::distinct
