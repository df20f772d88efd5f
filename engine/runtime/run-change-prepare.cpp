// A new version of a running flow: what is different, what cannot be, and its new nodes and edges, made beside the run.
#include <algorithm>
#include <utility>

#include "engine/data/value-json.h"
#include "engine/json/writer.h"
#include "engine/runtime/change-steps.h"
#include "engine/runtime/run-impl.h"

namespace weir {

using flow::EdgeChange;
using flow::NodeChange;
using runtime::Link;
using runtime::NodeParts;
using runtime::NodeState;
using runtime::NodeSwap;
using runtime::PreparedChange;
using runtime::StageMarks;
using runtime::WiredPlan;

namespace {

constexpr std::string_view kAsItWas = "the run goes on as it was: ";

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

std::unexpected<Error> refused(std::string_view code, const std::string& why) {
  return fail(code, std::string(kAsItWas) + why);
}

/// It writes with all its rows, and what it has written is its own until it ends.
bool writesAsOne(const NodeState& node) {
  const auto& type = *node.plan->type;
  if (node.plan->inputs.empty() || node.plan->bypass) return false;
  if (type.cardinality != Cardinality::sink && type.touches != Touches::writes) return false;
  return std::ranges::any_of(node.node->stages, [](const Stage& stage) {
    return stage.parallelism != Stage::Parallelism::parallel && !stage.caller;
  });
}

std::string_view textOf(const json::Value& settings, std::string_view name) {
  const auto* value = settings.find(name);
  const auto* text = value != nullptr ? value->asString() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

/// The path that both write and that the second would begin anew; empty if there is none.
std::string_view samePath(const PlannedNode& before, const PlannedNode& after, bool appends) {
  if (before.type->effects != Effects::rename || after.type->effects != Effects::rename) return {};
  if (appends && textOf(after.settings, "ifExists") == "append") return {};
  for (const auto& spec : before.type->settings) {
    if (spec.type != SettingType::path) continue;
    const auto path = textOf(before.settings, spec.name);
    for (const auto& other : after.type->settings) {
      if (other.type == SettingType::path && !path.empty() && path == textOf(after.settings, other.name)) return path;
    }
  }
  return {};
}

void addStage(std::vector<StageMarks*>& into, StageMarks* stage) {
  if (std::ranges::find(into, stage) == into.end()) into.push_back(stage);
}

enum class Which : std::uint8_t { first, last, all };

void addStages(std::vector<StageMarks*>& into, const NodeState& node, Which which) {
  for (const auto* unit : node.units) {
    if (which == Which::all || (which == Which::first && unit->stage == 0) || (which == Which::last && unit->lastStage))
      addStage(into, unit->marks);
  }
}

bool hasEdgeInto(const Plan& plan, std::size_t node, Port port) {
  return std::ranges::any_of(
      plan.edges, [&](const PlannedEdge& edge) { return at(edge.target) == node && edge.targetPort == port; });
}

}  // namespace

Result<void> Run::Impl::refuseChange(const Plan& next, const flow::PlanDiff& diff) const {
  const auto& before = current();
  if (next.flowId != before.flowId) {
    return refused("change.other_flow", "it is the flow '" + before.flowId + "', and the new version is of '" +
                                            next.flowId + "'; start that one by itself");
  }
  return refuseJournalled(next, diff);
}

/// A node that is kept, but whose input was not wired before, has seen that input's end.
void Run::Impl::rebuildNewlyWired(const Plan& next, flow::PlanDiff& diff) const {
  for (const auto& edge : next.edges) {
    auto& step = diff.nodes[at(edge.target)];
    if (step.change != NodeChange::kept) continue;
    if (!hasEdgeInto(current(), at(step.before), edge.targetPort)) step.change = NodeChange::rebuilt;
  }
}

std::int32_t Run::Impl::indexFor(std::string_view id, std::int32_t& unused) const {
  const auto known = std::ranges::find(origins.nodes, id);
  if (known == origins.nodes.end()) return unused++;
  return static_cast<std::int32_t>(known - origins.nodes.begin());
}

Result<NodeSwap> Run::Impl::prepareNode(const PreparedChange& change, std::size_t index, std::int32_t& unused) {
  const auto& step = change.diff.nodes[index];
  const WiredPlan wired{*change.plan, change.links};
  NodeSwap swap;
  swap.at = index;
  swap.change = step.change;
  if (step.before >= 0) swap.before = nodes_[at(step.before)].get();
  auto made = makeNode(wired, index);
  if (!made) return refused(made.error().code, made.error().message);
  swap.parts = std::move(*made);
  swap.parts.state->index = indexFor(change.plan->nodes[index].id, unused);
  const auto* old = swap.before;
  const bool sameStages = old != nullptr && old->node->stages.size() == swap.parts.state->node->stages.size();
  swap.ends = old != nullptr && (step.change == NodeChange::replaced || !sameStages || writesAsOne(*old));
  if (swap.ends) {
    if (const auto path = samePath(*old->plan, change.plan->nodes[index], options.state == nullptr); !path.empty()) {
      return refused("change.same_file", "node '" + old->plan->id + "' writes '" + std::string(path) +
                                             "', and its new version would begin that file anew. Give it another path"
                                             ", or stop the run first");
    }
  }
  std::vector<Link*> inner;
  for (const auto* unit : swap.ends || old == nullptr ? std::vector<runtime::Unit*>() : old->units) {
    if (static_cast<std::size_t>(unit->stage) == inner.size() && !unit->lastStage) inner.push_back(unit->outputs[0][0]);
  }
  WEIR_TRY(makeUnits(swap.parts, wired, inner));
  if (old != nullptr && old->units.size() != swap.parts.units.size()) swap.ends = true;
  for (const auto& unit : swap.parts.units) unit->pause = runtime::Pause::held;
  return swap;
}

void Run::Impl::collectRests(PreparedChange& change) const {
  auto& rests = change.rests;
  for (const auto& swap : change.nodes) {
    if (swap.before != nullptr) addStages(rests, *swap.before, swap.ends ? Which::first : Which::all);
  }
  const auto kept = [&](std::int32_t node) -> const NodeState* {
    const auto& step = change.diff.nodes[at(node)];
    return step.change == NodeChange::kept ? nodes_[at(step.before)].get() : nullptr;
  };
  const auto producers = [&](const NodeState& node, const PlannedEdge& edge) {
    addStages(rests, node, edge.sourcePort + 1U == node.plan->outputs.size() ? Which::all : Which::last);
  };
  for (std::size_t i = 0; i < change.edges.size(); ++i) {
    if (change.edges[i].change == EdgeChange::kept) continue;
    const auto& edge = change.plan->edges[i];
    if (const auto* from = kept(edge.source)) producers(*from, edge);
    const bool adjusted = change.edges[i].change == EdgeChange::adjusted;
    if (const auto* to = adjusted ? kept(edge.target) : nullptr) addStages(rests, *to, Which::first);
  }
  for (const auto gone : change.diff.removedEdges) {
    const auto& edge = current().edges[at(gone)];
    const bool stays = std::ranges::none_of(change.diff.removedNodes, [&](auto node) { return node == edge.source; });
    const auto swapped = [&](const NodeSwap& swap) { return swap.before == nodes_[at(edge.source)].get(); };
    if (stays && std::ranges::none_of(change.nodes, swapped)) producers(*nodes_[at(edge.source)], edge);
  }
}

Result<PreparedChange> Run::Impl::prepareChange(Plan next, const ChangeOptions& chosen) {
  PreparedChange change;
  change.waitMs = chosen.waitMs;
  change.keepState = chosen.keepState;
  change.diff = flow::diffPlans(current(), next);
  WEIR_TRY(refuseChange(next, change.diff));
  rebuildNewlyWired(next, change.diff);
  change.plan = std::make_unique<const Plan>(std::move(next));
  for (std::size_t i = 0; i < change.plan->edges.size(); ++i) {
    const auto& step = change.diff.edges[i];
    runtime::EdgeSwap swap;
    swap.change = step.change;
    if (step.change != EdgeChange::kept) {
      auto made = makeLink(*change.plan, change.plan->edges[i]);
      if (!made) return refused(made.error().code, "edge '" + change.plan->edges[i].id + "': " + made.error().message);
      swap.made = std::move(*made);
    }
    swap.link = step.change == EdgeChange::added ? swap.made.get() : edgeLinks_[at(step.before)];
    change.links.push_back(swap.link);
    change.edges.push_back(std::move(swap));
  }
  WEIR_ASSIGN(change.alerts, prepareAlerts(WiredPlan{*change.plan, change.links}));
  auto unused = static_cast<std::int32_t>(origins.nodes.size());
  for (std::size_t i = 0; i < change.plan->nodes.size(); ++i) {
    const auto& step = change.diff.nodes[i];
    if (step.change == NodeChange::kept) continue;
    WEIR_ASSIGN(auto swap, prepareNode(change, i, unused));
    change.nodes.push_back(std::move(swap));
  }
  WEIR_TRY(refuseJournal(change));
  collectRests(change);
  return change;
}

Result<std::int64_t> Run::Impl::change(Plan next, const ChangeOptions& chosen) {
  const Locked own(changeLock_);
  {
    const Locked locked(lock_);
    if (over() || draining_)
      return weir::fail("change.run_over", "the run is ending, and takes no new version any more");
    if (changer_ != nullptr && changer_->busy()) {
      const auto finishing = changer_->finishing();
      return refused("change.busy", finishing.empty()
                                        ? std::string("another change is under way; try again when it is through")
                                        : "nodes that the last change has ended are still finishing (" + finishing +
                                              "); try again when they have");
    }
  }
  WEIR_ASSIGN(auto change, prepareChange(std::move(next), chosen));
  change.number = ++changes_;
  auto steps = runtime::changeSteps(change, current());
  {
    const Locked locked(lock_);
    if (changer_ == nullptr) {
      runtime::CheckpointOptions states;
      states.mostStateBytes = std::min(states.mostStateBytes, options.memoryLimitBytes / 4);
      changer_ = std::make_unique<runtime::Changer>(*this, *clock, std::move(states));
    }
    if (change.diff.empty() && change.plan->alerts == current().alerts) {
      takeOverAlike(change);
      changer_->nothingToDo(changes_);
      return changes_;
    }
    changer_->begin(std::move(change), std::move(steps), *this);
  }
  pool.notify();
  return changes_;
}

ChangeView Run::Impl::lastChange() const {
  const Locked locked(lock_);
  return changer_ != nullptr ? changer_->view() : ChangeView{};
}

}  // namespace weir
