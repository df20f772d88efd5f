// What merges, what conflicts, and what holds of all merges.
#include "engine/flow/flow-merge.h"

#include <doctest/doctest.h>

#include <functional>

#include "engine/flow/format.h"
#include "engine/flow/line-diff.h"
#include "engine/flow/sample-catalogue.test.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;

constexpr std::string_view kBase = R"({
  "id": "orders", "version": "1.0.0",
  "metadata": { "version": "1.4.0", "description": "Revenue", "tags": ["a", "b"], "updatedAt": 1 },
  "config": { "maxConcurrency": 4, "alerts": [ { "name": "slow", "metric": "e1.rows", "under": 1 } ] },
  "parameters": [ { "name": "folder", "type": "string", "default": "data" } ],
  "nodes": [
    { "id": "read", "typeId": "test/source", "version": "1.0.0", "settings": { "path": "a.csv", "count": 3 }, "position": { "x": 0, "y": 0 } },
    { "id": "paid", "typeId": "logic/filter", "version": "1.0.0", "settings": { "condition": "row.a > 0" }, "position": { "x": 10, "y": 0 } },
    { "id": "sum", "typeId": "aggregate/group", "version": "1.0.0", "settings": { "keys": ["region"], "measures": [ { "name": "revenue", "function": "sum" }, { "name": "orders", "function": "count" } ] } },
    { "id": "write", "typeId": "test/sink", "version": "1.0.0", "settings": { "path": "out.csv" } }
  ],
  "edges": [
    { "id": "e1", "source": { "node": "read", "port": "rows" }, "target": { "node": "paid", "port": "rows" } },
    { "id": "e2", "source": { "node": "paid", "port": "match" }, "target": { "node": "sum", "port": "rows" } },
    { "id": "e3", "source": { "node": "sum", "port": "rows" }, "target": { "node": "write", "port": "rows" } }
  ]
})";

FlowDocument parsed(std::string_view text) {
  auto flow = parseFlow(text);
  REQUIRE_MESSAGE(flow.has_value(), std::string(text));
  return std::move(*flow);
}

Value read(std::string_view text) {
  auto value = json::parse(text);
  REQUIRE(value.has_value());
  return value->root();
}

using Edit = std::function<void(Value& root)>;

FlowDocument edited(const Edit& edit) {
  auto root = read(kBase);
  edit(root);
  return parsed(json::write(root));
}

Edit put(const std::string& pointer, const std::string& text) {
  return [=](Value& root) {
    const auto slash = pointer.rfind('/');
    auto* parent = root.findPointer(pointer.substr(0, slash));
    REQUIRE(parent != nullptr);
    const auto key = pointer.substr(slash + 1);
    if (parent->isArray()) {
      parent->push(read(text));
    } else {
      parent->set(key, read(text));
    }
  };
}

Edit drop(const std::string& list, const std::string& id) {
  return [=](Value& root) {
    std::erase_if(*root.findPointer(list)->asArray(), [&](const Value& element) { return *element.find("id") == id; });
  };
}

Edit all(std::vector<Edit> edits) {
  return [edits = std::move(edits)](Value& root) {
    for (const auto& edit : edits) edit(root);
  };
}

FlowMerge merged(const FlowDocument& ours, const FlowDocument& theirs, const MergeOptions& options = {}) {
  const auto base = parsed(kBase);
  auto merge = mergeFlows(&base, ours, theirs, options);
  REQUIRE(merge.has_value());
  CHECK(formatFlow(parsed(merge->text)) == merge->text);
  return std::move(*merge);
}

/// Merges both ways, without a conflict and with one result.
std::string agreed(const Edit& ours, const Edit& theirs) {
  const auto merge = merged(edited(ours), edited(theirs)), mirrored = merged(edited(theirs), edited(ours));
  CHECK_MESSAGE(merge.conflicts.empty(), merge.text);
  CHECK(merge.text == mirrored.text);
  return merge.text;
}

Value agreedRoot(const Edit& ours, const Edit& theirs) { return read(agreed(ours, theirs)); }

MergeConflict conflict(const Edit& ours, const Edit& theirs) {
  const auto merge = merged(edited(ours), edited(theirs));
  REQUIRE_MESSAGE(merge.conflicts.size() == 1, merge.text);
  return merge.conflicts[0];
}

std::string at(const Value& root, std::string_view pointer) {
  const auto* found = root.findPointer(pointer);
  return found == nullptr ? "nothing" : json::write(*found);
}

TEST_CASE("changes of different nodes, and of different settings of one, both hold") {
  const auto root = agreedRoot(put("/nodes/0/settings/path", R"("b.csv")"),
                               all({put("/nodes/0/settings/count", "5"), put("/nodes/1/bypass", "true")}));
  CHECK(at(root, "/nodes/0/settings") == R"({"path":"b.csv","count":5})");
  CHECK(at(root, "/nodes/1/bypass") == "true");
}

TEST_CASE("one moves a node, the other sets it") {
  const auto root = agreedRoot(put("/nodes/1/position", R"({"x": 50, "y": 60})"),
                               put("/nodes/1/settings/condition", R"("row.a > 1")"));
  CHECK(at(root, "/layout/nodes/paid") == R"({"x":50,"y":60})");
  CHECK(at(root, "/nodes/1/settings/condition") == R"("row.a > 1")");
}

TEST_CASE("both moved a node: ours stays, and it is said") {
  const auto merge = merged(edited(put("/nodes/1/position", R"({"x": 50, "y": 60})")),
                            edited(put("/nodes/1/position", R"({"x": 70, "y": 0})")));
  CHECK(merge.conflicts.empty());
  CHECK(at(read(merge.text), "/layout/nodes/paid") == R"({"x":50,"y":60})");
  REQUIRE(merge.notes.size() == 1);
  CHECK(merge.notes[0].contains("both moved 'paid'"));
}

TEST_CASE("both added nodes at the end: both are there, in one order whoever merges") {
  const auto node = [](const std::string& id) {
    return put("/nodes/-", R"({"id": ")" + id + R"(", "typeId": "test/sink", "version": "1.0.0"})");
  };
  const auto root = agreedRoot(all({node("z"), node("a")}), node("m"));
  std::string ids;
  for (const auto& each : *root.find("nodes")->asArray()) ids += *each.find("id")->asString() + " ";
  CHECK(ids == "read paid sum write m z a ");
}

TEST_CASE("measures of one node merge by name, tags as a set") {
  const auto root =
      agreedRoot(all({put("/nodes/2/settings/measures/-", R"({"name": "least", "function": "min"})"),
                      put("/metadata/tags", R"(["a", "b", "c"])")}),
                 all({[](Value& value) { value.findPointer("/nodes/2/settings/measures/0")->set("function", "mean"); },
                      put("/metadata/tags", R"(["b", "d"])")}));
  CHECK(
      at(root, "/nodes/2/settings/measures") ==
      R"([{"name":"revenue","function":"mean"},{"name":"orders","function":"count"},{"name":"least","function":"min"}])");
  CHECK(at(root, "/metadata/tags") == R"(["b","c","d"])");
}

TEST_CASE("the later time of saving holds") {
  CHECK(at(agreedRoot(put("/metadata/updatedAt", "5"), put("/metadata/updatedAt", "3")), "/metadata/updatedAt") == "5");
}

TEST_CASE("both changed one setting: the conflict has pointer, base, ours and theirs") {
  const auto found = conflict(put("/nodes/1/settings/condition", R"("row.a > 1")"),
                              put("/nodes/1/settings/condition", R"("row.a > 2")"));
  CHECK(json::write(toJson(found)) ==
        R"({"kind":"changed","where":"node 'paid', settings.condition","pointer":"/nodes/1/settings/condition",)"
        R"("message":"both changed it, differently","base":"row.a > 0","ours":"row.a > 1","theirs":"row.a > 2"})");
}

TEST_CASE("both made the same change: no conflict") {
  const auto edit = put("/nodes/1/settings/condition", R"("row.a > 1")");
  CHECK(agreed(edit, edit) == formatFlow(edited(edit)));
}

TEST_CASE("one removed a node, the other changed it") {
  const auto found =
      conflict(all({drop("/nodes", "write"), drop("/edges", "e3")}), put("/nodes/3/settings/path", R"("b.csv")"));
  CHECK(found.kind == ConflictKind::removed);
  CHECK(found.where == "node 'write'");
  CHECK(found.message == "ours removed it, theirs changed it");
  CHECK(!found.ours.has_value());
}

TEST_CASE("one removed a node, the other wired it: no edge dangles on either side of the conflict") {
  const auto removed = edited(all({drop("/nodes", "write"), drop("/edges", "e3")}));
  const auto wired = edited(
      put("/edges/-",
          R"({"id": "e9", "source": {"node": "paid", "port": "rest"}, "target": {"node": "write", "port": "rows"}})"));
  const auto merge = merged(removed, wired);
  REQUIRE(merge.conflicts.size() == 1);
  CHECK(merge.conflicts[0].kind == ConflictKind::used);
  CHECK(merge.conflicts[0].message == "ours removed it, theirs wired it with edge 'e9'");
  CHECK(merge.text == formatFlow(removed));
  CHECK(merge.theirs == formatFlow(wired));
  const auto mirrored = merged(wired, removed);
  CHECK(mirrored.text == formatFlow(wired));
  CHECK(mirrored.conflicts[0].message == "theirs removed it, ours wired it with edge 'e9'");
}

TEST_CASE("one removed a node, the other led an edge to it that was there before") {
  const auto removed = edited(all({drop("/nodes", "write"), drop("/edges", "e3")}));
  const auto led = edited([](Value& root) { root.findPointer("/edges/1/target")->set("node", "write"); });
  const auto merge = merged(removed, led);
  REQUIRE(!merge.conflicts.empty());
  CHECK(merge.text == formatFlow(removed));
  CHECK(merge.theirs == formatFlow(led));
}

TEST_CASE("both drew an edge and the editor gave both one id: both are there") {
  const auto drawn = [](const std::string& port) {
    return put("/edges/-", R"({"id": "e4", "source": {"node": "paid", "port": ")" + port +
                               R"("}, "target": {"node": "write", "port": "rows"}})");
  };
  const auto root = agreedRoot(drawn("rest"), drawn("error"));
  REQUIRE(root.find("edges")->count() == 5);
  CHECK(at(root, "/edges/3/id") == R"("e4")");
  CHECK(at(root, "/edges/4/id") == R"("e4-2")");
  CHECK(!merged(edited(drawn("rest")), edited(drawn("error"))).notes.empty());
}

TEST_CASE("both added a node of one id and different types") {
  const auto added = [](const std::string& type) {
    return put("/nodes/-", R"({"id": "new", "typeId": ")" + type + R"(", "version": "1.0.0"})");
  };
  const auto found = conflict(added("test/sink"), added("debug/log"));
  CHECK(found.kind == ConflictKind::added);
  CHECK(found.where == "node 'new'");
}

void renamePaid(Value& root, const std::string& to) {
  root.findPointer("/nodes/1")->set("id", to);
  root.findPointer("/edges/0/target")->set("node", to);
  root.findPointer("/edges/1/source")->set("node", to);
}

TEST_CASE("one renames a node, the other changes and wires it") {
  const auto theirs = all(
      {put("/nodes/1/settings/condition", R"("row.a > 1")"),
       put("/edges/-",
           R"({"id": "e4", "source": {"node": "paid", "port": "rest"}, "target": {"node": "write", "port": "rows"}})")});
  const auto root = agreedRoot([](Value& value) { renamePaid(value, "good"); }, theirs);
  CHECK(at(root, "/nodes/1/id") == R"("good")");
  CHECK(at(root, "/nodes/1/settings/condition") == R"("row.a > 1")");
  CHECK(at(root, "/edges/3/source/node") == R"("good")");
  CHECK(at(root, "/layout/nodes/good") == R"({"x":10,"y":0})");
}

TEST_CASE("both rename a node, each its own way") {
  const auto found =
      conflict([](Value& root) { renamePaid(root, "good"); }, [](Value& root) { renamePaid(root, "fine"); });
  CHECK(found.kind == ConflictKind::renamed);
  CHECK(found.message == "ours calls it 'good', theirs 'fine'");
}

TEST_CASE("a node put into a group that the other removed stands by itself, and it is said") {
  const auto withGroup = [](const Edit& edit) {
    auto root = read(kBase);
    root.set("groups", read(R"([{"id": "g", "name": "Box"}])"));
    edit(root);
    return parsed(json::write(root));
  };
  const auto base = withGroup([](Value&) {});
  const auto merge = mergeFlows(&base, withGroup([](Value& root) { root.remove("groups"); }),
                                withGroup(put("/nodes/1/parent", R"("g")")));
  REQUIRE(merge.has_value());
  CHECK(merge->conflicts.empty());
  CHECK(at(read(merge->text), "/nodes/1/parent") == "nothing");
  REQUIRE(merge->notes.size() == 1);
  CHECK(merge->notes[0].contains("'g'"));
}

TEST_CASE("a reference that led nowhere before the merge is left as it is") {
  const auto base = parsed(kBase);
  const auto ours = edited(all({put("/dashboards", R"([{"id": "d", "widgets": [{"widget": "gone"}]}])"),
                                put("/nodes/1/parent", R"("nowhere")")}));
  for (const auto* other : {&base, &ours}) {
    const auto merge = mergeFlows(&base, ours, *other);
    REQUIRE(merge.has_value());
    CHECK(merge->text == formatFlow(ours));
    CHECK(merge->notes.empty());
  }
}

TEST_CASE("what is valid on each side alone and not together is a conflict") {
  const auto catalogue = sampleCatalogue();
  constexpr std::string_view kTwo = R"({"id": "f", "version": "1.0.0",
    "parameters": [{"name": "least", "type": "integer", "default": 1}],
    "nodes": [{"id": "a", "typeId": "test/source", "version": "1.0.0", "settings": {"path": "a.csv"}},
              {"id": "b", "typeId": "logic/filter", "version": "1.0.0", "settings": {"condition": "row.x > 0"}}],
    "edges": [{"id": "e1", "source": {"node": "a", "port": "rows"}, "target": {"node": "b", "port": "rows"}}]})";
  const auto base = parsed(kTwo);
  auto removed = read(kTwo), used = read(kTwo);
  removed.remove("parameters");
  used.findPointer("/nodes/1/settings")->set("condition", "row.x > params.least");
  MergeOptions options;
  options.catalogue = &catalogue;
  const auto merge = mergeFlows(&base, parsed(json::write(removed)), parsed(json::write(used)), options);
  REQUIRE(merge.has_value());
  REQUIRE(merge->conflicts.size() == 1);
  CHECK(merge->conflicts[0].kind == ConflictKind::invalid);
  CHECK(merge->conflicts[0].message.contains("least"));
  CHECK(merge->conflicts[0].pointer == "/nodes/1/settings/condition");
}

TEST_CASE("markers stand around what conflicts only, and each side of them is a document") {
  const auto merge =
      merged(edited(all({put("/nodes/1/settings/condition", R"("row.a > 1")"), put("/config/maxConcurrency", "8")})),
             edited(all({put("/nodes/1/settings/condition", R"("row.a > 2")"), put("/nodes/0/settings/count", "9")})));
  const auto text = withMarkers(merge, {.ours = "HEAD", .theirs = "branch"});
  CHECK(
      text.contains("\n<<<<<<< HEAD\n      \"settings\": { \"condition\": \"row.a > 1\" }\n=======\n"
                    "      \"settings\": { \"condition\": \"row.a > 2\" }\n>>>>>>> branch\n"));
  CHECK(text.contains("\"count\": 9"));
  CHECK(text.contains("\"maxConcurrency\": 8"));
  const auto side = [&](bool ours) {
    std::string out;
    int where = 0;
    for (const auto line : linesOf(text)) {
      if (line.starts_with("<<<<<<<")) {
        where = 1;
      } else if (line == "=======") {
        where = 2;
      } else if (line.starts_with(">>>>>>>")) {
        where = 0;
      } else if (where == 0 || (where == 1) == ours) {
        out.append(line).append("\n");
      }
    }
    return out;
  };
  const auto unread = parseFlow(text);
  REQUIRE(!unread.has_value());
  CHECK(unread.error().list()[0].suggestion.starts_with("A merge left a conflict here"));
  CHECK(side(true) == merge.text);
  CHECK(side(false) == merge.theirs);
  CHECK(withMarkers(merged(edited([](Value&) {}), edited(put("/nodes/1/bypass", "true")))).contains("bypass"));
}

TEST_CASE("without a base what both have the same is there once, and what differs conflicts") {
  const auto ours = edited(put("/nodes/0/settings/count", "4")), theirs = edited(put("/nodes/0/settings/count", "5"));
  const auto merge = mergeFlows(nullptr, ours, theirs);
  REQUIRE(merge.has_value());
  REQUIRE(merge->conflicts.size() == 1);
  CHECK(merge->conflicts[0].kind == ConflictKind::added);
  CHECK(merge->conflicts[0].pointer == "/nodes/0/settings/count");
  CHECK(merge->text == formatFlow(ours));
}

TEST_CASE("a file of 10,000 nodes is merged") {
  auto root = read(R"({"id": "big", "version": "1.0.0", "nodes": [], "edges": []})");
  for (int i = 0; i < 10'000; ++i) {
    auto node = Value::object();
    node.set("id", "n" + std::to_string(i));
    node.set("typeId", "test/sink");
    node.set("version", "1.0.0");
    node.set("position", read(R"({"x": 1, "y": 2})"));
    root.find("nodes")->push(std::move(node));
  }
  const auto base = parsed(json::write(root));
  auto left = root, right = root;
  left.findPointer("/nodes/5")->set("name", "five");
  right.findPointer("/nodes/9000")->set("name", "many");
  const auto merge = mergeFlows(&base, parsed(json::write(left)), parsed(json::write(right)));
  REQUIRE(merge.has_value());
  CHECK(merge->conflicts.empty());
  CHECK(merge->text.contains("\"five\""));
  CHECK(merge->text.contains("\"many\""));
}

}  // namespace
}  // namespace weir::flow
