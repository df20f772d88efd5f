// From the sources along the edges.
#include "engine/runtime/made-again.h"

#include <cstddef>

namespace weir::runtime {

MadeAgain madeAgain(const Plan& plan, const std::vector<bool>& forgets) {
  MadeAgain out;
  out.nodes.resize(plan.nodes.size());
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) out.nodes[i] = !forgets[i];
  // A plan has no cycles, but its nodes are in any order.
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& edge : plan.edges) {
      const auto target = static_cast<std::size_t>(edge.target);
      if (edge.durable || out.nodes[static_cast<std::size_t>(edge.source)] || !out.nodes[target]) continue;
      out.nodes[target] = false;
      changed = true;
    }
  }
  for (const auto& edge : plan.edges)
    out.journal.push_back(edge.durable && !out.nodes[static_cast<std::size_t>(edge.source)]);
  return out;
}

}  // namespace weir::runtime
