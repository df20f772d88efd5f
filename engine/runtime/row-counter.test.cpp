// Which rows an alert counts.
#include "engine/runtime/row-counter.h"

#include <doctest/doctest.h>

#include "engine/data/batch-builder.h"
#include "engine/data/value-json.h"
#include "engine/json/document.h"

namespace weir::runtime {
namespace {

Batch rowsOf(std::string_view text) {
  const auto document = json::parse(text);
  REQUIRE(document.has_value());
  std::vector<Value> rows;
  for (const auto& row : *document->root().asArray()) rows.push_back(fromJson(row));
  auto batch = batchOfRows(rows, MemoryAccount::unlimited());
  REQUIRE(batch.has_value());
  return *batch;
}

RowTally counted(std::string_view where, std::string_view key, const Batch& batch) {
  auto counter = RowCounter::compile(where, key, {});
  REQUIRE(counter.has_value());
  RowTally tally;
  (*counter)->count(batch, tally);
  return tally;
}

using Rows = std::map<std::string, std::int64_t, std::less<>>;

TEST_CASE("rows are counted by condition and key") {
  const auto batch =
      rowsOf(R"([{"s":"a","c":90},{"s":"a","c":10},{"s":"b","c":95},{"s":"a","c":99},{"s":"b","c":81}])");
  CHECK(counted("", "", batch).rows == Rows{{"", 5}});
  CHECK(counted("row.c > 80", "", batch).rows == Rows{{"", 4}});
  CHECK(counted("row.c > 80", "row.s", batch).rows == Rows{{"a", 2}, {"b", 2}});
  CHECK(counted("", "row.c > 80", batch).rows == Rows{{"true", 4}, {"false", 1}});
  CHECK(counted("row.c > 100", "row.s", batch).empty());
}

TEST_CASE("rows that cannot be computed are counted as failed, with the first reason") {
  const auto batch = rowsOf(R"([{"d":1},{"d":0},{"d":2},{"d":0}])");
  const auto tally = counted("4 / row.d > 3", "", batch);
  CHECK(tally.rows == Rows{{"", 1}});
  CHECK(tally.failed == 2);
  CHECK(tally.problem.contains("zero"));
  CHECK(counted("row.nothing > 3", "", batch).failed == 4);
  CHECK(counted("", "8 / row.d", batch).rows == Rows{{"8", 1}, {"4", 1}});
}

TEST_CASE("tallies are added, long keys are cut, and keys are bounded") {
  RowTally all;
  for (std::size_t i = 0; i < RowTally::kMostKeys + 50; ++i) all.add("k" + std::to_string(i), 2);
  CHECK(all.rows.size() == RowTally::kMostKeys);
  CHECK(all.beyond == 100);
  RowTally other;
  other.add("k1", 3);
  other.add("new", 7);
  other.failed = 1;
  other.problem = "why";
  all.add(other);
  CHECK(all.rows.at("k1") == 5);
  CHECK(all.beyond == 107);
  CHECK(all.problem == "why");

  const auto batch = rowsOf("[{\"s\":\"" + std::string(100'000, 'x') + "\"}]");
  const auto tally = counted("", "row.s", batch);
  REQUIRE(tally.rows.size() == 1);
  CHECK(tally.rows.begin()->first == std::string(RowCounter::kMostKeyBytes, 'x') + "…");
}

}  // namespace
}  // namespace weir::runtime
