// Sort against std::stable_sort, in memory and spilled.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/data/random-rows.h"
#include "engine/node/row-sorter.h"
#include "nodes/aggregate/node-trial.test.h"
#include "nodes/aggregate/sort/sort.gen.h"

namespace weir::nodes::sort {
namespace {

using testing::batchesOf;
using testing::Dice;
using testing::tryNode;

int compareNullsLast(const Value& a, const Value& b) {
  if (a.isNull() || b.isNull()) return static_cast<int>(a.isNull()) - static_cast<int>(b.isNull());
  return totalOrder(a, b);
}

TEST_CASE("rows are those of a stable sort, whatever the bound, the workers and the batches") {
  Dice dice(5);
  std::vector<Value> rows;
  for (int i = 0; i < 4000; ++i) {
    const auto text = std::string("abc", dice.below(4)) + std::string(dice.below(2), '\0');
    rows.push_back(
        Value::map({{Value::string("s"), Value::string(text)},
                    {Value::string("n"),
                     dice.below(9) == 0 ? Value::null() : Value::int64(static_cast<std::int64_t>(dice.below(40)) - 20)},
                    {Value::string("i"), Value::int64(i)}}));
  }
  auto expected = rows;
  std::ranges::stable_sort(expected, [](const Value& a, const Value& b) {
    const int first = compareNullsLast(*a.find("n"), *b.find("n"));
    if (first != 0) {
      const bool nulls = a.find("n")->isNull() || b.find("n")->isNull();
      return nulls ? first < 0 : first > 0;
    }
    return totalOrder(*a.find("s"), *b.find("s")) < 0;
  });
  for (const std::size_t limit : {0UL, 1UL, 100UL, 3000UL}) {
    std::string text;
    for (std::size_t i = 0; i < (limit == 0 ? rows.size() : limit); ++i) text += toJson(expected[i]) + "\n";
    for (const int workers : {1, 2, 7}) {
      for (const char* memory : {"100MiB", "20KiB", "1"}) {
        testing::TrialOptions options;
        options.workers = workers;
        options.seed = static_cast<std::uint64_t>(workers);
        const auto settings =
            std::string(R"({"keys": [{"field": "n", "descending": true}, {"of": "row.s"}], "memoryBytes": ")") +
            memory + "\"" + (limit == 0 ? "" : ", \"limit\": " + std::to_string(limit)) + "}";
        const auto done = tryNode(&makeFromJson, settings, {batchesOf(rows, 97)}, 1, options);
        REQUIRE(done.result.exitCode() == 0);
        CHECK((done.text() == text));
        CHECK(done.metrics.rowsIn == static_cast<std::int64_t>(rows.size()));
        CHECK(done.metrics.rowsOut == static_cast<std::int64_t>(done.outputs[0].size()));
      }
    }
  }
}

/// What a task saves, in memory.
struct Saved final : StateWriter, StateReader {
  Result<Poll> write(const Value& value) override {
    values.push_back(value.owned());
    return Poll::ready;
  }
  Result<Value> readValue() override {
    if (next == values.size()) return fail("state.mismatch", "nothing more was saved");
    return values[next++];
  }
  std::vector<Value> values;
  std::size_t next = 0;
};

TEST_CASE("rows and keys come back from a checkpoint, and what they take is counted") {
  MemoryAccount account;
  std::vector<Value> rows;
  for (int i = 0; i < 50'000; ++i)
    rows.push_back(Value::map({{Value::string("n"), Value::int64((i * 7919) % 50'000)}}));
  RowSorter sorter(RowSorterOptions{}, account);
  for (const auto& batch : batchesOf(rows, 1000)) {
    KeyList keys;
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      appendKey(keys.open(), batch.column(0), row);
      keys.close();
    }
    REQUIRE(sorter.add(batch, keys).has_value());
  }
  CHECK(account.usedBytes() > 50'000 * 8);
  Saved saved;
  REQUIRE(sorter.save(saved).has_value());
  RowSorter again(RowSorterOptions{}, account);
  REQUIRE(again.restore(saved).has_value());
  std::vector<RowSorter> one;
  one.push_back(std::move(again));
  auto sorted = SortedRows::of(std::move(one), account);
  REQUIRE(sorted.has_value());
  std::int64_t expected = 0;
  for (;;) {
    const auto batch = sorted->next(kMaxBatchRows);
    REQUIRE(batch.has_value());
    if (!*batch) break;
    for (std::int64_t row = 0; row < (*batch)->rows(); ++row)
      REQUIRE((*batch)->column(0).ints()[static_cast<std::size_t>(row)] == expected++);
  }
  CHECK(expected == 50'000);
}

TEST_CASE("nulls come first where asked for, and numbers of all types are one order") {
  std::vector<Value> rows;
  for (const auto* text : {"{\"x\": 2}", "{\"x\": 1.5}", "{\"x\": null}", "{\"x\": \"a\"}", "{\"x\": 9007199254740993}",
                           "{\"x\": 9007199254740992.0}", "{\"x\": -3}"})
    rows.push_back(testing::json(text));
  const auto done = tryNode(&makeFromJson, R"({"keys": [{"field": "x", "nulls": "first"}]})", {batchesOf(rows, 100)});
  CHECK(done.text() ==
        "{\"x\":null}\n{\"x\":-3}\n{\"x\":1.5}\n{\"x\":2}\n{\"x\":9007199254740992}\n{\"x\":9007199254740993}\n{"
        "\"x\":\"a\"}\n");
}

}  // namespace
}  // namespace weir::nodes::sort
