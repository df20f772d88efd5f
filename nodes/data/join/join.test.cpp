// Joins against nested loops.
#include "engine/data/random-rows.h"
#include "nodes/aggregate/node-trial.test.h"
#include "nodes/data/join/join.gen.h"

namespace weir::nodes::join {
namespace {

std::vector<Value> randomRows(testing::Dice& dice, int count, const char* name) {
  std::vector<Value> rows;
  for (int i = 0; i < count; ++i) {
    const auto key = dice.below(60);
    rows.push_back(Value::map(
        {{Value::string("k"), key == 0 ? Value::null() : Value::int64(key)}, {Value::string(name), Value::int64(i)}}));
  }
  return rows;
}

TEST_CASE("left and inner joins are those of nested loops") {
  testing::Dice dice(8);
  const auto rows = randomRows(dice, 2000, "a");
  const auto lookup = randomRows(dice, 90, "b");
  for (const bool left : {false, true}) {
    std::string expected;
    for (const auto& row : rows) {
      bool any = false;
      for (const auto& other : lookup) {
        if (row.find("k")->isNull() || !equalValues(*row.find("k"), *other.find("k"))) continue;
        any = true;
        expected += toJson(Value::map({{Value::string("k"), *row.find("k")},
                                       {Value::string("a"), *row.find("a")},
                                       {Value::string("b"), *other.find("b")}})) +
                    "\n";
      }
      if (!any && left) {
        expected += toJson(Value::map({{Value::string("k"), *row.find("k")},
                                       {Value::string("a"), *row.find("a")},
                                       {Value::string("b"), Value::null()}})) +
                    "\n";
      }
    }
    for (const std::size_t rowsEach : {1UL, 700UL}) {
      testing::TrialOptions options;
      options.workers = 2;
      options.seed = rowsEach;
      options.edgeRows = 500;
      const auto done = testing::tryNode(
          &makeFromJson, std::string(R"({"keys": [{"field": "k"}], "kind": ")") + (left ? "left" : "inner") + "\"}",
          {testing::batchesOf(rows, rowsEach), testing::batchesOf(lookup, 13)}, 2, options);
      CHECK(done.result.exitCode() == 0);
      CHECK((done.text() == expected));
    }
  }
}

TEST_CASE("a lookup with equal keys is refused where asked for") {
  const auto rows = testing::batchesOf({testing::json(R"({"k": 1})")}, 1);
  const auto lookup =
      testing::batchesOf({testing::json(R"({"k": 1, "v": 1})"), testing::json(R"({"k": 1, "v": 2})")}, 2);
  const auto done =
      testing::tryNode(&makeFromJson, R"({"keys": [{"field": "k"}], "duplicates": "error"})", {rows, lookup}, 2);
  REQUIRE(done.result.error.has_value());
  CHECK(done.result.error->code == "join.duplicate_key");
}

}  // namespace
}  // namespace weir::nodes::join
