// Names and references of a merge.
#include "engine/flow/merge-versions.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "engine/flow/format.h"
#include "engine/flow/named-elements.h"
#include "engine/flow/node-renames.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;

std::span<const Value> listOf(const Value& root, std::string_view pointer) {
  const auto* found = root.findPointer(pointer);
  if (found == nullptr || !found->isArray()) return {};
  return *found->asArray();
}

using ById = std::map<std::string_view, const Value*>;

ById byId(const Value& root, std::string_view pointer) {
  ById found;
  for (const auto& element : listOf(root, pointer)) found.emplace(textMember(element, "id"), &element);
  return found;
}

template <class Change>
void eachOf(Value& root, std::string_view pointer, Change change) {
  auto* list = root.findPointer(pointer);
  if (list == nullptr || !list->isArray()) return;
  for (auto& element : *list->asArray()) change(element);
}

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

/// Brings `base` and `other` to the names that `mine` gave; what `other` renamed itself is left to the caller.
void followRenames(const std::vector<NodeRename>& mine, const std::vector<NodeRename>& others, Value& base,
                   Value& other) {
  for (const auto& rename : mine) {
    if (std::ranges::find(others, rename.from, &NodeRename::from) != others.end() || hasNode(other, rename.to))
      continue;
    renameNode(base, rename.from, rename.to);
    renameNode(other, rename.from, rename.to);
  }
}

void followBoth(MergeVersions& versions) {
  const auto ours = findRenames(versions.base, versions.ours, RenameEvidence::certain);
  const auto theirs = findRenames(versions.base, versions.theirs, RenameEvidence::certain);
  for (const auto& rename : ours) {
    const auto other = std::ranges::find(theirs, rename.from, &NodeRename::from);
    if (other == theirs.end()) continue;
    if (other->to != rename.to) {
      if (hasNode(versions.theirs, rename.to) || hasNode(versions.ours, other->to)) continue;
      versions.twiceRenamed.push_back({rename.from, rename.to, other->to});
      renameNode(versions.theirs, other->to, rename.to);
    }
    renameNode(versions.base, rename.from, rename.to);
  }
  followRenames(ours, theirs, versions.base, versions.theirs);
  followRenames(theirs, ours, versions.base, versions.ours);
}

std::string endsOf(const Value& edge) {
  const auto* source = edge.find("source");
  const auto* target = edge.find("target");
  if (source == nullptr || target == nullptr) return {};
  return std::string(textMember(*source, "node")) + "." + std::string(textMember(*source, "port")) + " → " +
         std::string(textMember(*target, "node")) + "." + std::string(textMember(*target, "port"));
}

std::string freshName(const std::string& name, std::string_view kind, const MergeVersions& versions) {
  for (int number = 2;; ++number) {
    auto fresh = name + "-" + std::to_string(number);
    const auto taken = [&](const Value& root) { return elementNamed(root.find(kind), "id", fresh) != nullptr; };
    if (!taken(versions.base) && !taken(versions.ours) && !taken(versions.theirs)) return fresh;
  }
}

void renameElement(Value& root, const std::string& kind, const std::string& from, const std::string& to) {
  eachOf(root, "/" + kind, [&](Value& element) {
    if (textMember(element, "id") == from) element.set("id", to);
  });
  if (auto* places = root.findPointer("/layout/" + kind); places != nullptr && places->isObject()) {
    for (auto& member : *places->asObject()) {
      if (member.key == from) member.key = to;
    }
  }
  if (kind == "edges") renameMetrics(root, MeasuredThing::edge, from, to);
}

/// Both drew an edge, or wrote a note, and the editor gave both the next free id.
void separate(MergeVersions& versions, const std::string& kind) {
  const bool edges = kind == "edges";
  const auto was = byId(versions.base, "/" + kind), others = byId(versions.theirs, "/" + kind);
  std::vector<std::string> shared;
  for (const auto& [id, mine] : byId(versions.ours, "/" + kind)) {
    const auto other = others.find(id);
    if (was.contains(id) || other == others.end()) continue;
    if (edges ? endsOf(*mine) != endsOf(*other->second) : *mine != *other->second) shared.emplace_back(id);
  }
  for (const auto& id : shared) {
    const auto* mine = elementNamed(versions.ours.find(kind), "id", id);
    const auto* other = elementNamed(versions.theirs.find(kind), "id", id);
    const auto fresh = freshName(id, kind, versions);
    const bool oursMoves = json::write(*other) < json::write(*mine);
    const auto what = edges ? " (" + endsOf(oursMoves ? *mine : *other) + ")" : std::string();
    versions.notes.push_back("both added " + std::string(edges ? "an edge " : "a note ") + quoted(id) +
                             ": the one of " + (oursMoves ? "ours" : "theirs") + what + " is now " + quoted(fresh));
    renameElement(oursMoves ? versions.ours : versions.theirs, kind, id, fresh);
  }
}

bool touches(const Value& edge, std::string_view node) {
  for (const char* end : {"source", "target"}) {
    const auto* value = edge.find(end);
    if (value != nullptr && textMember(*value, "node") == node) return true;
  }
  return false;
}

/// What `other` says of the node that `base` did not, in words; empty: nothing.
std::string newUse(const Value& base, const Value& other, std::string_view node) {
  const auto unchanged = [&](std::string_view pointer, std::string_view key, const Value& element) {
    const auto* was = elementNamed(base.findPointer(pointer), key, textMember(element, key));
    return was != nullptr && *was == element;
  };
  for (const auto& edge : listOf(other, "/edges")) {
    if (touches(edge, node) && !unchanged("/edges", "id", edge))
      return "wired it with edge " + quoted(textMember(edge, "id"));
  }
  for (const auto& widget : listOf(other, "/widgets")) {
    if (textMember(widget, "node") == node && !unchanged("/widgets", "id", widget))
      return "shows it in widget " + quoted(textMember(widget, "id"));
  }
  for (const char* pointer : {"/ports/inputs", "/ports/outputs"}) {
    for (const auto& port : listOf(other, pointer)) {
      if (textMember(port, "node") == node && !unchanged(pointer, "name", port))
        return "made it the flow's port " + quoted(textMember(port, "name"));
    }
  }
  return {};
}

class Contest {
 public:
  Contest(MergeVersions& versions, Side remover)
      : versions_(versions),
        remover_(remover),
        other_(remover == Side::ours ? versions.theirs : versions.ours),
        was_(byId(versions.base, "/nodes")),
        left_(byId(remover == Side::ours ? versions.ours : versions.theirs, "/nodes")),
        others_(byId(other_, "/nodes")) {}

  void run() {
    const auto* names = remover_ == Side::ours ? "ours removed it, theirs " : "theirs removed it, ours ";
    for (const auto& node : listOf(versions_.base, "/nodes")) {
      const auto id = textMember(node, "id");
      if (!removed(id)) continue;
      const auto use = newUse(versions_.base, other_, id);
      if (use.empty() && *others_.find(id)->second == node) continue;
      const auto kind = use.empty() ? ConflictKind::removed : ConflictKind::used;
      versions_.nodes.insert_or_assign(
          std::string(id), ContestedNode{remover_, kind, names + (use.empty() ? std::string("changed it") : use)});
      follow(id);
    }
  }

 private:
  [[nodiscard]] bool removed(std::string_view id) const {
    return was_.contains(id) && !left_.contains(id) && others_.contains(id);
  }

  /// The edges of a contested node are in question with it, and so are removed nodes at their other ends.
  void follow(std::string_view id) {
    for (const Value* root : std::initializer_list<const Value*>{&versions_.base, &other_}) {
      for (const auto& edge : listOf(*root, "/edges")) {
        if (!touches(edge, id)) continue;
        versions_.edges.emplace(textMember(edge, "id"));
        for (const char* end : {"/source/node", "/target/node"}) {
          const auto* name = edge.findPointer(end);
          if (name == nullptr || !name->isString() || !removed(*name->asString())) continue;
          if (versions_.nodes.emplace(*name->asString(), ContestedNode{remover_, ConflictKind::removed, {}}).second)
            follow(*name->asString());
        }
      }
    }
  }

  MergeVersions& versions_;
  Side remover_;
  const Value& other_;
  ById was_, left_, others_;
};

/// Whether a group (or widget) that something of the merged document names was removed by one side while the other went
/// on to name it. What hung in the air before the merge is left to who drew it: `names` says whether a version has the
/// same reference.
template <class Names>
bool lostInMerge(const Value& merged, const MergeVersions& versions, std::string_view kind, std::string_view id,
                 Names names) {
  const auto has = [&](const Value& root) { return elementNamed(root.find(kind), "id", id) != nullptr; };
  if (id.empty() || has(merged)) return false;
  return std::ranges::none_of(std::initializer_list<const Value*>{&versions.ours, &versions.theirs},
                              [&](const Value* side) { return !has(*side) && names(*side); });
}

template <class Drop>
void dropFrom(Value& root, std::string_view pointer, Drop drop) {
  auto* list = root.findPointer(pointer);
  if (list == nullptr || !list->isArray()) return;
  std::erase_if(*list->asArray(), drop);
  if (list->count() == 0 && pointer == "/widgets") root.remove("widgets");
}

}  // namespace

MergeVersions prepareMerge(const FlowDocument* base, const FlowDocument& ours, const FlowDocument& theirs) {
  MergeVersions versions;
  versions.base = base == nullptr ? Value::object() : canonicalFlow(*base);
  versions.ours = canonicalFlow(ours);
  versions.theirs = canonicalFlow(theirs);
  followBoth(versions);
  separate(versions, "edges");
  separate(versions, "notes");
  Contest(versions, Side::ours).run();
  Contest(versions, Side::theirs).run();
  return versions;
}

void dropDangling(Value& merged, const MergeVersions& versions, std::vector<std::string>& notes) {
  for (const auto& [id, contested] : versions.nodes) {
    if (hasNode(merged, id)) continue;
    const auto names = [&](const Value& value) { return textMember(value, "node") == id; };
    dropFrom(merged, "/edges", [&](const Value& edge) { return touches(edge, id); });
    for (const char* pointer : {"/widgets", "/ports/inputs", "/ports/outputs"}) dropFrom(merged, pointer, names);
  }
  for (const char* kind : {"nodes", "groups", "notes"}) {
    eachOf(merged, std::string("/") + kind, [&](Value& thing) {
      const std::string parent(textMember(thing, "parent"));
      const auto isThere = [&](const Value& side) {
        const auto* same = elementNamed(side.find(kind), "id", textMember(thing, "id"));
        return same != nullptr && textMember(*same, "parent") == parent;
      };
      if (!lostInMerge(merged, versions, "groups", parent, isThere)) return;
      thing.remove("parent");
      notes.push_back(quoted(textMember(thing, "id")) + " stands in no group: one side put it into " + quoted(parent) +
                      ", which the other removed");
    });
  }
  eachOf(merged, "/dashboards", [&](Value& dashboard) {
    const std::string name(textMember(dashboard, "id"));
    dropFrom(dashboard, "/widgets", [&](const Value& placed) {
      const auto widget = textMember(placed, "widget");
      const auto isThere = [&](const Value& side) {
        const auto* same = elementNamed(side.find("dashboards"), "id", name);
        return same != nullptr && elementNamed(same->find("widgets"), "widget", widget) != nullptr;
      };
      if (!lostInMerge(merged, versions, "widgets", widget, isThere)) return false;
      notes.push_back("dashboard " + quoted(name) + " is without widget " + quoted(widget) +
                      ", which one side removed");
      return true;
    });
  });
}

}  // namespace weir::flow
