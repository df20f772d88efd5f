// Questions about one formula.
#include "engine/flow/formula.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>

#include "engine/cel/library.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"

using namespace weir;

namespace {

json::Document answerOf(std::string_view question, std::int64_t nowMicros = 0) {
  const auto asked = json::parse(question);
  REQUIRE(asked);
  const auto answer = flow::formulaAnswer(asked->root(), {.zones = nullptr, .nowMicros = nowMicros});
  REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().message));
  auto parsed = json::parse(*answer);
  REQUIRE(parsed);
  return std::move(*parsed);
}

std::string at(const json::Document& document, std::string_view pointer) {
  const auto* found = document.root().findPointer(pointer);
  if (found == nullptr) return "none";
  return found->isString() ? *found->asString() : json::write(*found);
}

std::string refusalTo(std::string_view question) {
  const auto asked = json::parse(question);
  REQUIRE(asked);
  const auto answer = flow::formulaAnswer(asked->root(), {});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == "settings.invalid");
  return answer.error().message;
}

}  // namespace

TEST_CASE("A formula has a type by the fields that it sees") {
  const auto good = answerOf(R"({"text": "row.price * 2.0", "fields": [{"name": "price", "type": "double"}]})");
  CHECK(at(good, "/type") == "double");
  CHECK(at(good, "/problems") == "[]");
  CHECK(at(good, "/results") == "none");
  CHECK(at(answerOf(R"({"text": "row.anything"})"), "/type") == "dyn");
  CHECK(at(answerOf(R"({"text": "params.limit + 1", "params": {"limit": 3}})"), "/type") == "int");
}

TEST_CASE("A problem says where it is in bytes, and what to write instead") {
  const auto wrong = answerOf(R"({"text": "'ü' + row.pirce", "fields": [{"name": "price", "type": "string"}]})");
  CHECK(at(wrong, "/type").empty());
  CHECK(at(wrong, "/problems/0/code") == "cel.unknown_field");
  CHECK(at(wrong, "/problems/0/suggestion").contains("price"));
  CHECK(std::stoi(at(wrong, "/problems/0/offset")) >= 7);
  CHECK(at(answerOf(R"({"text": "1 +"})"), "/problems/0/code") == "cel.syntax");
  CHECK(at(answerOf(R"({"text": ""})"), "/problems/0/code") == "cel.syntax");
  const auto other = answerOf(R"({"text": "1 + 1", "expects": "bool"})");
  CHECK(at(other, "/problems/0/message") == "expected bool, found int");
  CHECK(at(other, "/problems/0/length") == "5");
}

TEST_CASE("Rows give values, and errors in their places") {
  const auto found = answerOf(R"({"text": "10 / row.n", "fields": [{"name": "n", "type": "int"}],
                                  "rows": [{"n": 5}, {"n": 0}, {}, {"n": "five"}]})");
  CHECK(at(found, "/results/0/value") == "2");
  CHECK(at(found, "/results/1/error").contains("zero"));
  CHECK(at(found, "/results/2/value") == "null");
  CHECK(at(found, "/results/3/error").contains("n"));
  const auto open = answerOf(R"({"text": "row.n + 1", "rows": [{"n": 1}, {"n": 2}]})");
  CHECK(at(open, "/results") == R"([{"value":2},{"value":3}])");
  CHECK(at(answerOf(R"({"text": "row.m + 1", "rows": [{"n": 1}]})"), "/results/0/error").contains("m"));
  CHECK(at(answerOf(R"({"text": "1", "rows": []})"), "/results") == "[]");
  CHECK(at(answerOf(R"({"text": "1 +", "rows": [{}]})"), "/results") == "none");
}

TEST_CASE("Times come as text or as microseconds, and now is told") {
  const auto found = answerOf(R"j({"text": "row.at.getHours()", "fields": [{"name": "at", "type": "timestamp"}],
                                   "rows": [{"at": "2026-05-01T07:00:00Z"}, {"at": 3600000000}]})j");
  CHECK(at(found, "/results/0/value") == "7");
  CHECK(at(found, "/results/1/value") == "1");
  CHECK(at(answerOf(R"j({"text": "string(now)", "rows": [{"a": 1}]})j", 1'000'000), "/results/0/value") ==
        "1970-01-01T00:00:01Z");
}

TEST_CASE("A question of another form is refused with what was wrong") {
  CHECK(refusalTo("{}").contains("text"));
  CHECK(refusalTo("[]").contains("text"));
  CHECK(refusalTo(R"({"text": "1", "fields": 3})").contains("fields"));
  CHECK(refusalTo(R"({"text": "1", "fields": [{"name": "a"}]})").contains("name, type"));
  CHECK(refusalTo(R"({"text": "1", "fields": [{"name": "a", "type": "integer"}]})").contains("'integer'"));
  CHECK(refusalTo(R"({"text": "1", "fields": [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]})")
            .contains("twice"));
  CHECK(refusalTo(R"({"text": "1", "expects": "truth"})").contains("'truth'"));
  CHECK(refusalTo(R"({"text": "1", "rows": {}})").contains("rows"));
  CHECK(refusalTo(R"({"text": "1", "rows": [1]})").contains("objects"));
}

TEST_CASE("An answer has a bound, of its bytes and of the memory that it takes") {
  std::string rows;
  for (int i = 0; i < 100; ++i) rows += (i == 0 ? "{\"n\": " : ", {\"n\": ") + std::to_string(i) + "}";
  const auto ask = [&](const std::string& text, flow::FormulaPlace place) {
    const auto asked = json::parse(R"({"text": ")" + text + R"(", "rows": [)" + rows + "]}");
    REQUIRE(asked);
    const auto answer = flow::formulaAnswer(asked->root(), place);
    REQUIRE(answer);
    auto parsed = json::parse(*answer);
    REQUIRE(parsed);
    return std::move(*parsed);
  };
  const auto wide = ask("'" + std::string(1'000, 'a') + "'", {.answerBytes = 10'000});
  CHECK(at(wide, "/results/0/value").size() == 1'000);
  CHECK(at(wide, "/results/99/error").contains("ask about fewer rows"));
  CHECK(wide.root().find("results")->count() == 100);
  const auto heavy = ask("'" + std::string(5'000, 'a') + "' + string(row.n)", {.memoryBytes = 20'000});
  CHECK(at(heavy, "/results/0/error").contains("memory"));
  const auto asked = json::parse(R"({"text": "1", "rows": [{}, {}]})");
  REQUIRE(asked);
  const auto refused = flow::formulaAnswer(asked->root(), {.mostRows = 1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.contains("1 objects at most"));
}

TEST_CASE("Rows are computed for as long as somebody waits for them") {
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  const auto asked = json::parse(R"({"text": "row.n + 1", "rows": [{"n": 1}]})");
  REQUIRE(asked);
  CHECK(flow::formulaAnswer(asked->root(), {.asker = Asker(gone)}));
  *gone = true;
  const auto given = flow::formulaAnswer(asked->root(), {.asker = Asker(gone)});
  REQUIRE_FALSE(given);
  CHECK(given.error().code == "run.cancelled");
}

TEST_CASE("All functions of the library are told with their signatures") {
  const auto told = json::parse(flow::formulaFunctions());
  REQUIRE(told);
  std::size_t entries = 0;
  for (const auto table : cel::libraryTables()) entries += table.size();
  const auto* list = told->root().find("functions");
  REQUIRE(list != nullptr);
  REQUIRE(list->asArray() != nullptr);
  CHECK(list->asArray()->size() == entries);
  CHECK(at(*told, "/functions/0/signature").contains(":"));
}
