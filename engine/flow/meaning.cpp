// Takes the canonical document, and leaves out what no row depends on.
#include "engine/flow/meaning.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "engine/flow/format.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;

constexpr std::string_view kSubflow = "subflow/";

std::string_view idOf(const Value& value) {
  const auto* id = value.find("id");
  const auto* text = id == nullptr ? nullptr : id->asString();
  return text == nullptr ? std::string_view() : *text;
}

/// Without these members, and without those of one's own.
Value without(const Value& value, std::initializer_list<std::string_view> keys) {
  const auto* members = value.asObject();
  if (members == nullptr) return value;
  Value::Object kept;
  for (const auto& member : *members) {
    const bool leftOut = member.key.starts_with("x-") || std::ranges::find(keys, member.key) != keys.end();
    if (!leftOut) kept.push_back({member.key, member.value});
  }
  return Value::object(std::move(kept));
}

/// Nothing if the list is not there or empty.
void takeList(const Value& root, std::string_view key, std::initializer_list<std::string_view> leftOut, bool sorted,
              Value& into) {
  const auto* list = root.find(key);
  if (list == nullptr || list->asArray() == nullptr || list->asArray()->empty()) return;
  Value::Array kept;
  for (const auto& element : *list->asArray()) kept.push_back(without(element, leftOut));
  if (sorted) std::ranges::stable_sort(kept, {}, idOf);
  into.set(std::string(key), Value::array(std::move(kept)));
}

}  // namespace

std::string meaningOf(const FlowDocument& document) {
  const auto root = canonicalFlow(document);
  auto meaning = Value::object();
  if (const auto* config = root.find("config")) {
    auto kept = without(*config, {"alerts", "keep"});
    if (kept.count() > 0) meaning.set("config", std::move(kept));
  }
  takeList(root, "parameters", {"label", "help"}, false, meaning);
  if (const auto* ports = root.find("ports")) {
    auto kept = Value::object();
    takeList(*ports, "inputs", {"help"}, false, kept);
    takeList(*ports, "outputs", {"help"}, false, kept);
    if (kept.count() > 0) meaning.set("ports", std::move(kept));
  }
  takeList(root, "nodes", {"name", "note", "parent", "position", "size"}, true, meaning);
  takeList(root, "edges", {}, true, meaning);
  return json::write(meaning);
}

std::vector<std::string> usedFlows(const FlowDocument& document) {
  std::vector<std::string> used;
  for (const auto& node : document.nodes) {
    if (node.typeId.starts_with(kSubflow)) used.push_back(node.typeId.substr(kSubflow.size()));
  }
  std::ranges::sort(used);
  const auto [first, last] = std::ranges::unique(used);
  used.erase(first, last);
  return used;
}

}  // namespace weir::flow
