// What csv-read makes of good, odd and broken files.
#include <doctest/doctest.h>

#include <string>

#include "nodes/files/csv-read/csv-read.gen.h"
#include "nodes/files/run-nodes.test.h"

namespace weir::nodes::testing {
namespace {

Gathered readCsv(Bench& bench, std::initializer_list<std::pair<const char*, json::Value>> members) {
  return read(bench, csv_read::makeFromJson, settings(members));
}

Gathered readText(std::string text, std::initializer_list<std::pair<const char*, json::Value>> more = {}) {
  Bench bench;
  bench.files.put("a.csv", std::move(text));
  auto all = settings(more);
  all.set("path", "a.csv");
  return read(bench, csv_read::makeFromJson, all);
}

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("csv-read infers the types of columns") {
  const auto got =
      readText("id,name,price,when,ok\n1,ann,2.5,2024-01-02,true\n2,\"b,c\",3,2024-01-03T04:05:06Z,false\n");
  CHECK(got.result.exitCode() == 0);
  CHECK(got.schema == "{id: int?, name: string?, price: double?, when: timestamp?, ok: bool?}");
  CHECK(got.rows == Rows{R"({"id":1,"name":"ann","price":2.5,"when":"2024-01-02T00:00:00Z","ok":true})",
                         R"({"id":2,"name":"b,c","price":3,"when":"2024-01-03T04:05:06Z","ok":false})"});
}

TEST_CASE("csv-read reads files that say they are empty and are not, as those of /proc") {
  Bench bench;
  for (const auto* name : {"d/1.csv", "d/3.csv", "d/5.csv"}) bench.files.put(name, "");
  for (const auto* name : {"d/2.csv", "d/4.csv"}) {
    bench.files.put(name, "a,b\n1,2\n");
    bench.files.hideSize(name);
  }
  CHECK(readCsv(bench, {{"path", "d/*.csv"}}).rows == Rows{R"({"a":1,"b":2})", R"({"a":1,"b":2})"});
  CHECK(readCsv(bench, {{"path", "d/4.csv"}}).rows == Rows{R"({"a":1,"b":2})"});
}

TEST_CASE("csv-read says that a file became shorter while it was read") {
  std::string text = "a,b\n";
  while (text.size() < 70'000) text += "1,2\n";
  Bench bench;
  bench.files.put("a.csv", text);
  bench.files.cutWhenOpened("a.csv", 40'000);
  const auto got = readCsv(bench, {{"path", "*.csv"}});
  CHECK(got.rows.size() == 9'999);
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].starts_with("files.shrunk: 'a.csv' became shorter"));
}

TEST_CASE("csv-read keeps leading zeros and huge integers as strings, and tells null from the empty string") {
  const auto got = readText("code,big,text\n007,99999999999999999999,\"\"\n010,1,\n");
  CHECK(got.rows ==
        Rows{R"({"code":"007","big":"99999999999999999999","text":""})", R"({"code":"010","big":"1","text":null})"});
}

TEST_CASE("csv-read takes byte order marks, CRLF, quotes with newlines, other delimiters and comments") {
  CHECK(readText("\xEF\xBB\xBF"
                 "a;b\r\n1;\"x\ny\"\r\n")
            .rows == Rows{R"({"a":1,"b":"x\ny"})"});
  CHECK(readText("a\tb\n1\t2\n").rows == Rows{R"({"a":1,"b":2})"});
  CHECK(readText("# note\na,b\n# more\n1,2\n", {{"comment", "#"}}).rows == Rows{R"({"a":1,"b":2})"});
  CHECK(readText("1,2\n3,4\n", {{"header", "no"}}).rows ==
        Rows{R"({"column_1":1,"column_2":2})", R"({"column_1":3,"column_2":4})"});
  CHECK(readText("1,2\n3,4\n").rows.size() == 2);
}

TEST_CASE("csv-read reads other encodings") {
  CHECK(readText("a,b\n1,\xE9\n", {{"encoding", "latin-1"}}).rows == Rows{R"({"a":1,"b":"é"})"});
  CHECK(readText("a,b\n1,\x80\n", {{"encoding", "windows-1252"}}).rows == Rows{R"({"a":1,"b":"€"})"});
  const std::string utf16(
      "\xFF\xFE"
      "a\0,\0b\0\n\0001\0,\0\xE9\0\n\0",
      18);
  CHECK(readText(utf16).rows == Rows{R"({"a":1,"b":"é"})"});
}

TEST_CASE("csv-read takes decimal commas, thousands, dates and null values as told") {
  const auto got = readText("n;d;x\n1.234,5;24.12.2024;NA\n2;25.12.2024;7\n",
                            {{"decimal", ","},
                             {"thousands", "."},
                             {"dateFormats", json::Value::array({json::Value("dd.MM.yyyy")})},
                             {"nullValues", json::Value::array({json::Value("NA"), json::Value("")})}});
  CHECK(got.rows ==
        Rows{R"({"n":1234.5,"d":"2024-12-24T00:00:00Z","x":null})", R"({"n":2,"d":"2024-12-25T00:00:00Z","x":7})"});
}

TEST_CASE("a malformed row is an error row with file, line and reason, and its neighbours pass") {
  const auto got = readText("a,b\n1,2\n3\n4,5\n\"x\"y,6\n7,8\n");
  CHECK(got.rows == Rows{R"({"a":1,"b":2})", R"({"a":4,"b":5})", R"({"a":7,"b":8})"});
  REQUIRE(got.errors.size() == 2);
  CHECK(got.errors[0].starts_with("csv.field_count: 'a.csv', line 3: "));
  CHECK(got.errors[1].starts_with("csv.text_after_quote: 'a.csv', line 5: "));
  CHECK(got.failed[0] == R"({"file":"a.csv","line":3,"text":"3"})");
  CHECK(got.result.exitCode() == 3);
}

TEST_CASE("a value that does not fit its column is an error row that names both") {
  std::string text = "a,b\n";
  for (int i = 0; i < 200'000; ++i) text += "1,2\n";
  text += "1,x\n3,4\n";
  const auto got = readText(text);
  CHECK(got.rows.size() == 200'001);
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].starts_with("csv.value: 'a.csv', line 200002: column 'b': expected int, found 'x'"));
  const auto typed = readText("a\n1\nx\n99999999999999999999\n", {{"schema", "{a: int}"}});
  CHECK(typed.rows == Rows{R"({"a":1})"});
  CHECK(typed.errors.size() == 2);
}

TEST_CASE("invalid UTF-8 and NUL bytes are error rows") {
  const auto got = readText(std::string("a,b\n1,\xFF\n2,x\n3,y\0z\n", 18));
  CHECK(got.rows == Rows{R"({"a":2,"b":"x"})"});
  REQUIRE(got.errors.size() == 2);
  CHECK(got.errors[0].starts_with("text.invalid_utf8: 'a.csv', line 2"));
  CHECK(got.errors[1].starts_with("csv.nul_byte: 'a.csv', line 4"));
}

TEST_CASE("a file that ends inside quotes loses only that record") {
  const auto got = readText("a,b\n1,2\n3,\"x");
  CHECK(got.rows == Rows{R"({"a":1,"b":2})"});
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].starts_with("csv.unterminated_quote: 'a.csv', line 3"));
}

TEST_CASE("files come in byte order of their paths, and a file with other columns is one error row") {
  Bench bench;
  bench.files.put("d/b.csv", "x,y\n3,4\n");
  bench.files.put("d/a.csv", "x,y\n1,2\n");
  bench.files.put("d/c.csv", "x,z\n5,6\n");
  bench.files.put("d/e/f.csv", "y,x\n8,7\n");
  bench.files.put("d/g.csv", "");
  bench.files.put("d/note.txt", "no");
  const auto got = readCsv(bench, {{"path", "d/**/*.csv"}});
  CHECK(got.rows == Rows{R"({"x":1,"y":2})", R"({"x":3,"y":4})"});
  REQUIRE(got.errors.size() == 2);
  CHECK(got.errors[0].starts_with("csv.drift: 'd/c.csv': the file has other columns"));
  CHECK(got.errors[0].contains("missing: 'y'; extra: 'z'"));
  const auto widened = readCsv(bench, {{"path", "d/**/*.csv"}, {"onDrift", "widen"}});
  CHECK(widened.errors.empty());
  CHECK(widened.rows == Rows{R"({"x":1,"y":2})", R"({"x":3,"y":4})", R"({"x":5,"y":null})", R"({"x":7,"y":8})"});
}

TEST_CASE("onDrift says what disagreeing files become") {
  Bench bench;
  bench.files.put("1.csv", "x\n1\n");
  for (int i = 2; i < 9; ++i) bench.files.put(std::to_string(i) + ".csv", i == 3 ? "x\n2.5\n" : "x\n1\n");
  CHECK(readCsv(bench, {{"path", "*.csv"}}).errors.size() == 1);
  CHECK(readCsv(bench, {{"path", "*.csv"}, {"onDrift", "widen"}}).schema == "{x: double?}");
  CHECK(readCsv(bench, {{"path", "*.csv"}, {"onDrift", "string"}}).rows[2] == R"({"x":"2.5"})");
}

TEST_CASE("a missing file, a folder and an empty glob say what to do") {
  Bench bench;
  bench.files.put("d/a.csv", "x\n1\n");
  CHECK(readCsv(bench, {{"path", "no.csv"}}).result.error->code == "files.not_found");
  CHECK(readCsv(bench, {{"path", "d"}}).result.error->code == "files.is_folder");
  CHECK(readCsv(bench, {{"path", "d/*.tsv"}}).result.error->code == "files.no_match");
  const auto warned = readCsv(bench, {{"path", "d/*.tsv"}, {"ifNoFiles", "warn"}});
  CHECK(warned.result.exitCode() == 0);
  CHECK(bench.logged.size() == 1);
  CHECK(readCsv(bench, {{"path", "d/[.csv"}}).result.error->code == "glob.syntax");
}

TEST_CASE("a file that cannot be read is an error row if a glob found it, and ends the run if it was named") {
  Bench bench;
  bench.files.put("a.csv", "x\n1\n");
  bench.files.put("b.csv", "x\n2\n");
  bench.files.put("c.csv", "x\n3\n");
  bench.files.put("d.csv", "x\n4\n");
  bench.files.put("e.csv", "x\n5\n");
  bench.files.failNext("b.csv", Error{"files.denied", "cannot open 'b.csv': permission denied"});
  const auto got = readCsv(bench, {{"path", "*.csv"}});
  CHECK(got.rows.size() == 4);
  REQUIRE(got.errors.size() == 1);
  CHECK(got.failed[0] == R"({"file":"b.csv"})");
  CHECK(got.result.exitCode() == 3);
}

TEST_CASE("the answer does not depend on workers, order of steps, or when host calls finish") {
  std::string big = "id,text\n";
  for (int i = 0; i < 400'000; ++i) big += std::to_string(i) + ",\"line\n" + std::to_string(i % 7) + "\"\n";
  Rows first;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Bench bench(seed % 2 == 0, static_cast<int>(seed) * 2 - 1, seed);
    bench.files.put("big.csv", big);
    bench.files.put("a.csv", "id,text\n1,one\n");
    bench.files.put("z.csv", "id,text\n2,two\n");
    const auto got = readCsv(bench, {{"path", "*.csv"}});
    CHECK(got.errors.empty());
    REQUIRE(got.rows.size() == 400'002);
    if (first.empty()) first = got.rows;
    CHECK(got.rows == first);
    CHECK(bench.files.openFiles() == 0);
  }
  CHECK(first[1] == R"({"id":0,"text":"line\n0"})");
  CHECK(first[400'000] == R"({"id":399999,"text":"line\n5"})");
}

TEST_CASE("a record longer than allowed is an error row, and reading goes on behind it") {
  std::string text = "a,b\n1,2\n3,";
  text.append(6'000'000, 'x');
  text += "\n4,5\n6,\"";
  text.append(6'000'000, 'y');
  text += "\n7,8\n";
  const auto got = readText(text, {{"maxRecordBytes", "2MiB"}, {"schema", "{b: string}"}});
  CHECK(got.rows == Rows{R"({"a":1,"b":"2"})", R"({"a":4,"b":"5"})", R"({"a":7,"b":"8"})"});
  REQUIRE(got.errors.size() == 2);
  CHECK(got.errors[0].starts_with("csv.record_too_long: 'a.csv', line 3: "));
  CHECK(got.errors[1].starts_with("csv.record_too_long: 'a.csv', line 5: "));
}

TEST_CASE("a record longer than maxRecordBytes is an error row wherever the chunks of a file end") {
  for (const int width : {1'020, 1'100, 70'000, 700'000}) {
    CAPTURE(width);
    const auto text = "a,b\n1,2\n3," + std::string(static_cast<std::size_t>(width), 'x') + "\n5,\"6\"\n";
    const auto got = readText(text, {{"maxRecordBytes", "1KiB"}, {"schema", "{b: string}"}});
    CHECK(got.rows.size() == (width < 1'024 ? 3 : 2));
    CHECK(got.errors.size() == (width < 1'024 ? 0 : 1));
    if (width < 1'024) continue;
    CHECK(got.errors[0].starts_with("csv.record_too_long: 'a.csv', line 3: the record is longer than maxRecordBytes"));
    CHECK(got.rows == Rows{R"({"a":1,"b":"2"})", R"({"a":5,"b":"6"})"});
  }
}

TEST_CASE("a schema that names a column which the file lacks is an error that names the nearest") {
  const auto got = readText("id,price\n1,2\n", {{"schema", "{pirce: double}"}});
  REQUIRE(got.result.error);
  CHECK(got.result.error->code == "rows.unknown_field");
  CHECK(got.result.error->message.contains("'a.csv': the file has no column 'pirce', which the setting schema names"));
  CHECK(got.result.error->message.contains("it has 'id', 'price'. Did you mean 'price'?"));
}

TEST_CASE("minus zero is a number, and no integer") {
  for (const char* text : {"a\n-0\n", "a\n1\n-0\n2\n", "a\n0.5\n-0.0\n-0\n"}) {
    CAPTURE(text);
    const auto got = readText(text);
    CHECK(got.schema == "{a: double?}");
    CHECK(got.errors == Rows{});
  }
}

TEST_CASE("only needed columns are decoded, and strict checks the others") {
  Bench bench;
  bench.files.put("a.csv", "a,b\n1,2\n3,x\n");
  bench.needed = FieldSet::none();
  bench.needed.add("a");
  auto got = readCsv(bench, {{"path", "a.csv"}, {"schema", "{b: int}"}});
  CHECK(got.rows == Rows{R"({"a":1})", R"({"a":3})"});
  got = readCsv(bench, {{"path", "a.csv"}, {"schema", "{b: int}"}, {"strict", true}});
  CHECK(got.rows == Rows{R"({"a":1})"});
  CHECK(got.errors.size() == 1);
  bench.needed = FieldSet::none();
  CHECK(readCsv(bench, {{"path", "a.csv"}}).rows == Rows{"{}", "{}"});
}

TEST_CASE("ragged rows are filled if told so") {
  const auto got = readText("a,b\n1\n2,3,4\n", {{"ragged", "fill"}});
  CHECK(got.rows == Rows{R"({"a":1,"b":null})", R"({"a":2,"b":3})"});
}

}  // namespace weir::nodes::testing
