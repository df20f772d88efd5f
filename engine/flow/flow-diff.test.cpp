// What counts as a difference of two flows, and how it is told.
#include "engine/flow/flow-diff.h"

#include <doctest/doctest.h>

#include "engine/flow/describe-diff.h"
#include "engine/flow/format.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

constexpr std::string_view kOrders = R"({
  "id": "orders", "version": "1.0.0",
  "metadata": { "version": "1.4.0", "description": "Revenue", "updatedAt": 1 },
  "config": { "maxConcurrency": 4, "alerts": [ { "name": "slow", "metric": "run.rows", "under": 1 } ] },
  "parameters": [ { "name": "folder", "type": "string", "default": "data" } ],
  "nodes": [
    { "id": "read", "typeId": "files/csv-read", "version": "1.0.0", "settings": { "path": "${folder}/*.csv", "key": "${secret:KEY}" }, "position": { "x": 0, "y": 0 } },
    { "id": "paid", "typeId": "logic/filter", "version": "1.0.0", "settings": { "condition": "row.status == 'paid' && row.quantity > 0" } },
    { "id": "sum", "typeId": "aggregate/group", "version": "1.0.0", "settings": { "keys": ["region"], "measures": [ { "name": "revenue", "function": "sum", "of": "row.price" }, { "name": "orders", "function": "count" } ] } },
    { "id": "write", "typeId": "files/csv-write", "version": "1.0.0", "settings": { "path": "out.csv" } }
  ],
  "edges": [
    { "id": "e1", "source": { "node": "read", "port": "rows" }, "target": { "node": "paid", "port": "rows" } },
    { "id": "e2", "source": { "node": "paid", "port": "match" }, "target": { "node": "sum", "port": "rows" } },
    { "id": "e3", "source": { "node": "sum", "port": "rows" }, "target": { "node": "write", "port": "rows" } }
  ]
})";

FlowDocument orders() {
  auto flow = parseFlow(kOrders);
  REQUIRE(flow.has_value());
  return std::move(*flow);
}

/// The flow with `text` at the pointer (or without what stands there, if `text` is empty).
FlowDocument with(const FlowDocument& flow, const std::string& pointer, const std::string& text) {
  auto root = flow.source.root();
  const auto slash = pointer.rfind('/');
  auto* parent = root.findPointer(pointer.substr(0, slash));
  REQUIRE(parent != nullptr);
  const auto key = pointer.substr(slash + 1);
  if (text.empty()) {
    if (parent->isArray()) {
      parent->asArray()->erase(parent->asArray()->begin() + std::stol(key));
    } else {
      parent->remove(key);
    }
  } else {
    auto value = json::parse(text);
    REQUIRE(value.has_value());
    if (parent->isArray() && key == "-") {
      parent->push(value->root());
    } else if (parent->isArray()) {
      (*parent->asArray())[static_cast<std::size_t>(std::stol(key))] = value->root();
    } else {
      parent->set(key, value->root());
    }
  }
  auto changed = parseFlow(json::write(root));
  REQUIRE(changed.has_value());
  return std::move(*changed);
}

std::string told(const FlowDocument& before, const FlowDocument& after, bool all = false) {
  return textOf(diffFlows(before, after, {.all = all}), false);
}

TEST_CASE("a flow does not differ from itself, however it is written") {
  const auto flow = orders();
  CHECK(told(flow, flow).empty());
  auto formatted = parseFlow(formatFlow(flow));
  REQUIRE(formatted.has_value());
  CHECK(told(flow, *formatted, true).empty());
}

TEST_CASE("a changed condition is told with both texts, at its node") {
  const auto text = told(orders(), with(orders(), "/nodes/1/settings/condition", R"("row.status == 'paid'")"));
  CHECK(text ==
        "orders: 1 node changed\n\n~ node paid (logic/filter 1.0.0)\n    settings.condition\n"
        "      - row.status == 'paid' && row.quantity > 0\n      + row.status == 'paid'\n");
}

TEST_CASE("versions, bypass, retries and names of a node are differences") {
  auto changed = with(orders(), "/nodes/1/version", R"("2.0.0")");
  changed = with(changed, "/nodes/1/bypass", "true");
  changed = with(changed, "/nodes/1/retry", R"({"attempts": 3})");
  changed = with(changed, "/nodes/1/name", R"("Paid only")");
  const auto text = told(orders(), changed);
  CHECK(text.contains(R"(version: "1.0.0" → "2.0.0")"));
  CHECK(text.contains("bypass: true (added)"));
  CHECK(text.contains("retry.attempts: 3 (added)"));
  CHECK(text.contains(R"(name: "Paid only" (added))"));
}

TEST_CASE("a move is no difference, but with all of them it is") {
  const auto moved = with(orders(), "/nodes/0/position", R"({"x": 40, "y": 0})");
  CHECK(told(orders(), moved).empty());
  CHECK(told(orders(), moved, true) == "orders: 1 place moved\n\n~ place of node read\n    x: 0 → 40\n");
  const auto saved = with(orders(), "/metadata/updatedAt", "2");
  CHECK(told(orders(), saved).empty());
  CHECK(told(orders(), saved, true).contains("metadata.updatedAt: 1 → 2"));
}

TEST_CASE("the order of nodes is a difference only with all of them, the order of measures always") {
  const auto flow = orders();
  auto root = flow.source.root();
  std::swap((*root.find("nodes")->asArray())[0], (*root.find("nodes")->asArray())[1]);
  const auto swapped = parseFlow(json::write(root));
  REQUIRE(swapped.has_value());
  CHECK(told(flow, *swapped).empty());
  CHECK(told(flow, *swapped, true).contains("order of nodes"));
  auto* measures = root.findPointer("/nodes/2/settings/measures");
  REQUIRE(measures != nullptr);
  std::swap((*measures->asArray())[0], (*measures->asArray())[1]);
  const auto measured = parseFlow(json::write(root));
  REQUIRE(measured.has_value());
  CHECK(told(flow, *measured).contains("order of settings.measures"));
}

TEST_CASE("elements of a setting are told apart by name") {
  const auto changed = with(orders(), "/nodes/2/settings/measures/0/of", R"("row.price * 2")");
  const auto diff = diffFlows(orders(), changed);
  REQUIRE(diff.parts.size() == 1);
  REQUIRE(diff.parts[0].differences.size() == 1);
  CHECK(diff.parts[0].differences[0].path == "settings.measures[revenue].of");
  CHECK(diff.parts[0].differences[0].pointer == "/nodes/2/settings/measures/0/of");
}

TEST_CASE("edges tell ports, filters, transforms, buffers and guarantees") {
  auto changed = with(orders(), "/edges/0/filter", R"("row.price > 0.0")");
  changed = with(changed, "/edges/0/buffer", R"({"rows": 100})");
  changed = with(changed, "/edges/0/guarantee", R"("durable")");
  changed = with(changed, "/edges/1/source/port", R"("rest")");
  const auto text = told(orders(), changed);
  CHECK(text.contains("~ edge e1 (read.rows → paid.rows)"));
  CHECK(text.contains(R"(filter: "row.price > 0.0" (added))"));
  CHECK(text.contains("buffer.rows: 100 (added)"));
  CHECK(text.contains(R"(guarantee: "durable" (added))"));
  CHECK(text.contains(R"(source.port: "match" → "rest")"));
}

TEST_CASE("what is added is told with all it has, what is removed with its name") {
  auto changed = with(orders(), "/nodes/-",
                      R"({"id": "log", "typeId": "debug/log", "version": "1.0.0", "settings": {"level": "info"}})");
  changed = with(changed, "/edges/2", "");
  const auto text = told(orders(), changed);
  CHECK(text.contains("orders: 1 node added, 1 edge removed"));
  CHECK(text.contains("+ node log (debug/log 1.0.0)\n    settings.level: \"info\"\n"));
  CHECK(text.contains("- edge e3 (sum.rows → write.rows)\n"));
}

TEST_CASE("parameters, config, alerts, descriptions and notes are differences") {
  auto changed = with(orders(), "/parameters/0/default", R"("other")");
  changed = with(changed, "/config/maxConcurrency", "8");
  changed = with(changed, "/config/alerts/0/under", "2");
  changed = with(changed, "/metadata/description", R"("By region")");
  changed = with(changed, "/notes", R"([{"id": "n1", "text": "Look here"}])");
  const auto text = told(orders(), changed);
  for (const auto* said : {"metadata.description: \"Revenue\" → \"By region\"", "config.maxConcurrency: 4 → 8",
                           "~ parameter folder (string)\n    default: \"data\" → \"other\"",
                           "~ alert slow\n    under: 1 → 2", "+ note n1\n    text: \"Look here\""})
    CHECK_MESSAGE(text.contains(said), text);
}

TEST_CASE("a node under another id is told as renamed, and its edges are as they were") {
  auto text = std::string(kOrders);
  for (std::size_t at = 0; (at = text.find("\"paid\"", at)) != std::string::npos; at += 6)
    text.replace(at, 6, "\"good\"");
  auto renamed = parseFlow(text);
  REQUIRE(renamed.has_value());
  CHECK(told(orders(), *renamed) == "orders: 1 node changed\n\n~ node paid (logic/filter 1.0.0) renamed to good\n");
  const auto also = with(*renamed, "/nodes/1/bypass", "true");
  CHECK(told(orders(), also).contains("renamed to good\n    bypass: true (added)"));
}

TEST_CASE("an edge under another id is told as renamed") {
  CHECK(told(orders(), with(orders(), "/edges/2/id", R"("last")")) ==
        "orders: 1 edge changed\n\n~ edge e3 (sum.rows → write.rows) renamed to last\n");
}

TEST_CASE("a secret is told by its name only") {
  const auto text = told(orders(), with(orders(), "/nodes/0/settings/key", R"("${secret:OTHER}")"));
  CHECK(text.contains("${secret:KEY}"));
  CHECK(text.contains("${secret:OTHER}"));
}

TEST_CASE("of a long code only the lines around a change are told") {
  std::string before, after;
  for (int i = 0; i < 40; ++i) {
    before += "line " + std::to_string(i) + "\n";
    after += "line " + std::to_string(i) + (i == 20 ? "!" : "") + "\n";
  }
  const auto code = [](const std::string& text) { return with(orders(), "/nodes/3/settings/code", json::write(text)); };
  const auto told = textOf(diffFlows(code(before), code(after)), false);
  CHECK(
      told.ends_with("    settings.code\n      …\n        line 18\n        line 19\n      - line 20\n      + line 20!\n"
                     "        line 21\n        line 22\n      …\n"));
}

TEST_CASE("texts of a document command no terminal and break out of no Markdown") {
  const auto changed = with(orders(), "/nodes/3/settings/path", R"("``` \u001b[2J **x**")");
  const auto diff = diffFlows(orders(), changed);
  CHECK(!textOf(diff, false).contains('\x1b'));
  CHECK(textOf(diff, true).contains("\x1b[33m"));
  const auto markdown = markdownOf(diff);
  CHECK(!markdown.contains('\x1b'));
  CHECK(markdown.contains("```` \"``` "));
}

TEST_CASE("Markdown has a heading, and blocks for long texts") {
  const auto diff = diffFlows(orders(), with(orders(), "/nodes/1/settings/condition", R"("row.status == 'paid'")"));
  CHECK(markdownOf(diff) ==
        "### `orders`: 1 node changed\n\n- **node** `paid` (`logic/filter 1.0.0`)\n  - `settings.condition`\n\n"
        "    ```diff\n    - row.status == 'paid' && row.quantity > 0\n    + row.status == 'paid'\n    ```\n");
  CHECK(markdownOf(diffFlows(orders(), orders())) == "### `orders`: no differences\n");
}

TEST_CASE("JSON has pointers and both values") {
  const auto value = toJson(diffFlows(orders(), with(orders(), "/nodes/3/settings/path", R"("b.csv")")));
  CHECK(
      json::write(value) ==
      R"({"flow":"orders","same":false,"summary":"1 node changed","parts":[{"part":"node","change":"changed","id":"write",)"
      R"("about":"files/csv-write 1.0.0","pointer":"/nodes/3","differences":[{"path":"settings.path",)"
      R"("pointer":"/nodes/3/settings/path","before":"out.csv","after":"b.csv"}]}]})");
}

TEST_CASE("a listing says everything but places") {
  const auto listing = listingOf(canonicalFlow(orders()));
  CHECK(listing.starts_with("flow orders\n  version: 1.0.0\n"));
  CHECK(listing.contains(
      "\nnode paid (logic/filter 1.0.0)\n  settings.condition: row.status == 'paid' && row.quantity > 0\n"));
  CHECK(listing.contains("\nedge e1 (read.rows → paid.rows)\n"));
  CHECK(!listing.contains("layout"));
  const auto moved = with(orders(), "/nodes/0/position", R"({"x": 40, "y": 0})");
  CHECK(listingOf(canonicalFlow(moved)) == listing);
}

TEST_CASE("tests beside a flow are told apart by name") {
  const auto before = json::parse(R"([{"name": "a", "seed": 1}, {"name": "b"}])");
  const auto after = json::parse(R"({"tests": [{"name": "b"}, {"name": "a", "seed": 2}]})");
  REQUIRE(before.has_value());
  REQUIRE(after.has_value());
  CHECK(textOf(diffTests(before->root(), after->root()), false).ends_with("~ test a\n    seed: 1 → 2\n"));
}

}  // namespace
}  // namespace weir::flow
