// Finds renamed nodes by what they do and by their edges.
#include "engine/flow/node-renames.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/data/hash.h"
#include "engine/flow/named-elements.h"

namespace weir::flow {
namespace {

using json::Value;

/// An edge as one of its nodes sees it.
using Connection = std::pair<std::string, std::string>;  // "out rows", "paid.rows"
/// How many of each.
using Connections = std::map<Connection, std::int64_t>;

using ByNode = std::map<std::string, Connections, std::less<>>;
using Names = std::map<std::string, std::string, std::less<>>;

/// Of several nodes that could be the one that took a place, so many are looked at: each of them is alike.
constexpr std::size_t kCandidates = 32;
/// Of edges, until it is known which renames are certain; who needs more has none that are.
constexpr std::int64_t kMostLooks = 5'000'000;

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
    ++found[source.first][{"out " + source.second, target.first + "." + target.second}];
    ++found[target.first][{"in " + target.second, source.first + "." + source.second}];
  }
  return found;
}

const Value& settingsOf(const Value& node) {
  static const Value none = Value::object();
  const auto* found = node.find("settings");
  return found == nullptr ? none : *found;
}

/// Equal for equal values, whatever the order of members and however numbers are written.
std::uint64_t hashOf(const Value& value) {
  double number = 0;
  if (value.toDouble(number)) return hash::ofDouble(number);
  if (const auto* text = value.asString()) return hash::ofBytes(*text);
  auto found = static_cast<std::uint64_t>(value.kind()) + 3;
  if (const auto* truth = value.asBool()) found += *truth ? 100 : 200;
  if (const auto* list = value.asArray()) {
    for (const auto& element : *list) found = hash::combine(found, hashOf(element));
  }
  if (const auto* members = value.asObject()) {
    for (const auto& member : *members) found += hash::combine(hash::ofBytes(member.key), hashOf(member.value));
  }
  return hash::ofUint64(found);
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
    std::map<std::uint64_t, std::vector<const Value*>> candidates;
    for (const auto* node : come_) candidates[kindOf(*node)].push_back(node);
    // The first are taken first.
    for (auto& [kind, nodes] : candidates) std::ranges::reverse(nodes);
    std::vector<NodeRename> renames;
    for (const auto* node : gone_) {
      const auto kind = candidates.find(kindOf(*node));
      if (kind == candidates.end()) continue;
      if (const auto* best = bestOf(*node, kind->second)) renames.push_back({idOf(*node), idOf(*best)});
    }
    return renames;
  }

  /// Those that have all the edges they had, if the renames that are left are taken for granted.
  std::vector<NodeRename> certain() {
    auto renames = alike();
    Names names;
    for (const auto& rename : renames) names.emplace(rename.from, rename.to);
    const auto nodes = byId(gone_), others = byId(come_);
    std::vector<std::string> open;
    for (const auto& rename : renames) open.push_back(rename.from);
    std::int64_t looks = 0;
    while (!open.empty()) {
      if (looks > kMostLooks) return {};
      const auto from = std::move(open.back());
      open.pop_back();
      const auto named = names.find(from);
      looks += 1 + static_cast<std::int64_t>(old_[from].size());
      if (named == names.end() || isCertain(from, named->second, names, nodes, others)) continue;
      names.erase(named);
      // Its neighbours were taken for renamed because it was.
      for (const auto& [connection, count] : old_[from]) {
        auto other = connection.second.substr(0, connection.second.rfind('.'));
        if (names.contains(other)) open.push_back(std::move(other));
      }
    }
    std::erase_if(renames, [&](const NodeRename& rename) { return !names.contains(rename.from); });
    return renames;
  }

 private:
  using ById = std::map<std::string_view, const Value*>;

  static std::string idOf(const Value& node) { return std::string(textMember(node, "id")); }

  static ById byId(const std::vector<const Value*>& nodes) {
    ById found;
    for (const auto* node : nodes) found.emplace(textMember(*node, "id"), node);
    return found;
  }

  static std::uint64_t kindOf(const Value& node) {
    const auto type =
        hash::combine(hash::ofBytes(textMember(node, "typeId")), hash::ofBytes(textMember(node, "version")));
    return hash::combine(type, hashOf(settingsOf(node)));
  }

  static bool same(const Value& a, const Value& b) {
    return textMember(a, "typeId") == textMember(b, "typeId") && textMember(a, "version") == textMember(b, "version") &&
           settingsOf(a) == settingsOf(b);
  }

  static bool equalButForId(Value a, Value b) {
    a.remove("id");
    b.remove("id");
    return a == b;
  }

  /// Taken out of `left`, whose first stands at its end; null: there is none.
  const Value* bestOf(const Value& node, std::vector<const Value*>& left) {
    std::size_t best = left.size();
    std::int64_t most = -1;
    for (std::size_t i = 0; i < std::min(left.size(), kCandidates); ++i) {
      const auto at = left.size() - 1 - i;
      if (!same(node, *left[at])) continue;
      const auto equal = equalConnections(idOf(node), idOf(*left[at]), {});
      if (!enough(node, *left[at], equal) || equal <= most) continue;
      best = at;
      most = equal;
    }
    if (best == left.size()) return nullptr;
    const auto* found = left[best];
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
    return found;
  }

  bool isCertain(const std::string& from, const std::string& to, const Names& names, const ById& nodes,
                 const ById& others) {
    const auto was = edgesOf(old_[from]), is = edgesOf(new_[to]);
    if (was == 0 && is == 0) return equalButForId(*nodes.at(from), *others.at(to));
    return was > 0 && equalConnections(from, to, names) == was;
  }

  static std::int64_t edgesOf(const Connections& connections) {
    std::int64_t edges = 0;
    for (const auto& [connection, count] : connections) edges += count;
    return edges;
  }

  std::int64_t equalConnections(const std::string& from, const std::string& to, const Names& names) {
    const auto& is = new_[to];
    Connections renamed;
    const auto& was = names.empty() ? old_[from] : renamed;
    if (!names.empty()) {
      for (const auto& [known, count] : old_[from]) {
        auto connection = known;
        const auto dot = connection.second.rfind('.');
        const auto other = names.find(connection.second.substr(0, dot));
        if (other != names.end()) connection.second.replace(0, dot, other->second);
        renamed[std::move(connection)] += count;
      }
    }
    std::int64_t equal = 0;
    for (const auto& [connection, count] : was) {
      const auto found = is.find(connection);
      if (found != is.end()) equal += std::min(count, found->second);
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

void renameMember(Value& value, std::string_view key, const Names& names) {
  const auto found = names.find(textMember(value, key));
  if (found != names.end()) value.set(std::string(key), found->second);
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

void renameNodes(Value& root, const std::vector<NodeRename>& renames) {
  if (renames.empty()) return;
  Names names;
  for (const auto& rename : renames) names.emplace(rename.from, rename.to);
  each(root.find("nodes"), [&](Value& node) { renameMember(node, "id", names); });
  each(root.find("edges"), [&](Value& edge) {
    for (const char* end : {"source", "target"}) {
      if (auto* value = edge.find(end)) renameMember(*value, "node", names);
    }
  });
  for (const char* way : {"/ports/inputs", "/ports/outputs", "/widgets"})
    each(root.findPointer(way), [&](Value& value) { renameMember(value, "node", names); });
  renameMetrics(root, MeasuredThing::node, renames);
  auto* places = root.findPointer("/layout/nodes");
  if (places == nullptr || !places->isObject()) return;
  for (auto& member : *places->asObject()) {
    if (const auto found = names.find(member.key); found != names.end()) member.key = found->second;
  }
}

void renameMetrics(Value& root, MeasuredThing thing, const std::vector<NodeRename>& renames) {
  Names names;
  for (const auto& rename : renames) names.emplace(rename.from, rename.to);
  for (const char* pointer : {"/alerts", "/config/alerts"}) {
    each(root.findPointer(pointer), [&](Value& alert) {
      const std::string metric(textMember(alert, "metric"));
      const auto watched = parseAlertMetric(metric);
      if (!watched || watched->measure.of != thing) return;
      const auto found = names.find(watched->subject);
      if (found != names.end()) alert.set("metric", found->second + "." + std::string(watched->measure.name));
    });
  }
}

}  // namespace weir::flow
