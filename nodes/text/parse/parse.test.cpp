// What parse takes out of texts, and what it does with those that do not match.
#include <doctest/doctest.h>

#include <string>

#include "nodes/aggregate/node-trial.test.h"
#include "nodes/text/parse/parse.gen.h"

namespace weir::testing {
namespace {

constexpr std::size_t kErrors = 1;

Trial parsed(std::string_view settings, const std::vector<Value>& rows, std::size_t each = 2, int workers = 1) {
  TrialOptions options;
  options.workers = workers;
  return tryNode(nodes::parse::makeFromJson, settings, {batchesOf(rows, each)}, 1, options);
}

std::vector<Value> linesOf(const std::vector<std::string>& texts) {
  std::vector<Value> rows;
  for (const auto& text : texts) rows.push_back(json(R"({"line": ")" + text + "\"}"));
  return rows;
}

}  // namespace

TEST_CASE("groups become fields of their types, whoever does the work") {
  std::vector<Value> rows;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const auto n = std::to_string(i);
    rows.push_back(json(R"({"line": "2024-02-03T04:05:06Z id=)" + n + " took " + n + R"(.5 ok=true"})"));
    expected += R"({"at":"2024-02-03T04:05:06Z","id":)" + n + R"(,"took":)" + n + R"(.5,"ok":true})" + "\n";
  }
  const auto* const settings =
      R"x({"pattern": "^(?P<at>\\S+) id=(?P<id>\\d+) took (?P<took>[0-9.]+) ok=(?P<ok>\\w+)$", "keepFields": false,
          "fields": [{"name": "at", "type": "timestamp"}, {"name": "id", "type": "int"},
                     {"name": "took", "type": "double"}, {"name": "ok", "type": "bool"}]})x";
  for (const std::size_t each : {1U, 7U, 300U}) {
    for (const int workers : {1, 2, 7}) CHECK(parsed(settings, rows, each, workers).text() == expected);
  }
}

TEST_CASE("a group of the name of a field takes its place, others stand behind") {
  const auto got = parsed(R"x({"pattern": "(?P<line>[a-z]+)(?P<n>\\d)"})x", {json(R"({"line": "ab1", "z": true})")});
  CHECK(got.text() == "{\"line\":\"ab\",\"z\":true,\"n\":\"1\"}\n");
}

TEST_CASE("search finds the first place in a text, whole wants all of it") {
  const auto rows = linesOf({"xx12yy34", "56"});
  const auto found = parsed(R"x({"pattern": "(?P<n>\\d+)", "keepFields": false})x", rows);
  CHECK(found.text() == "{\"n\":\"12\"}\n{\"n\":\"56\"}\n");
  const auto whole = parsed(R"x({"pattern": "(?P<n>\\d+)", "match": "whole", "keepFields": false})x", rows);
  CHECK(whole.text() == "{\"n\":\"56\"}\n");
  REQUIRE(whole.outputs[kErrors].size() == 1);
  CHECK(whole.text(kErrors).find("'xx12yy34' does not match") != std::string::npos);
}

TEST_CASE("what does not fit its type is an error row that names the group, and its neighbours pass") {
  const auto got =
      parsed(R"x({"pattern": "(?P<n>\\S+)", "keepFields": false, "fields": [{"name": "n", "type": "int"}]})x",
             linesOf({"1", "two", "3"}), 3);
  CHECK(got.text() == "{\"n\":1}\n{\"n\":3}\n");
  REQUIRE(got.outputs[kErrors].size() == 1);
  CHECK(got.text(kErrors).find("group 'n': expected int, found 'two'") != std::string::npos);
}

TEST_CASE("dates are read as the setting says, texts are cut short in messages") {
  const auto got = parsed(R"x({"pattern": "(?P<at>.+)", "keepFields": false, "dateFormats": ["dd/MM/yyyy"],
                              "fields": [{"name": "at", "type": "timestamp"}]})x",
                          linesOf({"03/02/2024"}));
  CHECK(got.text() == "{\"at\":\"2024-02-03T00:00:00Z\"}\n");
  const auto bad = parsed(R"x({"pattern": "(?P<n>\\d)"})x", linesOf({std::string(300, 'x')}));
  REQUIRE(bad.outputs[kErrors].size() == 1);
  CHECK(bad.text(kErrors).find(std::string(77, 'x') + "...") != std::string::npos);
}

TEST_CASE("settings that the pattern does not allow are refused") {
  const auto refused = [](std::string_view settings) { return parsed(settings, linesOf({"a"})).result.error; };
  CHECK(refused(R"x({"pattern": "(a)"})x")->message.find("no named group") != std::string::npos);
  CHECK(refused(R"x({"pattern": "(?P<a>.)", "fields": [{"name": "b"}]})x")->message.find("no group 'b'") !=
        std::string::npos);
  CHECK(refused(R"x({"pattern": "("})x")->code == "regex.syntax");
}

}  // namespace weir::testing
