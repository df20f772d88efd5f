// What csv-write leaves behind, in good times and bad.
#include <doctest/doctest.h>

#include <string>

#include "engine/data/batch-builder.h"
#include "nodes/files/csv-read/csv-read.gen.h"
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

TEST_CASE("rows are appended in the order of the file's header, and refused if it has other columns") {
  for (const bool later : {false, true}) {
    Bench bench(later);
    bench.files.put("x.csv", "b, a\n1,2\n");
    static_cast<void>(writeCsv(bench, {{"path", "x.csv"}, {"ifExists", "append"}}, {rowsOf({R"({"a":3,"b":4})"})}));
    CHECK(contentOf(bench, "x.csv") == "b, a\n1,2\n4,3\n");
    for (const char* row : {R"({"a":3})", R"({"a":3,"c":4})", R"({"a":3,"b":4,"c":5})"}) {
      CAPTURE(row);
      const auto got = writeCsv(bench, {{"path", "x.csv"}, {"ifExists", "append"}}, {rowsOf({row})});
      REQUIRE(got.result.error);
      CHECK(got.result.error->code == "csv.header_mismatch");
      CHECK(got.result.error->message.contains("'x.csv' cannot be appended to: the file has the columns 'b', 'a'"));
      CHECK(contentOf(bench, "x.csv") == "b, a\n1,2\n4,3\n");
    }
    bench.files.put("n.csv", "1,2\n");
    const auto narrow =
        writeCsv(bench, {{"path", "n.csv"}, {"ifExists", "append"}, {"header", false}}, {rowsOf({R"({"a":3})"})});
    REQUIRE(narrow.result.error);
    CHECK(narrow.result.error->code == "csv.header_mismatch");
    bench.files.put("e.csv", "\n");
    static_cast<void>(writeCsv(bench, {{"path", "e.csv"}, {"ifExists", "append"}}, {rowsOf({R"({"a":3})"})}));
    CHECK(contentOf(bench, "e.csv") == "\na\n3\n");
  }
}

TEST_CASE("doubles read back as the numbers they were") {
  Bench bench;
  bench.files.put("in.csv", "x\n0.5\n-0\n-0.0\n1e20\n-1e20\n9223372036854775808.0\n1e300\n5e-324\n3\nNaN\n-inf\n");
  const auto first = read(bench, csv_read::makeFromJson, settings({{"path", "in.csv"}}));
  CHECK(first.schema == "{x: double?}");
  CHECK(first.rows.size() == 11);
  static_cast<void>(run(bench, typeOf("source", csv_read::makeFromJson, true),
                        typeOf("target", csv_write::makeFromJson, false), settings({{"path", "in.csv"}}),
                        settings({{"path", "out.csv"}})));
  const auto again = read(bench, csv_read::makeFromJson, settings({{"path", "out.csv"}}));
  CHECK(again.schema == first.schema);
  CHECK(again.rows == first.rows);
}

TEST_CASE("a text with a NUL byte is an error row, as it is to readers") {
  Bench bench;
  const auto got = writeCsv(bench, {{"path", "x.csv"}},
                            {rowsOf({R"({"a":1,"b":"x"})", R"({"a":2,"b":"x\u0000y"})", R"({"a":3,"b":"z"})"})});
  CHECK(contentOf(bench, "x.csv") == "a,b\n1,x\n3,z\n");
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].starts_with("csv.nul_byte: "));
}

TEST_CASE("writers refuse names of compressed files") {
  for (const char* path : {"x.csv.gz", "x.csv.zst"}) {
    Bench bench;
    const auto got = writeCsv(bench, {{"path", path}}, {rowsOf({R"({"a":1})"})});
    REQUIRE(got.result.error);
    CHECK(got.result.error->code == "files.compressed_target");
    CHECK(got.result.error->message.contains("write 'x.csv' and compress it afterwards"));
    CHECK(bench.files.contents().empty());
  }
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
