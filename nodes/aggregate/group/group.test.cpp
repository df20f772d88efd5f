// Groups against a naive model, in memory and spilled, with any number of workers.
#include <doctest/doctest.h>

#include <map>

#include "engine/data/random-rows.h"
#include "nodes/aggregate/group/group.gen.h"
#include "nodes/aggregate/node-trial.test.h"

namespace weir::nodes::group {
namespace {

using testing::batchesOf;
using testing::Dice;
using testing::tryNode;

std::vector<Value> randomRows(Dice& dice, std::size_t count, std::uint32_t keys) {
  std::vector<Value> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto key = dice.below(keys + 1);
    rows.push_back(
        Value::map({{Value::string("k"), key == keys ? Value::null() : Value::string("k" + std::to_string(key))},
                    {Value::string("n"), Value::int64(static_cast<std::int64_t>(dice.below(1000)) - 500)},
                    {Value::string("x"), Value::float64(dice.below(100000) / 7.0)}}));
  }
  return rows;
}

struct Model {
  std::int64_t count = 0, sum = 0, least = INT64_MAX;
  double greatest = -1;
  Value first, last;
};

TEST_CASE("groups are those of a naive model, sorted by key, whatever the bound, the workers and the batches") {
  for (const std::uint32_t keys : {1U, 8U, 3000U}) {
    Dice dice(keys);
    const auto rows = randomRows(dice, 5000, keys);
    std::map<std::string, Model> model;
    for (const auto& row : rows) {
      const auto* key = row.find("k");
      auto& group = model[key->isNull() ? "" : std::string(key->text())];
      ++group.count;
      group.sum += row.find("n")->int64();
      group.least = std::min(group.least, row.find("n")->int64());
      group.greatest = std::max(group.greatest, row.find("x")->float64());
      if (group.first.isNull()) group.first = *row.find("x");
      group.last = *row.find("x");
    }
    std::string same;
    for (const int workers : {1, 2, 7}) {
      for (const char* memory : {"100MiB", "1"}) {
        for (const std::size_t rowsEach : {17UL, 1000UL}) {
          const auto settings = std::string(R"({"keys": ["k"], "memoryBytes": ")") + memory + R"(", "measures": [
            {"name": "count", "function": "count"}, {"name": "sum", "function": "sum", "of": "row.n"},
            {"name": "mean", "function": "mean", "of": "row.x"}, {"name": "least", "function": "min", "of": "row.n"},
            {"name": "greatest", "function": "max", "of": "row.x"}, {"name": "first", "function": "first", "of": "row.x"},
            {"name": "last", "function": "last", "of": "row.x"}, {"name": "dev", "function": "stddev", "of": "row.x"},
            {"name": "q", "function": "quantile", "of": "row.x", "q": 0.9},
            {"name": "distinct", "function": "count-distinct", "of": "row.n"}]})";
          testing::TrialOptions options;
          options.workers = workers;
          options.seed = static_cast<std::uint64_t>(workers) * rowsEach;
          const auto done = tryNode(&makeFromJson, settings, {batchesOf(rows, rowsEach)}, 1, options);
          REQUIRE(done.result.exitCode() == 0);
          REQUIRE(done.outputs[0].size() == model.size());
          CHECK(done.metrics.rowsIn == static_cast<std::int64_t>(rows.size()));
          CHECK(done.metrics.rowsOut == static_cast<std::int64_t>(model.size()));
          CHECK(done.metrics.failed == 0);
          auto expected = model.begin();
          for (const auto& row : done.outputs[0]) {
            REQUIRE((row.find("k")->isNull() ? "" : std::string(row.find("k")->text())) == expected->first);
            REQUIRE(row.find("count")->int64() == expected->second.count);
            REQUIRE(row.find("sum")->int64() == expected->second.sum);
            REQUIRE(row.find("least")->int64() == expected->second.least);
            REQUIRE(row.find("greatest")->float64() == expected->second.greatest);
            REQUIRE(equalValues(*row.find("first"), expected->second.first));
            REQUIRE(equalValues(*row.find("last"), expected->second.last));
            ++expected;
          }
          if (same.empty()) same = done.text();
          CHECK((done.text() == same));
        }
      }
    }
  }
}

TEST_CASE("a sum beyond 64 bits is a failed row of its group; the others are there") {
  const auto big = Value::int64(INT64_MAX);
  std::vector<Value> rows;
  for (const auto* key : {"a", "b", "b"})
    rows.push_back(Value::map({{Value::string("k"), Value::string(key)}, {Value::string("n"), big}}));
  const auto done =
      tryNode(&makeFromJson, R"({"keys": ["k"], "measures": [{"name": "s", "function": "sum", "of": "row.n"}]})",
              {batchesOf(rows, 10)});
  CHECK(done.text() == "{\"k\":\"a\",\"s\":9223372036854775807}\n");
  REQUIRE(done.outputs[1].size() == 1);
  CHECK(done.outputs[1][0].find("code")->text() == "group.overflow");
}

TEST_CASE("failed rows are counted once; the others are in the groups") {
  std::vector<Value> rows;
  for (int i = 0; i < 100; ++i) rows.push_back(Value::map({{Value::string("n"), Value::int64(i % 5)}}));
  for (const int workers : {1, 7}) {
    testing::TrialOptions options;
    options.workers = workers;
    const auto done =
        tryNode(&makeFromJson, R"({"keys": ["n"], "measures": [{"name": "s", "function": "sum", "of": "10 / row.n"}]})",
                {batchesOf(rows, 9)}, 1, options);
    CHECK(done.outputs[0].size() == 4);
    CHECK(done.outputs[1].size() == 20);
    CHECK(done.metrics.rowsIn == 100);
    CHECK(done.metrics.failed == 20);
  }
}

TEST_CASE("rows without keys are one group, even no rows") {
  const std::vector<Value> some(7, testing::json(R"({"a": 1})"));
  for (const int workers : {1, 2, 7}) {
    testing::TrialOptions options;
    options.workers = workers;
    const auto counted = tryNode(&makeFromJson, "{}", {batchesOf(some, 2)}, 1, options);
    CHECK(counted.text() == "{\"count\":7}\n");
    CHECK(counted.metrics.rowsIn == 7);
    CHECK(counted.metrics.rowsOut == 1);
  }
  const auto none = tryNode(&makeFromJson, R"({"keys": ["k"]})", {{}});
  CHECK(none.text().empty());
  const auto done = tryNode(&makeFromJson, R"({"measures": [{"name": "n", "function": "count"}]})", {{}});
  CHECK(done.text() == "{\"n\":0}\n");
}

TEST_CASE("keys of several kinds of numbers that are equal are one group, in numeric order") {
  std::vector<Value> rows;
  for (int i = 0; i < 6; ++i) {
    rows.push_back(Value::map({{Value::string("k"), i % 2 == 0 ? Value::int64(i / 2) : Value::float64(i / 2)}}));
  }
  const auto one = tryNode(&makeFromJson, R"({"keys": ["k"]})", {batchesOf(rows, 1)});
  CHECK(one.text() == "{\"k\":0,\"count\":2}\n{\"k\":1,\"count\":2}\n{\"k\":2,\"count\":2}\n");
}

TEST_CASE("a field that is not there, or no number, is said") {
  const std::vector<Value> rows{testing::json(R"({"k": "a", "t": "x"})")};
  const auto missing = tryNode(&makeFromJson, R"({"keys": ["z"]})", {batchesOf(rows, 1)});
  REQUIRE(missing.result.error.has_value());
  CHECK(missing.result.error->code == "rows.unknown_field");
  const auto text =
      tryNode(&makeFromJson, R"({"keys": ["k"], "measures": [{"name": "s", "function": "sum", "of": "row.t"}]})",
              {batchesOf(rows, 1)});
  REQUIRE(text.result.error.has_value());
  CHECK(text.result.error->code == "settings.type");
}

TEST_CASE("a look at a group under way shows what all workers have so far, and changes nothing") {
  Dice dice(9);
  const auto rows = randomRows(dice, 4000, 5);
  const auto* settings =
      R"({"keys": ["k"], "measures": [{"name": "count", "function": "count"}, {"name": "mean", "function": "mean", "of": "row.x"}]})";
  const auto wanted = tryNode(&makeFromJson, settings, {batchesOf(rows, 50)}).text();
  for (const int workers : {1, 2, 7}) {
    testing::TrialOptions options;
    options.workers = workers;
    options.seed = 4;
    options.edgeRows = 100;
    std::int64_t looks = 0, last = 0;
    options.watch = [&](Run& run, std::int64_t) {
      const auto before = run.metrics();
      const auto seen = run.resultSoFar("node");
      if (!seen) return;
      ++looks;
      std::int64_t total = 0;
      for (std::int64_t row = 0; row < seen->rows(); ++row)
        total += seen->column(1).ints()[static_cast<std::size_t>(row)];
      // Steps under way have added rows that the metrics do not count yet.
      for (const auto& node : before.nodes) {
        if (node.id == "node") CHECK(total >= node.rowsIn);
      }
      CHECK(total >= last);
      last = total;
    };
    const auto done = tryNode(&makeFromJson, settings, {batchesOf(rows, 50)}, 1, options);
    CHECK(done.text() == wanted);
    CHECK(looks > 20);
    CHECK(last == 4000);
  }
}

}  // namespace
}  // namespace weir::nodes::group
