// Compares documents part by part.
#include "engine/flow/flow-diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/flow/format.h"
#include "engine/flow/named-elements.h"
#include "engine/flow/node-renames.h"
#include "engine/flow/value-diff.h"

namespace weir::flow {
namespace {

using json::Value;

struct PartList {
  FlowPart part;
  std::string_view pointer, key;
};

constexpr PartList kLists[] = {
    {FlowPart::parameter, "/parameters", "name"},
    {FlowPart::input, "/ports/inputs", "name"},
    {FlowPart::output, "/ports/outputs", "name"},
    {FlowPart::node, "/nodes", "id"},
    {FlowPart::edge, "/edges", "id"},
    {FlowPart::group, "/groups", "id"},
    {FlowPart::note, "/notes", "id"},
    {FlowPart::widget, "/widgets", "id"},
    {FlowPart::dashboard, "/dashboards", "id"},
    {FlowPart::alert, "/alerts", "name"},
    {FlowPart::alert, "/config/alerts", "name"},
    {FlowPart::test, "/tests", "name"},
};

template <class Change>
void each(Value* list, Change change) {
  if (list == nullptr || !list->isArray()) return;
  for (auto& element : *list->asArray()) change(element);
}

void dropLooks(Value& root) {
  if (auto* metadata = root.find("metadata")) {
    metadata->remove("createdAt");
    metadata->remove("updatedAt");
    if (metadata->count() == 0) root.remove("metadata");
  }
  each(root.find("groups"), [](Value& group) {
    group.remove("color");
    group.remove("collapsed");
  });
  each(root.find("notes"), [](Value& note) { note.remove("color"); });
  each(root.find("dashboards"), [](Value& dashboard) {
    each(dashboard.find("widgets"), [](Value& placed) {
      for (const char* key : {"x", "y", "width", "height"}) placed.remove(key);
    });
  });
}

std::string endOf(const Value& edge, std::string_view which) {
  const auto* end = edge.find(which);
  if (end == nullptr) return {};
  return std::string(textMember(*end, "node")) + "." + std::string(textMember(*end, "port"));
}

std::string aboutOf(FlowPart part, const Value& value) {
  if (part == FlowPart::node)
    return std::string(textMember(value, "typeId")) + " " + std::string(textMember(value, "version"));
  if (part == FlowPart::edge) return endOf(value, "source") + " → " + endOf(value, "target");
  if (part == FlowPart::parameter || part == FlowPart::widget) return std::string(textMember(value, "type"));
  return {};
}

/// An element of a list of the document, with its place in it.
struct Element {
  const Value* value = nullptr;
  std::size_t index = 0;
};

/// In the order of the list, and by name.
struct Elements {
  std::vector<std::pair<std::string, Element>> list;
  std::map<std::string, Element, std::less<>> byName;

  [[nodiscard]] const Element* find(std::string_view name) const {
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : &found->second;
  }
};

/// Those that share a name are told apart by their number.
Elements elementsOf(const Value& root, const PartList& list) {
  Elements found;
  const auto* value = root.findPointer(list.pointer);
  if (value == nullptr || !value->isArray()) return found;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < value->asArray()->size(); ++i) {
    const auto& element = (*value->asArray())[i];
    std::string name(textMember(element, list.key));
    const auto number = ++seen[name];
    if (number > 1) name += " (" + std::to_string(number) + ")";
    found.byName.emplace(name, Element{&element, i});
    found.list.emplace_back(std::move(name), Element{&element, i});
  }
  return found;
}

class Comparison {
 public:
  Comparison(Value before, Value after, const DiffOptions& options)
      : before_(std::move(before)), after_(std::move(after)), options_(options) {
    const auto renames = findRenames(before_, after_, RenameEvidence::alike);
    renameNodes(before_, renames);
    for (const auto& rename : renames) former_.emplace(rename.to, rename.from);
    if (options_.all) return;
    dropLooks(before_);
    dropLooks(after_);
  }

  FlowDiff run() {
    diff_.name = textMember(after_, "id").empty() ? textMember(before_, "id") : textMember(after_, "id");
    whole();
    for (const auto& list : kLists) compareList(list);
    if (options_.all) places();
    diff_.cut = room_.cut;
    return std::move(diff_);
  }

 private:
  void whole() {
    PartDiff part{FlowPart::flow, PartChange::changed, diff_.name, {}, {}, "", {}};
    auto before = before_, after = after_;
    for (auto* root : {&before, &after}) {
      for (const char* key : {"parameters", "ports", "nodes", "edges", "groups", "notes", "widgets", "dashboards",
                              "alerts", "layout", "tests"})
        root->remove(key);
      if (auto* config = root->find("config")) config->remove("alerts");
    }
    addDifferences(&before, &after, "", "", "", part.differences, room_);
    if (options_.all) {
      for (const auto& list : kLists) orderOf(list, part);
    }
    // What the file is checked against by editors says nothing about the flow.
    if (!options_.all) std::erase_if(part.differences, [](const Difference& each) { return each.path == "$schema"; });
    if (!part.differences.empty()) diff_.parts.push_back(std::move(part));
  }

  void orderOf(const PartList& list, PartDiff& part) {
    const auto before = elementsOf(before_, list), after = elementsOf(after_, list);
    auto was = Value::array(), is = Value::array();
    for (const auto& [name, element] : before.list) {
      if (after.find(name) != nullptr) was.push(name);
    }
    for (const auto& [name, element] : after.list) {
      if (before.find(name) != nullptr) is.push(name);
    }
    if (was == is) return;
    const std::string pointer(list.pointer);
    part.differences.push_back({"order of " + pointer.substr(1), pointer, std::move(was), std::move(is)});
  }

  void compareList(const PartList& list) {
    const auto before = elementsOf(before_, list), after = elementsOf(after_, list);
    std::map<std::string, std::string> renamed = list.part == FlowPart::edge ? sameEnds(before, after) : NoNames{};
    std::map<std::string, bool> taken;
    for (const auto& [name, element] : after.list) {
      const auto other = renamed.contains(name) ? renamed[name] : name;
      const auto* old = before.find(other);
      if (old != nullptr) taken[other] = true;
      one(list, old, &element, name, old != nullptr && other != name ? other : std::string());
    }
    for (const auto& [name, element] : before.list) {
      if (!taken.contains(name)) one(list, &element, nullptr, name, {});
    }
  }

  using NoNames = std::map<std::string, std::string>;

  /// New edges that join what a removed one joined: name, former name.
  static std::map<std::string, std::string> sameEnds(const Elements& before, const Elements& after) {
    std::multimap<std::string, std::string> gone;
    for (const auto& [name, element] : before.list) {
      if (after.find(name) == nullptr) gone.emplace(aboutOf(FlowPart::edge, *element.value), name);
    }
    std::map<std::string, std::string> found;
    for (const auto& [name, element] : after.list) {
      if (before.find(name) != nullptr) continue;
      const auto match = gone.find(aboutOf(FlowPart::edge, *element.value));
      if (match == gone.end()) continue;
      found.emplace(name, match->second);
      gone.erase(match);
    }
    return found;
  }

  void one(const PartList& list, const Element* before, const Element* after, const std::string& name,
           std::string formerId) {
    PartDiff part;
    part.part = list.part;
    part.change = before == nullptr ? PartChange::added : after == nullptr ? PartChange::removed : PartChange::changed;
    part.id = name;
    part.formerId = std::move(formerId);
    if (const auto was = former_.find(name); list.part == FlowPart::node && was != former_.end())
      part.formerId = was->second;
    const auto pointerOf = [&](const Element* element) {
      return below(list.pointer, element == nullptr ? 0 : element->index);
    };
    const auto* shown = after != nullptr ? after : before;
    part.pointer = pointerOf(shown);
    part.about = aboutOf(list.part, *shown->value);
    auto was = before == nullptr ? Value() : *before->value, is = after == nullptr ? Value() : *after->value;
    for (auto* value : {&was, &is}) {
      value->remove(list.key);
      if (part.change != PartChange::changed) dropSaid(list.part, *value);
    }
    addDifferences(before == nullptr ? nullptr : &was, after == nullptr ? nullptr : &is, "", pointerOf(before),
                   pointerOf(after), part.differences, room_);
    std::erase_if(part.differences, [](const Difference& each) {
      const auto empty = [](const std::optional<Value>& value) {
        return !value || ((value->isObject() || value->isArray()) && value->count() == 0);
      };
      return each.path.empty() || (each.path == "settings" && empty(each.before) && empty(each.after));
    });
    if (part.change == PartChange::changed && part.differences.empty() && part.formerId.empty()) return;
    diff_.parts.push_back(std::move(part));
  }

  /// What `about` has said of a part that is added or removed.
  static void dropSaid(FlowPart part, Value& value) {
    if (part == FlowPart::node) {
      value.remove("typeId");
      value.remove("version");
    } else if (part == FlowPart::edge) {
      value.remove("source");
      value.remove("target");
    } else if (part == FlowPart::parameter || part == FlowPart::widget) {
      value.remove("type");
    }
  }

  void places() {
    for (const auto& [kind, about] : {std::pair{"nodes", "node"}, std::pair{"groups", "group"},
                                      std::pair{"notes", "note"}, std::pair{"widgets", "widget"}}) {
      const auto pointer = std::string("/layout/") + kind;
      const auto* after = after_.findPointer(pointer);
      if (after == nullptr || !after->isObject()) continue;
      const auto* places = before_.findPointer(pointer);
      std::map<std::string_view, const Value*> stood, things;
      if (places != nullptr && places->isObject()) {
        for (const auto& member : *places->asObject()) stood.insert_or_assign(member.key, &member.value);
      }
      each(before_.find(kind), [&](const Value& thing) { things.emplace(textMember(thing, "id"), &thing); });
      for (const auto& member : *after->asObject()) {
        PartDiff part{FlowPart::place, PartChange::changed, member.key, {}, about, below(pointer, member.key), {}};
        if (!things.contains(member.key)) continue;  // a new thing stands somewhere
        const auto was = stood.find(member.key);
        addDifferences(was == stood.end() ? nullptr : was->second, &member.value, "", part.pointer, part.pointer,
                       part.differences, room_);
        if (!part.differences.empty()) diff_.parts.push_back(std::move(part));
      }
    }
  }

  Value before_, after_;
  DiffOptions options_;
  DiffRoom room_;
  std::map<std::string, std::string, std::less<>> former_;
  FlowDiff diff_;
};

Value testsOf(const Value& root) {
  auto document = Value::object();
  document.set("tests", root.isArray() ? root : root.find("tests") != nullptr ? *root.find("tests") : Value::array());
  return document;
}

}  // namespace

std::string_view nameOf(FlowPart part) {
  switch (part) {
    case FlowPart::flow:
      return "flow";
    case FlowPart::parameter:
      return "parameter";
    case FlowPart::input:
      return "input";
    case FlowPart::output:
      return "output";
    case FlowPart::node:
      return "node";
    case FlowPart::edge:
      return "edge";
    case FlowPart::group:
      return "group";
    case FlowPart::note:
      return "note";
    case FlowPart::widget:
      return "widget";
    case FlowPart::dashboard:
      return "dashboard";
    case FlowPart::alert:
      return "alert";
    case FlowPart::test:
      return "test";
    case FlowPart::place:
      return "place";
  }
  return "flow";
}

std::string_view nameOf(PartChange change) {
  switch (change) {
    case PartChange::added:
      return "added";
    case PartChange::removed:
      return "removed";
    case PartChange::changed:
      return "changed";
  }
  return "changed";
}

FlowDiff diffCanonical(Value before, Value after, const DiffOptions& options) {
  return Comparison(std::move(before), std::move(after), options).run();
}

FlowDiff diffFlows(const FlowDocument& before, const FlowDocument& after, const DiffOptions& options) {
  return diffCanonical(canonicalFlow(before), canonicalFlow(after), options);
}

FlowDiff diffTests(const Value& before, const Value& after) { return diffCanonical(testsOf(before), testsOf(after)); }

}  // namespace weir::flow
