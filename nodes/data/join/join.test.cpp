// Joins against nested loops.
#include <doctest/doctest.h>

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

std::string joined(const Value& row, const Value& b) {
  return toJson(Value::map(
             {{Value::string("k"), *row.find("k")}, {Value::string("a"), *row.find("a")}, {Value::string("b"), b}})) +
         "\n";
}

/// Nested loops: what leaves by rows, and by unmatched.
std::pair<std::string, std::string> naive(const std::vector<Value>& rows, const std::vector<Value>& lookup,
                                          std::string_view kind, bool first) {
  std::pair<std::string, std::string> expected;
  for (const auto& row : rows) {
    int matches = 0;
    for (const auto& other : lookup) {
      if (row.find("k")->isNull() || !equalValues(*row.find("k"), *other.find("k"))) continue;
      ++matches;
      if (matches > 1 && first) continue;
      if (kind == "inner" || kind == "left") expected.first += joined(row, *other.find("b"));
    }
    const auto plain = toJson(row) + "\n";
    if (kind == "left" && matches == 0) expected.first += joined(row, Value::null());
    if (kind == "semi" && matches > 0) expected.first += plain;
    if (kind == "anti" && matches == 0) expected.first += plain;
    if ((kind == "inner" || kind == "semi") && matches == 0) expected.second += plain;
  }
  return expected;
}

TEST_CASE(
    "joins are those of nested loops, in the order of the rows, whatever the bound, the workers and the batches") {
  testing::Dice dice(8);
  const auto rows = randomRows(dice, 2000, "a");
  const auto lookup = randomRows(dice, 90, "b");
  for (const char* kind : {"inner", "left", "semi", "anti"}) {
    for (const bool first : {false, true}) {
      const auto expected = naive(rows, lookup, kind, first);
      for (const int workers : {1, 2, 7}) {
        for (const char* memory : {"100MiB", "2KiB", "1"}) {
          for (const std::size_t rowsEach : {23UL, 700UL}) {
            testing::TrialOptions options;
            options.workers = workers;
            options.seed = rowsEach + static_cast<std::size_t>(workers);
            options.edgeRows = 500;
            const auto done = testing::tryNode(
                &makeFromJson,
                std::string(R"({"keys": [{"field": "k"}], "kind": ")") + kind + R"(", "memoryBytes": ")" + memory +
                    R"(", "duplicates": ")" + (first ? "first" : "all") + "\"}",
                {testing::batchesOf(rows, rowsEach), testing::batchesOf(lookup, 13)}, 2, options);
            REQUIRE(done.result.exitCode() == 0);
            CHECK((done.text() == expected.first));
            CHECK((done.text(1) == expected.second));
            CHECK(done.metrics.rowsIn == static_cast<std::int64_t>(rows.size() + lookup.size()));
            CHECK(done.metrics.rowsOut == static_cast<std::int64_t>(done.outputs[0].size() + done.outputs[1].size()));
          }
        }
      }
    }
  }
}

TEST_CASE("a key with more matches than a batch has rows is joined by files too") {
  testing::Dice dice(9);
  std::vector<Value> rows, lookup;
  for (int i = 0; i < 4; ++i) rows.push_back(testing::json(R"({"k": )" + std::to_string(i % 2) + R"(, "a": 7})"));
  for (int i = 0; i < 12000; ++i)
    lookup.push_back(testing::json(R"({"k": )" + std::to_string(i % 3) + R"(, "b": )" + std::to_string(i) + "}"));
  for (int i = 0; i < 6000; ++i) lookup.push_back(testing::json(R"({"k": 1, "b": -)" + std::to_string(i + 1) + "}"));
  const auto expected = naive(rows, lookup, "left", false);
  for (const char* memory : {"100MiB", "1"}) {
    const auto done = testing::tryNode(
        &makeFromJson, std::string(R"({"keys": [{"field": "k"}], "kind": "left", "memoryBytes": ")") + memory + "\"}",
        {testing::batchesOf(rows, 3), testing::batchesOf(lookup, 5000)}, 2);
    REQUIRE(done.result.exitCode() == 0);
    CHECK((done.text() == expected.first));
  }
}

TEST_CASE("inputs without rows: an empty lookup matches nothing, no rows give none") {
  const std::vector<Value> rows{testing::json(R"({"k": 1})")};
  const auto settings = R"({"keys": [{"field": "k"}], "kind": "left"})";
  const auto unmatched = testing::tryNode(&makeFromJson, settings, {testing::batchesOf(rows, 1), {}}, 2);
  CHECK(unmatched.text() == "{\"k\":1}\n");
  const auto none = testing::tryNode(&makeFromJson, settings, {{}, testing::batchesOf(rows, 1)}, 2);
  CHECK(none.result.exitCode() == 0);
  CHECK(none.text().empty());
}

TEST_CASE("a lookup with equal keys is refused where asked for") {
  const auto rows = testing::batchesOf({testing::json(R"({"k": 1})")}, 1);
  const auto lookup = testing::batchesOf({testing::json(R"({"k": 9, "v": 0})"), testing::json(R"({"k": 1, "v": 1})"),
                                          testing::json(R"({"k": 1, "v": 2})"), testing::json(R"({"k": 0, "v": 1})"),
                                          testing::json(R"({"k": 0, "v": 1})"), testing::json(R"({"k": 0, "v": 1})")},
                                         2);
  std::string message;
  for (const char* memory : {"100MiB", "1"}) {
    const auto done = testing::tryNode(
        &makeFromJson,
        std::string(R"({"keys": [{"field": "k"}], "duplicates": "error", "memoryBytes": ")") + memory + "\"}",
        {rows, lookup}, 2);
    REQUIRE(done.result.error.has_value());
    CHECK(done.result.error->code == "join.duplicate_key");
    if (message.empty()) message = done.result.error->message;
    CHECK(done.result.error->message == message);
  }
}

}  // namespace
}  // namespace weir::nodes::join
