// What json-read makes of good, odd and broken files.
#include <doctest/doctest.h>

#include <string>

#include "nodes/files/json-read/json-read.gen.h"
#include "nodes/files/json-write/json-write.gen.h"
#include "nodes/files/run-nodes.test.h"

namespace weir::nodes::testing {
namespace {

using Rows = std::vector<std::string>;

Gathered readFile(std::string name, std::string text,
                  std::initializer_list<std::pair<const char*, json::Value>> more = {}, FieldSet needed = {}) {
  Bench bench;
  bench.needed = std::move(needed);
  bench.files.put(name, std::move(text));
  auto all = settings(more);
  all.set("path", name);
  return read(bench, json_read::makeFromJson, all);
}

}  // namespace

TEST_CASE("json-read reads lines, and learns the types of columns") {
  const auto got =
      readFile("a.ndjson",
               "{\"id\":1,\"x\":2,\"s\":\"a\\u00e9\",\"b\":true,\"n\":null,\"l\":[1,2],\"o\":{\"k\":1}}\r\n\n"
               "{\"id\":2,\"x\":2.5,\"s\":null,\"l\":[],\"o\":{\"k\":2}}");
  CHECK(got.errors == Rows{});
  CHECK(got.result.exitCode() == 0);
  REQUIRE(got.rows.size() == 2);
  CHECK(got.rows[0] == R"({"id":1,"x":2,"s":"aé","b":true,"n":null,"l":[1,2],"o":{"k":1}})");
  CHECK(got.rows[1] == R"({"id":2,"x":2.5,"s":null,"b":null,"n":null,"l":[],"o":{"k":2}})");
}

TEST_CASE("json-read reads files that say they are empty and are not, as those of /proc") {
  Bench bench;
  bench.files.put("a.ndjson", "{\"a\":1}\n");
  bench.files.hideSize("a.ndjson");
  const auto got = read(bench, json_read::makeFromJson, settings({{"path", "a.ndjson"}}));
  CHECK(got.rows == Rows{R"({"a":1})"});
  CHECK(got.schema == "{a: int?}");
}

TEST_CASE("a line that is no JSON between lines that are, whatever the file's name, is one error row") {
  for (const char* text : {"{\"a\":1}\nxx\n{\"a\":2}\n", "{\"a\":1}\n\nxx\nyy\n{\"a\":2}", "{\"a\":1}\n7\n{\"a\":2}"}) {
    CAPTURE(text);
    const auto got = readFile("m.json", text);
    CHECK(got.rows.size() >= 2);
    CHECK(got.rows.front().contains("1"));
    CHECK(got.rows.back().contains("2"));
  }
  for (const char* text : {"{\"a\":1}xx", "{} {}", "{}\nxx", "{\n}\nxx\n{\"a\":2}", "[1]\nxx\n[2]"}) {
    CAPTURE(text);
    CHECK(readFile("m.json", text).result.exitCode() == 3);
  }
}

TEST_CASE("json-read reads lists and single values of any kind") {
  CHECK(readFile("a.json", "[{\"a\":1},{\"a\":2}]").rows == Rows{R"({"a":1})", R"({"a":2})"});
  CHECK(readFile("a.json", "{\n \"a\": 1\n}").rows == Rows{R"({"a":1})"});
  CHECK(readFile("a.json", "[1,\"x\",{},null]").rows ==
        Rows{R"({"value":1})", R"({"value":"x"})", R"({"value":{}})", R"({"value":null})"});
  for (const char* good : {"123", "\"s\"", "[]", "{}", "null", "true", "[[]]", "{\"a\":1,\"a\":2}", " [] ", "[1e-2]",
                           "\xEF\xBB\xBF[1]", "{\"a\":[]}", "-0.1", "[\"\\u0000\"]"}) {
    CAPTURE(good);
    const auto got = readFile("a.json", good);
    CHECK(got.errors == Rows{});
    CHECK(got.result.exitCode() == 0);
  }
  CHECK(readFile("a.json", "{\"a\":1,\"a\":2}").rows == Rows{R"({"a":2})"});
}

TEST_CASE("json-read refuses what is no JSON") {
  for (const char* bad : {"",
                          " ",
                          "[1,]",
                          "[,1]",
                          "[1 2]",
                          "{\"a\":1,}",
                          "{a:1}",
                          "[1",
                          "{",
                          "[\"a",
                          "01",
                          "nul",
                          "1 2",
                          "[1]x",
                          "[\"\t\"]",
                          "[\"\\x\"]",
                          "[\xFF]",
                          "[\"\xFF\"]",
                          "{} {}",
                          "[][]",
                          "\"a",
                          "[1]]",
                          "{\"a\":1}}",
                          "[1.]",
                          "[-]",
                          "*",
                          "\xEF\xBB\xBF",
                          "[\"a\",\n4\n,1,",
                          "{\"a\":\"b\"}#",
                          "\"\\\"\x01",
                          "[1,\"\\\"\x01"}) {
    CAPTURE(bad);
    CHECK(readFile("a.json", bad).errors.size() >= 1);
  }
}

TEST_CASE("a malformed line is an error row with file, line and text, and its neighbours pass") {
  const auto got = readFile("a.ndjson", "{\"a\":1}\n{\"a\":}\n\n{\"a\":\"\xFF\"}\n{\"a\":2}\n{\"a\":3");
  CHECK(got.rows == Rows{R"({"a":1})", R"({"a":2})"});
  REQUIRE(got.errors.size() == 3);
  CHECK(got.errors[0].starts_with("json.syntax: 'a.ndjson', line 2, column 6"));
  CHECK(got.errors[1].starts_with("json.invalid_utf8: 'a.ndjson', line 4"));
  CHECK(got.failed[0] == R"({"file":"a.ndjson","line":2,"text":"{\"a\":}"})");
  CHECK(got.result.exitCode() == 3);
}

TEST_CASE("a list that is malformed in the middle gives the rows before") {
  const auto got = readFile("a.json", "[{\"a\":1},\n{\"a\":2},\n{\"a\":x},\n{\"a\":4}]");
  CHECK(got.rows == Rows{R"({"a":1})", R"({"a":2})"});
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].contains("'a.json', line 3"));
}

TEST_CASE("a list of any length is read with a window of it, and one wrong element leaves its neighbours alone") {
  std::string text = "[\n";
  Rows expected;
  for (int i = 0; i < 120'000; ++i) {
    text += "{\"id\": " + std::to_string(i) + ", \"pad\": \"" + std::string(static_cast<std::size_t>(i % 90), 'x') +
            "\"},\n";
    if (i == 70'000) text += "{\"id\": -1, \"pad\": \"\\ud800\"},\n{\"id\": \"x\"},\n{\"id\": 1e400},\n";
    expected.push_back("{\"id\":" + std::to_string(i) + "}");
  }
  text += "{\"id\": 0, \"pad\": 1} ]";
  expected.emplace_back("{\"id\":0}");
  const auto got = readFile("a.json", text, {}, FieldSet{false, {"id"}});
  CHECK(got.rows == expected);
  REQUIRE(got.errors.size() == 3);
  CHECK(got.errors[0].starts_with("json.lone_surrogate: 'a.json', line 70003, column 20: "));
  CHECK(got.errors[1].starts_with(
      "json.drift: 'a.json', line 70004, column 1: column 'id': expected int, found '\"x\"'"));
  CHECK(got.errors[2].starts_with("json.number_range: 'a.json', line 70005, column 1: column 'id': the number is too"));
  CHECK(got.failed[1] == R"({"file":"a.json","line":70004,"text":"{\"id\": \"x\"}"})");
}

TEST_CASE("a list's element and a single value longer than maxRecordBytes are error rows that say what to do") {
  const auto list = readFile("a.json", "[{\"a\":1},\n {\"a\":\"],{" + std::string(3 << 20, 'x') + "\\\"\"},{\"a\":2}]",
                             {{"maxRecordBytes", "1MiB"}});
  CHECK(list.rows == Rows{R"({"a":1})", R"({"a":2})"});
  REQUIRE(list.errors.size() == 1);
  CHECK(list.errors[0].starts_with("json.record_too_long: 'a.json', line 2, column 2: the element that begins here"));
  CHECK(list.errors[0].contains("raise maxRecordBytes"));
  const auto single =
      readFile("a.json", "\n{\"a\":\"" + std::string(3 << 20, 'x') + "\"}", {{"maxRecordBytes", "1MiB"}});
  CHECK(single.rows == Rows{});
  REQUIRE(single.errors.size() == 1);
  CHECK(single.errors[0].starts_with("json.record_too_long: 'a.json', line 2, column 1: the value that begins here"));
}

TEST_CASE("a value with something behind it is no row") {
  for (const char* text : {"{\"a\":1}#", "\"x\"y", "1]", "{\"a\":1} {}", "{}}"}) {
    CAPTURE(text);
    const auto got = readFile("a.json", text);
    CHECK(got.rows == Rows{});
    CHECK(got.errors.size() == 1);
  }
}

TEST_CASE("of a key that comes twice the last value counts, even if the first does not fit") {
  CHECK(readFile("a.json", R"({"a":1,"a":"x"})").rows == Rows{R"({"a":"x"})"});
  const auto got = readFile("a.ndjson", "{\"a\":[1],\"b\":true,\"b\":2,\"a\":1}\n{\"b\":\"x\",\"a\":\"y\",\"b\":1}\n",
                            {{"schema", "{a: int, b: int}"}});
  CHECK(got.rows == Rows{R"({"a":1,"b":2})"});
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].contains("column 'a': expected int, found '\"y\"'"));
}

TEST_CASE("a row that is refused leaves nothing in the next one") {
  const auto got = readFile(
      "a.ndjson", "{\"a\":1,\"b\":1}\n{\"a\":7,\"b\":\"x\"}\n{\"b\":2}\n{\"a\":null,\"b\":\"x\"}\n{\"a\":3,\"b\":3}\n",
      {{"schema", "{a: int, b: int}"}});
  CHECK(got.rows == Rows{R"({"a":1,"b":1})", R"({"a":null,"b":2})", R"({"a":3,"b":3})"});
  CHECK(got.errors.size() == 2);
}

TEST_CASE("numbers that no column holds exactly keep their digits where texts stand beside them") {
  const std::string wide = "123456789012345678901234567890", top = "18446744073709551615";
  CHECK(readFile("a.ndjson",
                 "{\"a\":\"x\"}\n{\"a\":" + wide + "}\n{\"a\":" + top + "}\n{\"a\":1e30}\n{\"a\":[" + wide + "]}\n")
            .rows == Rows{R"({"a":"x"})", "{\"a\":\"" + wide + "\"}", "{\"a\":\"" + top + "\"}", R"({"a":1e+30})",
                          "{\"a\":[\"" + wide + "\"]}"});
  // A column of numbers stays one.
  CHECK(readFile("a.ndjson", "{\"a\":1}\n{\"a\":" + wide + "}\n").rows ==
        Rows{R"({"a":1})", R"({"a":1.2345678901234568e+29})"});
}

TEST_CASE("numbers beyond a double are error rows that tell their place, and their neighbours pass") {
  const auto list = readFile("a.json", "[1,\n 1e400, -1E+999,2]");
  CHECK(list.rows == Rows{R"({"value":1})", R"({"value":2})"});
  REQUIRE(list.errors.size() == 2);
  CHECK(
      list.errors[0].starts_with("json.number_range: 'a.json', line 2, column 2: column 'value': the number is too "));
  const auto nested = readFile("a.ndjson", "{\"a\":[1e4]}\n{\"a\":[1e400]}\n");
  REQUIRE(nested.errors.size() == 1);
  CHECK(nested.errors[0].starts_with("json.number_range: 'a.ndjson', line 2: column 'a': the number is too large"));
  CHECK(readFile("a.ndjson", "{\"a\":1e400}\n{\"a\":\"x\"}\n", {{"onDrift", "string"}}).rows ==
        Rows{R"({"a":"1e400"})", R"({"a":"x"})"});
}

TEST_CASE("a list of mixed values gives rows with the column value") {
  CHECK(readFile("a.json", R"([1,{"a":1},{"b":2}])").rows ==
        Rows{R"({"value":1})", R"({"value":{"a":1}})", R"({"value":{"b":2}})"});
  std::string text = "[null";
  for (int i = 0; i < 50; ++i) text += ",{\"a\":1}";
  const auto got = readFile("a.json", text + "]");
  CHECK(got.rows.size() == 50);
  CHECK(got.errors.size() == 1);
}

TEST_CASE("large files of lines are read in ranges, and error rows know their line") {
  std::string text;
  Rows expected;
  for (int i = 0; i < 300'000; ++i) {
    text += "{\"id\":" + std::to_string(i) + ",\"kind\":\"k" + std::to_string(i % 5) + "\",\"pad\":\"0123456789\"}\n";
    if (i == 200'000) text += "{\"id\":}\n";
    expected.push_back("{\"id\":" + std::to_string(i) + ",\"kind\":\"k" + std::to_string(i % 5) + "\"}");
  }
  const auto got = readFile("a.ndjson", text, {}, FieldSet{false, {"id", "kind"}});
  CHECK(got.rows == expected);
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].contains("'a.ndjson', line 200002, column 7"));
}

TEST_CASE("values that do not fit are error rows") {
  const auto got = readFile("a.ndjson", "{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":1.5}\n[1]\n{\"a\":7.0}\n",
                            {{"schema", "{a: int}"}, {"format", "ndjson"}});
  CHECK(got.errors.size() >= 2);
  const auto timed = readFile("a.ndjson", "{\"t\":\"2024-01-02T03:04:05Z\"}\n", {{"schema", "{t: timestamp}"}});
  CHECK(timed.rows == Rows{R"({"t":"2024-01-02T03:04:05Z"})"});
}

TEST_CASE("lines longer than maxRecordBytes are error rows") {
  const auto got = readFile("a.ndjson", "{\"a\":1}\n{\"a\":\"" + std::string(9 << 20, 'x') + "\"}\n{\"a\":2}\n",
                            {{"maxRecordBytes", "1MiB"}});
  CHECK(got.rows == Rows{R"({"a":1})", R"({"a":2})"});
  REQUIRE(got.errors.size() == 1);
  CHECK(got.errors[0].starts_with("json.record_too_long: 'a.ndjson', line 2"));
}

TEST_CASE("a line longer than maxRecordBytes is an error row wherever ranges end") {
  for (const int width : {1'000, 1'100, 70'000}) {
    CAPTURE(width);
    const auto got = readFile(
        "a.ndjson",
        "{\"a\":\"1\"}\n{\"a\":\"" + std::string(static_cast<std::size_t>(width), 'x') + "\"}\n{\"a\":\"2\"}\n",
        {{"maxRecordBytes", "1KiB"}});
    CHECK(got.rows.size() == (width < 1'024 ? 3 : 2));
    REQUIRE(got.errors.size() == (width < 1'024 ? 0 : 1));
    if (width > 1'024) CHECK(got.errors[0].starts_with("json.record_too_long: 'a.ndjson', line 2: the line is longer"));
  }
}

TEST_CASE("what json-write writes, json-read reads") {
  for (const char* name : {"out.json", "out.ndjson"}) {
    Bench bench;
    bench.files.put("in.ndjson", "{\"a\":1,\"b\":\"x\\n\",\"c\":[1,{\"d\":0.1}]}\n{\"a\":2,\"b\":null,\"c\":[]}\n");
    const auto first = read(bench, json_read::makeFromJson, settings({{"path", "in.ndjson"}}));
    CHECK(first.rows.size() == 2);
    const auto written = run(bench, typeOf("source", json_read::makeFromJson, true),
                             typeOf("sink", json_write::makeFromJson, false), settings({{"path", "in.ndjson"}}),
                             settings({{"path", name}, {"pretty", std::string_view(name) == "out.json"}}));
    CHECK(written.result.exitCode() == 0);
    CHECK(read(bench, json_read::makeFromJson, settings({{"path", name}})).rows == first.rows);
  }
}

}  // namespace weir::nodes::testing
