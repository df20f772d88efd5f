// Compares two plans node by node and edge by edge.
#include "engine/flow/plan-diff.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/data/value-json.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using Places = std::map<std::string_view, std::int32_t, std::less<>>;

template <class T>
Places placesOf(const std::vector<T>& list) {
  Places places;
  for (std::size_t i = 0; i < list.size(); ++i) places.emplace(list[i].id, static_cast<std::int32_t>(i));
  return places;
}

std::int32_t placeIn(const Places& places, std::string_view id) {
  const auto found = places.find(id);
  return found == places.end() ? -1 : found->second;
}

std::size_t index(std::int32_t at) { return static_cast<std::size_t>(at); }

bool samePorts(const std::vector<PortSpec>& a, const std::vector<PortSpec>& b) {
  return std::ranges::equal(a, b, {}, &PortSpec::name, &PortSpec::name);
}

bool sameRetry(const PlannedRetry& a, const PlannedRetry& b) {
  return std::tie(a.attempts, a.delayMs, a.maxDelayMs, a.jitter) ==
         std::tie(b.attempts, b.delayMs, b.maxDelayMs, b.jitter);
}

bool sameBreaker(const std::optional<PlannedBreaker>& a, const std::optional<PlannedBreaker>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return std::tie(a->failures, a->windowMs, a->openMs, a->probes) ==
         std::tie(b->failures, b->windowMs, b->openMs, b->probes);
}

/// What the old node gives is enough for those who read it now.
bool givesEnough(const PlannedNode& before, const PlannedNode& after) {
  for (std::size_t out = 0; out < after.needed.size(); ++out) {
    if (out >= before.needed.size()) return false;
    const auto& had = before.needed[out];
    const auto& wants = after.needed[out];
    if (had.all) continue;
    if (wants.all || !std::ranges::all_of(wants.names, [&](const auto& name) { return had.contains(name); }))
      return false;
  }
  return true;
}

class Comparison {
 public:
  Comparison(const Plan& before, const Plan& after)
      : before_(before),
        after_(after),
        oldNodes_(placesOf(before.nodes)),
        oldEdges_(placesOf(before.edges)),
        sameParams_(toJson(before.params) == toJson(after.params)) {}

  [[nodiscard]] PlanDiff run() const {
    PlanDiff diff;
    for (const auto& node : after_.nodes) diff.nodes.push_back(stepOf(node));
    for (const auto& edge : after_.edges) diff.edges.push_back(stepOf(edge));
    const auto newNodes = placesOf(after_.nodes);
    for (std::size_t i = 0; i < before_.nodes.size(); ++i) {
      if (!newNodes.contains(before_.nodes[i].id)) diff.removedNodes.push_back(static_cast<std::int32_t>(i));
    }
    std::vector<bool> stays(before_.edges.size());
    for (const auto& step : diff.edges) {
      if (step.before >= 0) stays[index(step.before)] = true;
    }
    for (std::size_t i = 0; i < stays.size(); ++i) {
      if (!stays[i]) diff.removedEdges.push_back(static_cast<std::int32_t>(i));
    }
    return diff;
  }

 private:
  [[nodiscard]] PlanDiff::NodeStep stepOf(const PlannedNode& node) const {
    const auto at = placeIn(oldNodes_, node.id);
    if (at < 0) return {NodeChange::added, -1};
    const auto& old = before_.nodes[index(at)];
    if (old.type->id != node.type->id || old.type->version != node.type->version || old.bypass != node.bypass)
      return {NodeChange::replaced, at};
    const bool same = json::write(old.settings) == json::write(node.settings) && samePorts(old.inputs, node.inputs) &&
                      samePorts(old.outputs, node.outputs) && sameRetry(old.retry, node.retry) &&
                      sameBreaker(old.breaker, node.breaker) && old.timeoutMs == node.timeoutMs &&
                      sameFilters(old, node) && givesEnough(old, node) && sameParams_;
    return {same ? NodeChange::kept : NodeChange::rebuilt, at};
  }

  /// A source that matches for the node behind it holds that node's settings.
  [[nodiscard]] bool sameFilters(const PlannedNode& old, const PlannedNode& node) const {
    if (old.acceptedFilter.size() != node.acceptedFilter.size()) return false;
    for (std::size_t i = 0; i < node.acceptedFilter.size(); ++i) {
      const auto had = old.acceptedFilter[i];
      const auto has = node.acceptedFilter[i];
      if ((had < 0) != (has < 0)) return false;
      if (has < 0) continue;
      const auto& then = before_.nodes[index(had)];
      const auto& now = after_.nodes[index(has)];
      if (then.id != now.id || then.type->version != now.type->version ||
          json::write(then.settings) != json::write(now.settings))
        return false;
    }
    return true;
  }

  [[nodiscard]] PlanDiff::EdgeStep stepOf(const PlannedEdge& edge) const {
    const auto at = placeIn(oldEdges_, edge.id);
    if (at < 0 || !sameEnds(before_.edges[index(at)], edge)) return {EdgeChange::added, -1};
    return {sameRules(before_.edges[index(at)], edge) ? EdgeChange::kept : EdgeChange::adjusted, at};
  }

  [[nodiscard]] bool sameEnds(const PlannedEdge& old, const PlannedEdge& edge) const {
    const auto& oldSource = before_.nodes[index(old.source)];
    const auto& oldTarget = before_.nodes[index(old.target)];
    const auto& source = after_.nodes[index(edge.source)];
    const auto& target = after_.nodes[index(edge.target)];
    return oldSource.id == source.id && oldTarget.id == target.id && old.durable == edge.durable &&
           oldSource.outputs[old.sourcePort].name == source.outputs[edge.sourcePort].name &&
           oldTarget.inputs[old.targetPort].name == target.inputs[edge.targetPort].name;
  }

  [[nodiscard]] bool sameRules(const PlannedEdge& a, const PlannedEdge& b) const {
    const auto rules = [](const PlannedEdge& edge) {
      return std::tie(edge.bufferRows, edge.bufferBytes, edge.batchMaxRows, edge.batchMaxWaitMs, edge.threshold,
                      edge.dropThreshold, edge.adaptive, edge.ageMs, edge.order, edge.whenFull, edge.whenFullMaxWaitMs,
                      edge.filter, edge.transform, edge.spill);
    };
    return rules(a) == rules(b) && (sameParams_ || (a.filter.empty() && a.transform.empty()));
  }

  const Plan& before_;
  const Plan& after_;
  Places oldNodes_, oldEdges_;
  bool sameParams_;
};

void count(std::string& text, std::string_view what, const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  if (!text.empty()) text += ", ";
  text += std::to_string(ids.size()) + " " + std::string(what) + " (";
  constexpr std::size_t kMost = 5;
  for (std::size_t i = 0; i < std::min(ids.size(), kMost); ++i) text += (i > 0 ? ", '" : "'") + ids[i] + "'";
  text += ids.size() > kMost ? ", …)" : ")";
}

}  // namespace

bool PlanDiff::empty() const {
  return removedNodes.empty() && removedEdges.empty() &&
         std::ranges::all_of(nodes, [](const NodeStep& step) { return step.change == NodeChange::kept; }) &&
         std::ranges::all_of(edges, [](const EdgeStep& step) { return step.change == EdgeChange::kept; });
}

PlanDiff diffPlans(const Plan& before, const Plan& after) { return Comparison(before, after).run(); }

std::string describe(const PlanDiff& diff, const Plan& before, const Plan& after) {
  if (diff.empty()) return "nothing changes";
  std::string text;
  const auto nodes = [&](NodeChange change) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < diff.nodes.size(); ++i) {
      if (diff.nodes[i].change == change) ids.push_back(after.nodes[i].id);
    }
    return ids;
  };
  const auto edges = [&](EdgeChange change) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < diff.edges.size(); ++i) {
      if (diff.edges[i].change == change) ids.push_back(after.edges[i].id);
    }
    return ids;
  };
  std::vector<std::string> goneNodes, goneEdges;
  for (const auto at : diff.removedNodes) goneNodes.push_back(before.nodes[index(at)].id);
  for (const auto at : diff.removedEdges) goneEdges.push_back(before.edges[index(at)].id);
  count(text, "nodes changed", nodes(NodeChange::rebuilt));
  count(text, "nodes replaced", nodes(NodeChange::replaced));
  count(text, "nodes added", nodes(NodeChange::added));
  count(text, "nodes removed", goneNodes);
  count(text, "edges changed", edges(EdgeChange::adjusted));
  count(text, "edges added", edges(EdgeChange::added));
  count(text, "edges removed", goneEdges);
  return text;
}

}  // namespace weir::flow
