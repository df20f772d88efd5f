// Finds renamed nodes by what they do and by their edges.
#include "engine/flow/node-renames.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/flow/named-elements.h"

namespace weir::flow {
namespace {

using json::Value;

/// An edge as one of its nodes sees it.
using Connection = std::pair<std::string, std::string>;  // "out rows", "paid.rows"
using Connections = std::multiset<Connection>;

using ByNode = std::map<std::string, Connections, std::less<>>;

ByNode connectionsOf(const Value& root) {
  ByNode found;
  const auto* edges = root.find("edges");
  if (edges == nullptr || !edges->isArray()) return found;
  const auto end = [](const Value& edge, const char* which) {
    const auto* value = edge.find(which);
    if (value == nullptr) return Connection{};
    return Connection{textMember(*value, "node"), textMember(*value, "port")};
  };
  for (const auto& edge : *edges->asArray()) {
    const auto source = end(edge, "source"), target = end(edge, "target");
    found[source.first].insert({"out " + source.second, target.first + "." + target.second});
    found[target.first].insert({"in " + target.second, source.first + "." + source.second});
  }
  return found;
}

Value settingsOf(const Value& node) {
  const auto* found = node.find("settings");
  return found == nullptr ? Value::object() : *found;
}

std::vector<const Value*> onlyIn(const Value& root, const Value& other) {
  std::vector<const Value*> found;
  const auto* nodes = root.find("nodes");
  if (nodes == nullptr || !nodes->isArray()) return found;
  std::set<std::string_view> there;
  if (const auto* list = other.find("nodes"); list != nullptr && list->isArray()) {
    for (const auto& node : *list->asArray()) there.insert(textMember(node, "id"));
  }
  for (const auto& node : *nodes->asArray()) {
    if (!there.contains(textMember(node, "id"))) found.push_back(&node);
  }
  return found;
}

class Finder {
 public:
  Finder(const Value& before, const Value& after)
      : gone_(onlyIn(before, after)),
        come_(onlyIn(after, before)),
        old_(connectionsOf(before)),
        new_(connectionsOf(after)) {}

  std::vector<NodeRename> alike() {
    std::vector<NodeRename> renames;
    std::set<const Value*> taken;
    for (const auto* node : gone_) {
      const Value* best = nullptr;
      std::int64_t most = -1;
      for (const auto* candidate : come_) {
        if (taken.contains(candidate) || !same(*node, *candidate)) continue;
        const auto equal = equalConnections(idOf(*node), idOf(*candidate), {});
        if (!enough(*node, *candidate, equal) || equal <= most) continue;
        best = candidate;
        most = equal;
      }
      if (best == nullptr) continue;
      taken.insert(best);
      renames.push_back({idOf(*node), idOf(*best)});
    }
    return renames;
  }

  /// Those that have all the edges they had, if the renames that are left are taken for granted.
  std::vector<NodeRename> certain() {
    auto renames = alike();
    while (true) {
      std::map<std::string, std::string, std::less<>> names;
      for (const auto& rename : renames) names.emplace(rename.from, rename.to);
      const auto doubted = std::erase_if(renames, [&](const NodeRename& rename) {
        const auto was = old_[rename.from].size(), is = new_[rename.to].size();
        if (was == 0 && is == 0) return !allEqual(rename);
        return was == 0 || equalConnections(rename.from, rename.to, names) != static_cast<std::int64_t>(was);
      });
      if (doubted == 0) return renames;
    }
  }

 private:
  using Names = std::map<std::string, std::string, std::less<>>;

  static std::string idOf(const Value& node) { return std::string(textMember(node, "id")); }

  static bool same(const Value& a, const Value& b) {
    return textMember(a, "typeId") == textMember(b, "typeId") && textMember(a, "version") == textMember(b, "version") &&
           settingsOf(a) == settingsOf(b);
  }

  static bool equalButForId(Value a, Value b) {
    a.remove("id");
    b.remove("id");
    return a == b;
  }

  [[nodiscard]] bool allEqual(const NodeRename& rename) const {
    const auto byId = [](const std::vector<const Value*>& nodes, const std::string& id) {
      return *std::ranges::find_if(nodes, [&](const Value* node) { return idOf(*node) == id; });
    };
    return equalButForId(*byId(gone_, rename.from), *byId(come_, rename.to));
  }

  std::int64_t equalConnections(const std::string& from, const std::string& to, const Names& names) {
    auto is = new_[to];
    std::int64_t equal = 0;
    for (auto connection : old_[from]) {
      const auto dot = connection.second.rfind('.');
      const auto renamed = names.find(connection.second.substr(0, dot));
      if (renamed != names.end()) connection.second.replace(0, dot, renamed->second);
      const auto found = is.find(connection);
      if (found == is.end()) continue;
      is.erase(found);
      ++equal;
    }
    return equal;
  }

  bool enough(const Value& a, const Value& b, std::int64_t equal) {
    if (equal > 0 || settingsOf(a).count() > 0) return true;
    return old_[idOf(a)].empty() && new_[idOf(b)].empty() && equalButForId(a, b);
  }

  std::vector<const Value*> gone_, come_;
  ByNode old_, new_;
};

void renameMember(Value& value, std::string_view key, std::string_view from, const std::string& to) {
  if (textMember(value, key) == from) value.set(std::string(key), to);
}

template <class Change>
void each(Value* list, Change change) {
  if (list == nullptr || !list->isArray()) return;
  for (auto& element : *list->asArray()) change(element);
}

}  // namespace

std::vector<NodeRename> findRenames(const Value& before, const Value& after, RenameEvidence evidence) {
  Finder finder(before, after);
  return evidence == RenameEvidence::certain ? finder.certain() : finder.alike();
}

void renameNode(Value& root, std::string_view from, const std::string& to) {
  each(root.find("nodes"), [&](Value& node) { renameMember(node, "id", from, to); });
  each(root.find("edges"), [&](Value& edge) {
    for (const char* end : {"source", "target"}) {
      if (auto* value = edge.find(end)) renameMember(*value, "node", from, to);
    }
  });
  for (const char* way : {"/ports/inputs", "/ports/outputs", "/widgets"})
    each(root.findPointer(way), [&](Value& value) { renameMember(value, "node", from, to); });
  renameMetrics(root, MeasuredThing::node, from, to);
  auto* places = root.findPointer("/layout/nodes");
  if (places == nullptr || !places->isObject()) return;
  for (auto& member : *places->asObject()) {
    if (member.key == from) member.key = to;
  }
}

void renameMetrics(Value& root, MeasuredThing thing, std::string_view from, std::string_view to) {
  for (const char* pointer : {"/alerts", "/config/alerts"}) {
    each(root.findPointer(pointer), [&](Value& alert) {
      const std::string metric(textMember(alert, "metric"));
      const auto watched = parseAlertMetric(metric);
      if (watched && watched->measure.of == thing && watched->subject == from)
        alert.set("metric", std::string(to) + "." + std::string(watched->measure.name));
    });
  }
}

bool hasNode(const Value& root, std::string_view id) { return elementNamed(root.find("nodes"), "id", id) != nullptr; }

}  // namespace weir::flow
