// What csv-write leaves behind, in good times and bad.
#include <doctest/doctest.h>

#include <string>

#include "engine/data/batch-builder.h"
#include "nodes/files/csv-write/csv-write.gen.h"
#include "nodes/files/run-nodes.test.h"

namespace weir::nodes::testing {
namespace {

Batch rowsOf(std::initializer_list<const char*> texts) {
  std::vector<Value> rows;
  for (const auto* text : texts) rows.push_back(*parseJsonValue(text));
  return *batchOfRows(rows, MemoryAccount::unlimited());
}

Gathered writeCsv(Bench& bench, std::initializer_list<std::pair<const char*, json::Value>> members,
                  std::vector<Batch> batches) {
  return write(bench, csv_write::makeFromJson, settings(members), std::move(batches));
}

std::string contentOf(const Bench& bench, const std::string& path) {
  const auto found = bench.files.contents().find(path);
  return found == bench.files.contents().end() ? "(none)" : *found->second;
}

}  // namespace

TEST_CASE("csv-write writes values so that they read back") {
  Bench bench;
  const auto got = writeCsv(bench, {{"path", "out/x.csv"}},
                            {rowsOf({R"({"a":1,"b":"x,y","c":2.5,"d":null,"e":[1,2],"f":true})",
                                     R"({"a":2,"b":"","c":1e300,"d":null,"e":[],"f":false})"})});
  CHECK(got.result.exitCode() == 0);
  CHECK(contentOf(bench, "out/x.csv") == "a,b,c,d,e,f\n1,\"x,y\",2.5,,\"[1,2]\",true\n2,\"\",1e+300,,[],false\n");
  CHECK(bench.files.contents().size() == 1);
  CHECK(bench.files.openFiles() == 0);
}

TEST_CASE("csv-write follows its settings of form") {
  Bench bench;
  static_cast<void>(writeCsv(bench,
                             {{"path", "x.csv"},
                              {"delimiter", "tab"},
                              {"nullText", "NA"},
                              {"guardFormulas", true},
                              {"lineEnd", "crlf"},
                              {"byteOrderMark", true},
                              {"columns", json::Value::array({json::Value("b"), json::Value("a")})}},
                             {rowsOf({R"({"a":null,"b":"=1+1","c":3})"})}));
  CHECK(contentOf(bench, "x.csv") ==
        "\xEF\xBB\xBF"
        "b\ta\r\n\"'=1+1\"\tNA\r\n");
}

TEST_CASE("csv-write overwrites, appends or refuses as told") {
  Bench bench;
  bench.files.put("x.csv", "a\n1");
  const auto rows = rowsOf({R"({"a":2})"});
  const auto refused = writeCsv(bench, {{"path", "x.csv"}, {"ifExists", "error"}}, {rows});
  CHECK(refused.result.error->code == "files.exists");
  CHECK(contentOf(bench, "x.csv") == "a\n1");
  static_cast<void>(writeCsv(bench, {{"path", "x.csv"}, {"ifExists", "append"}}, {rows}));
  CHECK(contentOf(bench, "x.csv") == "a\n1\n2\n");
  static_cast<void>(writeCsv(bench, {{"path", "x.csv"}}, {rows}));
  CHECK(contentOf(bench, "x.csv") == "a\n2\n");
  static_cast<void>(writeCsv(bench, {{"path", "new.csv"}, {"ifExists", "append"}}, {rows}));
  CHECK(contentOf(bench, "new.csv") == "a\n2\n");
}

TEST_CASE("csv-write without rows writes a header or nothing") {
  Bench bench;
  static_cast<void>(writeCsv(bench, {{"path", "x.csv"}, {"columns", json::Value::array({json::Value("a")})}}, {}));
  CHECK(contentOf(bench, "x.csv") == "a\n");
  static_cast<void>(writeCsv(bench, {{"path", "y.csv"}, {"ifEmpty", "none"}}, {}));
  CHECK(contentOf(bench, "y.csv") == "(none)");
}

TEST_CASE("a full disk and a failed sync leave the old file as it was") {
  for (const bool later : {false, true}) {
    Bench bench(later);
    bench.files.put("x.csv", "old\n");
    bench.files.setDiskBytes(4);
    const auto full = writeCsv(bench, {{"path", "x.csv"}}, {rowsOf({R"({"a":12345})"})});
    CHECK(full.result.error->code == "files.disk_full");
    CHECK(full.result.exitCode() == 1);
    CHECK(contentOf(bench, "x.csv") == "old\n");
  }
  Bench bench;
  bench.files.put("x.csv", "old\n");
  bench.files.failNext(".x.csv.weir-part#sync", Error{"files.sync_failed", "'x.csv' could not be made safe"});
  const auto got = writeCsv(bench, {{"path", "x.csv"}}, {rowsOf({R"({"a":1})"})});
  CHECK(got.result.error->code == "files.sync_failed");
  CHECK(contentOf(bench, "x.csv") == "old\n");
}

TEST_CASE("two runs that write the same file are told apart") {
  Bench bench;
  const auto held = bench.files.open(".x.csv.weir-part", FileMode::create, Waker()).take();
  REQUIRE(held);
  const auto got = writeCsv(bench, {{"path", "x.csv"}}, {rowsOf({R"({"a":1})"})});
  CHECK(got.result.error->code == "files.busy");
  bench.files.close(*held);
  CHECK(writeCsv(bench, {{"path", "x.csv"}}, {rowsOf({R"({"a":1})"})}).result.exitCode() == 0);
}

TEST_CASE("later rows may lack columns, and are error rows if they have more") {
  Bench bench(true, 3, 7);
  const auto got = writeCsv(bench, {{"path", "x.csv"}},
                            {rowsOf({R"({"a":1,"b":2})"}), rowsOf({R"({"b":3})"}), rowsOf({R"({"a":4,"c":5})"})});
  CHECK(contentOf(bench, "x.csv") == "a,b\n1,2\n,3\n");
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].starts_with("csv.extra_column: "));
}

TEST_CASE("many rows are written in order") {
  Bench bench(true, 3, 5);
  std::vector<Batch> batches;
  std::string expected = "n,text\n";
  for (int i = 0; i < 60; ++i) {
    std::vector<Value> rows;
    for (int k = 0; k < 1000; ++k) {
      MapBuilder row;
      static_cast<void>(row.insert(Value::string("n"), Value::int64(i * 1000 + k)));
      static_cast<void>(row.insert(Value::string("text"), Value::string(std::string(40, 'x'))));
      rows.push_back(std::move(row).build());
      expected += std::to_string(i * 1000 + k) + "," + std::string(40, 'x') + "\n";
    }
    batches.push_back(*batchOfRows(rows, MemoryAccount::unlimited()));
  }
  static_cast<void>(writeCsv(bench, {{"path", "x.csv"}}, batches));
  CHECK(contentOf(bench, "x.csv") == expected);
}

}  // namespace weir::nodes::testing
