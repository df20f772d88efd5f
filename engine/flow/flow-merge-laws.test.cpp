// What holds of every merge, over random documents and edits.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

#include "engine/flow/flow-diff.h"
#include "engine/flow/flow-merge.h"
#include "engine/flow/format.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;

class Editor {
 public:
  explicit Editor(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

  Value document() {
    auto root = Value::object();
    root.set("id", "f");
    root.set("version", "1.0.0");
    root.set("nodes", Value::array());
    root.set("edges", Value::array());
    const auto count = 2 + below(6);
    for (std::size_t i = 0; i < count; ++i) addNode(root, "n");
    for (std::size_t i = 1; i < count; ++i) addEdge(root, "e");
    return root;
  }

  /// `mark` keeps the ids that two editors give apart.
  void edit(Value& root, const std::string& mark) {
    switch (below(11)) {
      case 0:
        return addNode(root, mark);
      case 1:
        return addEdge(root, mark);
      case 2:
        return removeNode(root);
      case 3:
        return void(removeOne(root, "edges"));
      case 4:
        return shuffle(*root.find("nodes"));
      case 5:
        return rename(root, mark);
      case 6:
        return void(any(root, "edges").set("filter", "row.a > " + std::to_string(below(3))));
      case 7:
        return void(root.set("parameters", parameters()));
      case 8:
        return void(any(root, "nodes").set("position", point()));
      case 9:
        return void(any(root, "nodes").remove("settings"));
      default:
        return setting(any(root, "nodes"));
    }
  }

  Value& any(Value& root, const char* list) {
    auto& elements = *root.find(list)->asArray();
    if (elements.empty()) return spare_ = Value::object();
    return elements[below(elements.size())];
  }

  void setting(Value& node) {
    auto* settings = node.find("settings");
    if (settings == nullptr) settings = &node.set("settings", Value::object());
    const auto name = std::string(1, static_cast<char>('a' + static_cast<char>(below(4))));
    if (below(4) == 0) {
      settings->remove(name);
    } else {
      settings->set(name, static_cast<std::int64_t>(below(5)));
    }
  }

 private:
  void addNode(Value& root, const std::string& mark) {
    auto node = Value::object();
    node.set("id", mark + std::to_string(next_++));
    node.set("typeId", below(2) == 0 ? "t/a" : "t/b");
    node.set("version", "1.0.0");
    if (below(2) == 0) node.set("position", point());
    setting(node);
    auto& nodes = *root.find("nodes")->asArray();
    nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(below(nodes.size() + 1)), std::move(node));
  }

  void addEdge(Value& root, const std::string& mark) {
    if (root.find("nodes")->count() == 0) return;
    auto edge = Value::object();
    // Now and then both editors give one id.
    edge.set("id", below(3) == 0 ? "edge" + std::to_string(below(3)) : mark + std::to_string(next_++));
    for (const auto& each : *root.find("edges")->asArray()) {
      if (*each.find("id") == *edge.find("id")) return;
    }
    for (const char* end : {"source", "target"}) {
      auto value = Value::object();
      value.set("node", *any(root, "nodes").find("id"));
      value.set("port", "rows");
      edge.set(end, std::move(value));
    }
    root.find("edges")->push(std::move(edge));
  }

  Value removeOne(Value& root, const char* list) {
    auto& elements = *root.find(list)->asArray();
    if (elements.empty()) return {};
    const auto at = elements.begin() + static_cast<std::ptrdiff_t>(below(elements.size()));
    auto removed = std::move(*at);
    elements.erase(at);
    return removed;
  }

  void removeNode(Value& root) {
    const auto node = removeOne(root, "nodes");
    const auto* id = node.find("id");
    if (id == nullptr) return;
    std::erase_if(*root.find("edges")->asArray(), [&](const Value& edge) {
      return *edge.findPointer("/source/node") == *id || *edge.findPointer("/target/node") == *id;
    });
  }

  void rename(Value& root, const std::string& mark) {
    auto& node = any(root, "nodes");
    if (node.find("id") == nullptr) return;
    const auto from = *node.find("id");
    const auto to = mark + std::to_string(next_++);
    node.set("id", to);
    for (auto& edge : *root.find("edges")->asArray()) {
      for (const char* pointer : {"/source/node", "/target/node"}) {
        if (*edge.findPointer(pointer) == from) *edge.findPointer(pointer) = Value(to);
      }
    }
  }

  void shuffle(Value& list) {
    auto& elements = *list.asArray();
    for (std::size_t i = elements.size(); i > 1; --i) std::swap(elements[i - 1], elements[below(i)]);
  }

  Value parameters() {
    auto list = Value::array();
    for (std::size_t i = 0; i < below(3); ++i) {
      auto parameter = Value::object();
      parameter.set("name", "p" + std::to_string(i));
      parameter.set("type", "integer");
      parameter.set("default", static_cast<std::int64_t>(below(3)));
      list.push(std::move(parameter));
    }
    return list;
  }

  Value point() {
    auto value = Value::object();
    value.set("x", static_cast<std::int64_t>(below(100)));
    value.set("y", static_cast<std::int64_t>(below(100)));
    return value;
  }

  std::mt19937_64 random_;
  int next_ = 0;
  Value spare_;
};

FlowDocument parsed(const Value& root) {
  auto flow = parseFlow(json::write(root));
  REQUIRE_MESSAGE(flow.has_value(), json::write(root));
  return std::move(*flow);
}

FlowMerge merged(const FlowDocument& base, const FlowDocument& ours, const FlowDocument& theirs) {
  auto merge = mergeFlows(&base, ours, theirs);
  REQUIRE(merge.has_value());
  return std::move(*merge);
}

void checkNoDangling(const std::string& text) {
  const auto flow = parseFlow(text);
  REQUIRE(flow.has_value());
  for (const auto& edge : flow->edges) {
    for (const auto* end : {&edge.source, &edge.target}) {
      const bool there = std::ranges::any_of(flow->nodes, [&](const FlowNode& node) { return node.id == end->node; });
      CHECK_MESSAGE(there, text);
    }
  }
  std::set<std::string> ids;
  for (const auto& node : flow->nodes) CHECK_MESSAGE(ids.insert(node.id).second, text);
}

TEST_CASE("merging with what did not change gives what did; both the same give the same") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Editor editor(seed);
    const auto start = editor.document();
    auto changed = start;
    for (auto edits = editor.below(6); edits > 0; --edits) editor.edit(changed, "x");
    const auto base = parsed(start), other = parsed(changed);
    const auto text = formatFlow(other);
    for (const auto& merge : {merged(base, other, base), merged(base, base, other), merged(base, other, other)}) {
      CHECK(merge.conflicts.empty());
      CHECK(merge.text == text);
    }
    CHECK(diffFlows(base, base, {.all = true}).empty());
  }
}

TEST_CASE("without conflicts it does not matter who is who, and nothing dangles on either side") {
  int clean = 0, conflicting = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(seed);
    Editor editor(seed);
    const auto start = editor.document();
    auto left = start, right = start;
    for (auto edits = editor.below(5); edits > 0; --edits) editor.edit(left, "l");
    for (auto edits = editor.below(5); edits > 0; --edits) editor.edit(right, "r");
    const auto base = parsed(start), ours = parsed(left), theirs = parsed(right);
    const auto merge = merged(base, ours, theirs), mirrored = merged(base, theirs, ours);
    CHECK(merge.conflicts.size() == mirrored.conflicts.size());
    checkNoDangling(merge.text);
    checkNoDangling(merge.theirs);
    if (!merge.conflicts.empty()) {
      ++conflicting;
      CHECK(mirrored.theirs.size() > 0);
      CHECK(withMarkers(merge).contains(merge.text == merge.theirs ? "\"id\"" : "<<<<<<< ours"));
      continue;
    }
    ++clean;
    const bool moved = std::ranges::any_of(merge.notes, [](const auto& note) { return note.contains("both moved"); });
    if (!moved) CHECK(merge.text == mirrored.text);
  }
  CHECK(clean > 300);
  CHECK(conflicting > 100);
}

TEST_CASE("edits of different nodes never conflict") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Editor editor(seed);
    const auto start = editor.document();
    auto left = start, right = start;
    auto both = start;
    auto& ours = *left.find("nodes")->asArray();
    auto& theirs = *right.find("nodes")->asArray();
    auto& wanted = *both.find("nodes")->asArray();
    for (std::size_t i = 0; i < ours.size(); ++i) {
      auto& node = editor.below(2) == 0 ? ours[i] : theirs[i];
      editor.setting(node);
      editor.setting(node);
      wanted[i] = node;
    }
    const auto merge = merged(parsed(start), parsed(left), parsed(right));
    CHECK(merge.conflicts.empty());
    CHECK(merge.text == formatFlow(parsed(both)));
  }
}

}  // namespace
}  // namespace weir::flow
