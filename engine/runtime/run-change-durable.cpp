// What a change may not touch as long as a journal keeps rows: it was laid out when the run began.
#include <algorithm>

#include "engine/runtime/made-again.h"
#include "engine/runtime/run-impl.h"

namespace weir {

using flow::EdgeChange;
using flow::NodeChange;

namespace {

constexpr std::string_view kThen = ". Stop the run, and start the new version by itself";

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

std::unexpected<Error> refused(const std::string& why) {
  return fail("change.durable", "the run goes on as it was: " + why + std::string(kThen));
}

}  // namespace

/// Before anything is made.
Result<void> Run::Impl::refuseJournalled(const Plan& next, const flow::PlanDiff& diff) const {
  if (durable == nullptr) return {};
  const auto& before = current();
  for (std::size_t i = 0; i < before.nodes.size(); ++i) {
    if (i < next.nodes.size() && next.nodes[i].id == before.nodes[i].id) continue;
    return refused(
        "rows in the journal of its durable edges say by number which node they come from, so nodes may be "
        "changed, and added at the end of the list, but '" +
        before.nodes[i].id + "' is gone from its place");
  }
  std::vector<bool> told(next.nodes.size());  // sources that are told by the journal
  for (std::size_t i = 0; i < before.edges.size(); ++i) {
    if (edgeLinks_[i]->durable != nullptr && before.nodes[at(before.edges[i].source)].inputs.empty())
      told[at(before.edges[i].source)] = true;
  }
  const auto owes = [&](std::int32_t node, const std::string& what) {
    return refused(what + ", and source '" + before.nodes[at(node)].id +
                   "' waits for the journal before it says that its rows are safe");
  };
  for (std::size_t i = 0; i < before.nodes.size(); ++i) {
    if (told[i] && diff.nodes[i].change != NodeChange::kept)
      return owes(static_cast<std::int32_t>(i), "'" + before.nodes[i].id + "' is changed");
  }
  for (const auto gone : diff.removedEdges) {
    const auto& edge = before.edges[at(gone)];
    if (edgeLinks_[at(gone)]->durable != nullptr)
      return refused("edge '" + edge.id + "' is removed, and its rows are in the journal");
    if (told[at(edge.source)]) return owes(edge.source, "edge '" + edge.id + "' is removed");
  }
  for (std::size_t i = 0; i < next.edges.size(); ++i) {
    const auto& edge = next.edges[i];
    if (diff.edges[i].change == EdgeChange::added && told[at(edge.source)])
      return owes(edge.source, "edge '" + edge.id + "' is added");
  }
  return {};
}

/// Once it is known what the new sources can do. Which edges are journalled follows from that for the whole flow.
Result<void> Run::Impl::refuseJournal(const runtime::PreparedChange& change) const {
  const auto& next = *change.plan;
  const auto first = std::ranges::find_if(next.edges, &PlannedEdge::durable);
  if (first == next.edges.end()) return {};
  const auto needs = [](const PlannedEdge& edge) {
    return refused("edge '" + edge.id + "' (guarantee durable) needs a journal that this run was not given for it");
  };
  if (options.journal == nullptr || options.state == nullptr) return needs(*first);
  std::vector<bool> forgets(next.nodes.size());
  for (std::size_t i = 0; i < next.nodes.size(); ++i) {
    const auto& step = change.diff.nodes[i];
    if (step.change == NodeChange::kept) forgets[i] = nodes_[at(step.before)]->forgets;
  }
  for (const auto& swap : change.nodes) forgets[swap.at] = swap.parts.state->forgets;
  const auto journal = runtime::madeAgain(next, forgets).journal;
  for (std::size_t i = 0; i < next.edges.size(); ++i) {
    const auto& edge = next.edges[i];
    const bool had = change.edges[i].change != EdgeChange::added && change.links[i]->durable != nullptr;
    if (journal[i] == had) continue;
    if (had) return refused("what goes along edge '" + edge.id + "' would not need the journal any more");
    return needs(edge);
  }
  return {};
}

}  // namespace weir
