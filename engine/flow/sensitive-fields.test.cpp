// The mark of a sensitive field follows what is computed from it.
#include "engine/flow/sensitive-fields.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/flow/make-plan.h"
#include "engine/flow/sample-catalogue.test.h"

namespace weir::flow {
namespace {

SensitiveNames marked(const std::string& nodes, const std::string& edges, const std::string& config) {
  const auto catalogue = sampleCatalogue();
  auto text = flowText(nodes, edges);
  text.insert(text.rfind('}'), R"(, "config": )" + config);
  auto plan = makePlan(parsedFlow(text), catalogue, {});
  if (!plan) FAIL(describe(*plan.error().begin()));
  return plan->sensitive;
}

std::string names(const SensitiveNames& sensitive) {
  auto sorted = sensitive.names;
  std::ranges::sort(sorted);
  std::string out = sensitive.all ? "*" : "";
  for (const auto& name : sorted) out += (out.empty() ? "" : " ") + name;
  return out;
}

/// What is marked behind a map with these settings, when `card` is.
std::string behindMap(std::string_view settings, const std::string& config = R"({"sensitive": ["card"]})") {
  return names(marked(kSource + "," + nodeText("m", "logic/map", settings) + "," + kSink,
                      edgeText("e1", "s.rows", "m.rows") + "," + edgeText("e2", "m.rows", "w.rows"), config));
}

TEST_CASE("what is computed from a sensitive field is sensitive") {
  CHECK(behindMap(R"({"set": {"last": "row.card + '!'", "id": "row.n + 1"}})") == "card last");
  CHECK(behindMap(R"({"rename": {"card": "number"}})") == "card number");
  CHECK(behindMap(R"({"set": {"copy": "row"}})") == "card copy");
  CHECK(behindMap(R"({"drop": ["other"]})") == "card");
  CHECK(behindMap(R"({"set": {"x": "row.card"}})", R"({"sensitive": []})").empty());
}

TEST_CASE("somebody who may declares that a field is not") {
  const auto config = R"({"sensitive": ["card"], "notSensitive": ["known", "card2"]})";
  CHECK(behindMap(R"({"set": {"known": "row.card != ''", "secret": "row.card"}})", config) == "card secret");
  const auto sensitive = marked(kSource + "," + kSink, edgeText("e1", "s.rows", "w.rows"), config);
  CHECK_FALSE(sensitive.hides("known"));
  CHECK(sensitive.hides("card"));
}

TEST_CASE("a mark goes through keys, measures and transforms, and back to where a name comes from") {
  const auto group = R"#({"keys": [{"name": "first", "of": "row.card.substring(0, 4)"}],
                          "measures": [{"name": "n", "function": "count"}, {"name": "most", "function": "max", "of": "row.card"},
                                       {"name": "sum", "function": "sum", "of": "row.n"}]})#";
  CHECK(names(marked(kSource + "," + nodeText("g", "aggregate/group", group) + "," + kSink,
                     edgeText("e1", "s.rows", "g.rows") + "," + edgeText("e2", "g.rows", "w.rows"),
                     R"({"sensitive": ["card"]})")) == "card first most");
  CHECK(names(marked(kSource + "," + kSink,
                     edgeText("e1", "s.rows", "w.rows", R"(, "transform": "{'made': row.card, 'n': 1}")"),
                     R"({"sensitive": ["card"]})")) == "* card");
  CHECK(names(marked(kSource + "," + kSink, edgeText("e1", "s.rows", "w.rows", R"(, "transform": "{'made': row.n}")"),
                     R"({"sensitive": ["card"]})")) == "card");
}

TEST_CASE("values are hidden however deep, and messages do not quote them") {
  const SensitiveNames names{.names = {"card"}, .all = false, .shown = {}};
  const auto row =
      Value::map({{Value::string("card"), Value::string("4111 \"1111\"")},
                  {Value::string("n"), Value::int64(7)},
                  {Value::string("deep"), Value::list({Value::map({{Value::string("card"), Value::int64(12345)}})})}});
  const auto hidden = masked(row, names);
  CHECK(hidden.entries()[0].value.text() == kSensitiveMask);
  CHECK(hidden.entries()[1].value.kind() == ValueKind::int64);
  CHECK(hidden.entries()[2].value.items()[0].entries()[0].value.text() == kSensitiveMask);
  const std::string quoted = "no number: '4111 \"1111\"'", inJson = R"(no number: "4111 \"1111\"")";
  CHECK(withoutSensitive(quoted, row, names) == "no number: '(sensitive)'");
  CHECK(withoutSensitive(inJson, row, names) == "no number: \"(sensitive)\"");
  CHECK(withoutSensitive("12345 and 7", row, names) == "(sensitive) and 7");
  CHECK(withoutSensitive("as it was", row, {}) == "as it was");
  const SensitiveNames all{.names = {}, .all = true, .shown = {"n"}};
  CHECK(withoutSensitive("12345 and 7", row, all) == "(sensitive) and 7");
}

}  // namespace
}  // namespace weir::flow
