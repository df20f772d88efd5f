// Validation: the analysis' problems and facts.
#include "engine/flow/validate.h"

#include <numeric>
#include <utility>

#include "engine/flow/analysis.h"

namespace weir::flow {
namespace {

std::vector<std::vector<std::string>> branchesOf(const Analysis& flow) {
  std::vector<std::size_t> leader(flow.nodes.size());
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  const auto find = [&](std::size_t at) {
    while (leader[at] != at) at = leader[at] = leader[leader[at]];
    return at;
  };
  for (const auto& edge : flow.edges) {
    const auto a = find(static_cast<std::size_t>(edge.source)), b = find(static_cast<std::size_t>(edge.target));
    leader[std::max(a, b)] = std::min(a, b);
  }
  std::vector<std::vector<std::string>> byLeader(flow.nodes.size()), branches;
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) byLeader[find(i)].push_back(flow.nodes[i].node.id);
  for (auto& branch : byLeader) {
    if (!branch.empty()) branches.push_back(std::move(branch));
  }
  return branches;
}

}  // namespace

Validation validate(const FlowDocument& document, const Catalogue& catalogue, const ValidateOptions& options) {
  auto flow = analyse(document, catalogue, options);
  Validation result;
  result.branches = branchesOf(flow);
  result.problems = std::move(flow.problems);
  result.deterministic = flow.whyNotDeterministic.empty();
  result.whyNotDeterministic = std::move(flow.whyNotDeterministic);
  return result;
}

}  // namespace weir::flow
