// PlanDiff: what a new version of a flow changes of the plan that is running.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/flow/plan.h"

namespace weir::flow {

enum class NodeChange : std::uint8_t {
  kept,      // goes on untouched
  rebuilt,   // the same type and version with other settings, limits or fields: made anew with the state it had
  replaced,  // another type or version under the same id: made anew without state; its queues stay
  added
};

enum class EdgeChange : std::uint8_t {
  kept,
  adjusted,  // the same ends, other bounds, rules or expressions: its rows stay
  added
};

/// Nodes and edges are told apart by id; positions, names and notes never count.
struct PlanDiff {
  struct NodeStep {
    NodeChange change = NodeChange::added;
    std::int32_t before = -1;  // index in the old plan
  };
  struct EdgeStep {
    EdgeChange change = EdgeChange::added;
    std::int32_t before = -1;
  };
  std::vector<NodeStep> nodes;             // as in the new plan
  std::vector<EdgeStep> edges;             // as in the new plan
  std::vector<std::int32_t> removedNodes;  // indices in the old plan
  std::vector<std::int32_t> removedEdges;

  /// Nothing of the run would change.
  [[nodiscard]] bool empty() const;
};

/// An edge keeps its rows if it joins the same ports of the same nodes and is as durable as before. A node whose
/// outputs are asked for more fields than before is rebuilt.
[[nodiscard]] PlanDiff diffPlans(const Plan& before, const Plan& after);

/// "3 nodes kept, 1 rebuilt ('paid'), 1 added ('log')…", for people.
[[nodiscard]] std::string describe(const PlanDiff& diff, const Plan& before, const Plan& after);

}  // namespace weir::flow
