// Names and references of a merge.
#include "engine/flow/merge-versions.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
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
  std::set<std::string_view> twice;
  for (const auto& rename : others) twice.insert(rename.from);
  const auto there = byId(other, "/nodes");
  std::vector<NodeRename> renames;
  for (const auto& rename : mine) {
    if (!twice.contains(rename.from) && !there.contains(rename.to)) renames.push_back(rename);
  }
  renameNodes(base, renames);
  renameNodes(other, renames);
}

void followBoth(MergeVersions& versions) {
  const auto ours = findRenames(versions.base, versions.ours, RenameEvidence::certain);
  const auto theirs = findRenames(versions.base, versions.theirs, RenameEvidence::certain);
  std::map<std::string_view, std::string_view> others;
  for (const auto& rename : theirs) others.emplace(rename.from, rename.to);
  const auto nodes = byId(versions.ours, "/nodes"), otherNodes = byId(versions.theirs, "/nodes");
  std::vector<NodeRename> inTheirs, inBase;
  for (const auto& rename : ours) {
    const auto other = others.find(rename.from);
    if (other == others.end()) continue;
    if (other->second != rename.to) {
      if (otherNodes.contains(rename.to) || nodes.contains(other->second)) continue;
      versions.twiceRenamed.push_back({rename.from, rename.to, std::string(other->second)});
      inTheirs.push_back({std::string(other->second), rename.to});
    }
    inBase.push_back(rename);
  }
  renameNodes(versions.theirs, inTheirs);
  renameNodes(versions.base, inBase);
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

std::string freshName(const std::string& name, std::set<std::string, std::less<>>& taken) {
  for (int number = 2;; ++number) {
    auto fresh = name + "-" + std::to_string(number);
    if (taken.insert(fresh).second) return fresh;
  }
}

void renameElements(Value& root, const std::string& kind, const std::vector<NodeRename>& renames) {
  if (renames.empty()) return;
  std::map<std::string, std::string, std::less<>> names;
  for (const auto& rename : renames) names.emplace(rename.from, rename.to);
  eachOf(root, "/" + kind, [&](Value& element) {
    if (const auto found = names.find(textMember(element, "id")); found != names.end())
      element.set("id", found->second);
  });
  if (auto* places = root.findPointer("/layout/" + kind); places != nullptr && places->isObject()) {
    for (auto& member : *places->asObject()) {
      if (const auto found = names.find(member.key); found != names.end()) member.key = found->second;
    }
  }
  if (kind == "edges") renameMetrics(root, MeasuredThing::edge, renames);
}

/// Both drew an edge, or wrote a note, and the editor gave both the next free id.
void separate(MergeVersions& versions, const std::string& kind) {
  const bool edges = kind == "edges";
  const auto was = byId(versions.base, "/" + kind), others = byId(versions.theirs, "/" + kind);
  const auto own = byId(versions.ours, "/" + kind);
  std::set<std::string, std::less<>> taken;
  for (const auto* ids : {&was, &own, &others}) {
    for (const auto& [id, element] : *ids) taken.emplace(id);
  }
  std::vector<NodeRename> ours, theirs;
  for (const auto& [id, mine] : own) {
    const auto other = others.find(id);
    if (was.contains(id) || other == others.end()) continue;
    if (edges ? endsOf(*mine) == endsOf(*other->second) : *mine == *other->second) continue;
    const auto fresh = freshName(std::string(id), taken);
    const bool oursMoves = json::write(*other->second) < json::write(*mine);
    const auto what = edges ? " (" + endsOf(oursMoves ? *mine : *other->second) + ")" : std::string();
    versions.notes.push_back("both added " + std::string(edges ? "an edge " : "a note ") + quoted(id) +
                             ": the one of " + (oursMoves ? "ours" : "theirs") + what + " is now " + quoted(fresh));
    (oursMoves ? ours : theirs).push_back({std::string(id), fresh});
  }
  renameElements(versions.ours, kind, ours);
  renameElements(versions.theirs, kind, theirs);
}

std::string_view nodeAt(const Value& edge, std::string_view end) {
  const auto* value = edge.find(end);
  return value == nullptr ? std::string_view() : textMember(*value, "node");
}

using Uses = std::map<std::string_view, std::string>;

/// What `other` says of nodes that `base` did not, in words, by node: the first of each.
Uses newUses(const Value& base, const Value& other) {
  Uses uses;
  const auto changed = [&](std::string_view pointer, std::string_view key, auto use) {
    std::map<std::string_view, const Value*> was;
    for (const auto& element : listOf(base, pointer)) was.emplace(textMember(element, key), &element);
    for (const auto& element : listOf(other, pointer)) {
      const auto name = textMember(element, key);
      const auto before = was.find(name);
      if (before == was.end() || *before->second != element) use(element, name);
    }
  };
  changed("/edges", "id", [&](const Value& edge, std::string_view name) {
    for (const char* end : {"source", "target"}) uses.emplace(nodeAt(edge, end), "wired it with edge " + quoted(name));
  });
  changed("/widgets", "id", [&](const Value& widget, std::string_view name) {
    uses.emplace(textMember(widget, "node"), "shows it in widget " + quoted(name));
  });
  for (const char* pointer : {"/ports/inputs", "/ports/outputs"}) {
    changed(pointer, "name", [&](const Value& port, std::string_view name) {
      uses.emplace(textMember(port, "node"), "made it the flow's port " + quoted(name));
    });
  }
  return uses;
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
    const auto uses = newUses(versions_.base, other_);
    for (const Value* root : std::initializer_list<const Value*>{&versions_.base, &other_}) {
      for (const auto& edge : listOf(*root, "/edges")) {
        for (const char* end : {"source", "target"}) edges_[nodeAt(edge, end)].push_back(&edge);
      }
    }
    for (const auto& node : listOf(versions_.base, "/nodes")) {
      const auto id = textMember(node, "id");
      if (!removed(id)) continue;
      const auto use = uses.find(id);
      if (use == uses.end() && *others_.find(id)->second == node) continue;
      const auto kind = use == uses.end() ? ConflictKind::removed : ConflictKind::used;
      versions_.nodes.insert_or_assign(
          std::string(id),
          ContestedNode{remover_, kind, names + (use == uses.end() ? std::string("changed it") : use->second)});
      follow(id);
    }
  }

 private:
  [[nodiscard]] bool removed(std::string_view id) const {
    return was_.contains(id) && !left_.contains(id) && others_.contains(id);
  }

  /// The edges of a contested node are in question with it, and so are removed nodes at their other ends.
  void follow(std::string_view first) {
    std::vector<std::string_view> open = {first};
    while (!open.empty()) {
      const auto id = open.back();
      open.pop_back();
      for (const auto* edge : edges_[id]) {
        versions_.edges.emplace(textMember(*edge, "id"));
        for (const char* end : {"source", "target"}) {
          const auto name = nodeAt(*edge, end);
          if (!removed(name)) continue;
          if (versions_.nodes.emplace(name, ContestedNode{remover_, ConflictKind::removed, {}}).second)
            open.push_back(name);
        }
      }
    }
  }

  MergeVersions& versions_;
  Side remover_;
  const Value& other_;
  ById was_, left_, others_;
  std::map<std::string_view, std::vector<const Value*>> edges_;  // by the nodes at their ends
};

/// Whether a group (or widget) that something of the merged document names was removed by one side while the other went
/// on to name it. What hung in the air before the merge is left to who drew it: `names` says whether a version has the
/// same reference.
class Lost {
 public:
  Lost(const Value& merged, const MergeVersions& versions, const std::string& kind)
      : merged_(idsIn(merged, kind)),
        sides_{Side{&versions.ours, idsIn(versions.ours, kind)}, Side{&versions.theirs, idsIn(versions.theirs, kind)}} {
  }

  template <class Names>
  [[nodiscard]] bool operator()(std::string_view id, Names names) const {
    if (id.empty() || merged_.contains(id)) return false;
    return std::ranges::none_of(sides_, [&](const Side& side) { return !side.ids.contains(id) && names(*side.root); });
  }

 private:
  using Ids = std::set<std::string, std::less<>>;
  struct Side {
    const Value* root;
    Ids ids;
  };
  static Ids idsIn(const Value& root, const std::string& kind) {
    Ids ids;
    for (const auto& element : listOf(root, "/" + kind)) ids.emplace(textMember(element, "id"));
    return ids;
  }

  Ids merged_;
  std::array<Side, 2> sides_;
};

/// Which widget stands on which dashboard.
std::set<std::pair<std::string_view, std::string_view>> placedIn(const Value& root) {
  std::set<std::pair<std::string_view, std::string_view>> placed;
  for (const auto& dashboard : listOf(root, "/dashboards")) {
    for (const auto& widget : listOf(dashboard, "/widgets"))
      placed.emplace(textMember(dashboard, "id"), textMember(widget, "widget"));
  }
  return placed;
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
  std::set<std::string_view> gone;
  const auto left = byId(merged, "/nodes");
  for (const auto& [id, contested] : versions.nodes) {
    if (!left.contains(id)) gone.insert(id);
  }
  const auto isGone = [&](const Value& value) { return gone.contains(textMember(value, "node")); };
  if (!gone.empty()) {
    dropFrom(merged, "/edges", [&](const Value& edge) {
      return gone.contains(nodeAt(edge, "source")) || gone.contains(nodeAt(edge, "target"));
    });
    for (const char* pointer : {"/widgets", "/ports/inputs", "/ports/outputs"}) dropFrom(merged, pointer, isGone);
  }
  const Lost lostGroup(merged, versions, "groups");
  for (const char* kind : {"nodes", "groups", "notes"}) {
    const auto pointer = std::string("/") + kind;
    const auto ours = byId(versions.ours, pointer), theirs = byId(versions.theirs, pointer);
    eachOf(merged, pointer, [&](Value& thing) {
      const std::string parent(textMember(thing, "parent"));
      const auto isThere = [&](const Value& side) {
        const auto& things = &side == &versions.ours ? ours : theirs;
        const auto same = things.find(textMember(thing, "id"));
        return same != things.end() && textMember(*same->second, "parent") == parent;
      };
      if (!lostGroup(parent, isThere)) return;
      thing.remove("parent");
      notes.push_back(quoted(textMember(thing, "id")) + " stands in no group: one side put it into " + quoted(parent) +
                      ", which the other removed");
    });
  }
  const Lost lostWidget(merged, versions, "widgets");
  const auto ours = placedIn(versions.ours), theirs = placedIn(versions.theirs);
  eachOf(merged, "/dashboards", [&](Value& dashboard) {
    const std::string name(textMember(dashboard, "id"));
    dropFrom(dashboard, "/widgets", [&](const Value& placed) {
      const auto widget = textMember(placed, "widget");
      const auto isThere = [&](const Value& side) {
        return (&side == &versions.ours ? ours : theirs).contains({name, widget});
      };
      if (!lostWidget(widget, isThere)) return false;
      notes.push_back("dashboard " + quoted(name) + " is without widget " + quoted(widget) +
                      ", which one side removed");
      return true;
    });
  });
}

}  // namespace weir::flow
