// Sentences for people who change a running flow.
#include "engine/runtime/change-steps.h"

#include <tuple>

namespace weir::runtime {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

std::string sentence(const NodeSwap& swap, const PlannedNode& node) {
  const auto name = "node '" + node.id + "'";
  switch (swap.change) {
    case flow::NodeChange::kept:
      return {};
    case flow::NodeChange::added:
      return name + " (" + node.type->id + ") is added";
    case flow::NodeChange::replaced:
      return name + " is now " + node.type->id + " " + node.type->version +
             ": the one before it finishes, and the rows that wait go to the new one";
    case flow::NodeChange::rebuilt:
      break;
  }
  if (swap.ends) return name + " is changed: what it has written so far is finished, and the rest goes on anew";
  return name + " is changed and goes on with the state it had";
}

std::string ends(const Plan& plan, const PlannedEdge& edge) {
  return " ('" + plan.nodes[at(edge.source)].id + "' to '" + plan.nodes[at(edge.target)].id + "')";
}

std::string_view rowsOf(const PlannedEdge& edge) {
  switch (edge.onRemove) {
    case OnRemove::drain:
      return "its rows still go to where it led";
    case OnRemove::deadLetter:
      return "its rows go to the dead letters";
    case OnRemove::discard:
      return "its rows are discarded";
  }
  return {};
}

void sayWhatWaits(std::vector<std::string>& steps, const Plan& before, const Plan& after) {
  const auto limits = [](const Plan& plan) {
    return std::tie(plan.limits.memoryBytes, plan.limits.diskBytes, plan.limits.maxRunMs, plan.limits.threads);
  };
  const auto storage = [](const Plan& plan) {
    return std::tie(plan.stateStorage, plan.checkpointEveryMs, plan.checkpointRows);
  };
  if (limits(before) != limits(after)) steps.emplace_back("config.limits takes effect at the next start");
  if (storage(before) != storage(after))
    steps.emplace_back("config.stateStorage and config.checkpoint take effect at the next start");
}

}  // namespace

std::vector<std::string> changeSteps(const PreparedChange& change, const Plan& before) {
  const auto& after = *change.plan;
  std::vector<std::string> steps;
  for (const auto& swap : change.nodes) steps.push_back(sentence(swap, after.nodes[swap.at]));
  for (const auto gone : change.diff.removedNodes) {
    const auto& node = before.nodes[at(gone)];
    steps.push_back("node '" + node.id + "' (" + node.type->id + ") is removed, and finishes what it has");
  }
  for (std::size_t i = 0; i < change.edges.size(); ++i) {
    const auto name = "edge '" + after.edges[i].id + "'";
    if (change.edges[i].change == flow::EdgeChange::added)
      steps.push_back(name + ends(after, after.edges[i]) + " is added");
    if (change.edges[i].change == flow::EdgeChange::adjusted)
      steps.push_back(name + " has other rules, and keeps its rows");
  }
  for (const auto gone : change.diff.removedEdges) {
    const auto& edge = before.edges[at(gone)];
    steps.push_back("edge '" + edge.id + "'" + ends(before, edge) + " is removed: " + std::string(rowsOf(edge)));
  }
  sayWhatWaits(steps, before, after);
  return steps;
}

}  // namespace weir::runtime
