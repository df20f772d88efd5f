// The moment between two versions of a running flow: units, links and plan change hands while no step is under way.
#include <algorithm>
#include <utility>

#include "engine/data/packet.h"
#include "engine/runtime/run-impl.h"

namespace weir {

using flow::EdgeChange;
using flow::NodeChange;
using runtime::Link;
using runtime::NodeState;
using runtime::NodeSwap;
using runtime::PreparedChange;
using RunUnit = runtime::Unit;

namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

bool contains(const std::vector<Link*>& links, const Link* link) {
  return std::ranges::find(links, link) != links.end();
}

/// Of the stage of `node` that takes the node's rows.
template <class Each>
void eachFirst(const NodeState& node, Each&& call) {
  for (auto* unit : node.units) {
    if (unit->stage == 0) call(*unit);
  }
}

/// Those that put rows on an edge of the output.
template <class Each>
void eachGiver(const NodeState& node, Port port, Each&& call) {
  const bool ofErrors = port + 1U == node.plan->outputs.size();
  for (auto* unit : node.units) {
    if (ofErrors || unit->lastStage) call(*unit);
  }
}

void leaveLinks(RunUnit& unit) {
  for (auto& port : unit.inputs) {
    for (auto* link : port) std::erase(link->consumers, &unit);
  }
  const auto leave = [&](Link& link) {
    link.forgetProducer(&unit);
    if (!unit.done) link.producerDone();
  };
  for (auto& port : unit.outputs) {
    for (auto* link : port) leave(*link);
  }
  for (auto* link : unit.node->errorLinks) leave(*link);
}

}  // namespace

Result<void> Run::Impl::maySwitch(const PreparedChange& change) const {
  if (draining_) return weir::fail("change.run_over", "the run is ending, and takes no new version any more");
  for (std::size_t i = 0; i < change.edges.size(); ++i) {
    const auto& edge = change.plan->edges[i];
    const auto& step = change.diff.nodes[at(edge.target)];
    if (change.edges[i].change != EdgeChange::added || step.before < 0) continue;
    const auto& target = *nodes_[at(step.before)];
    bool ended = false;
    eachFirst(target, [&](const RunUnit& unit) {
      ended = unit.done;
      if (ended || step.change == NodeChange::replaced) return;
      const auto& port = unit.inputs[edge.targetPort];
      ended = !port.empty() && RunUnit::exhausted(port);
    });
    if (!ended) continue;
    return weir::fail("change.node_ended",
                      "the run goes on as it was: edge '" + edge.id + "' would lead to node '" + target.plan->id +
                          "', whose input has ended already. Give the node another id, and it begins "
                          "anew");
  }
  return {};
}

/// The new node has what the old one had: links, state (moved already), counters.
void Run::Impl::handOver(NodeSwap& swap, NodeState& made, runtime::LeftBehind& left) {
  auto& old = *swap.before;
  auto breaker = std::move(made.metrics.breaker);
  const auto ports = made.metrics.outPerPort.size();
  made.metrics = std::move(old.metrics);
  made.metrics.breaker = std::move(breaker);
  made.metrics.outPerPort.resize(ports);
  made.metrics.done = false;
  made.recovery = old.recovery;
  made.heldFailures = std::move(old.heldFailures);
  for (std::size_t i = 0; i < old.units.size(); ++i) {
    auto& from = *old.units[i];
    auto& to = *made.units[i];
    // Rows on edges that lead here no more are still taken.
    for (std::size_t port = 0; from.stage == 0 && port < from.inputs.size(); ++port) {
      for (auto* link : from.inputs[port]) {
        if (contains(edgeLinks_, link) || link->exhausted(0) || link->closed()) continue;
        if (port < to.inputs.size()) {
          to.inputs[port].push_back(link);
          link->consumers.push_back(&to);
        } else {
          deadLetterRows(*link, link->takeWaiting());
          link->close();
        }
      }
    }
    if (i == 0 || from.marks != old.units[i - 1]->marks) to.marks->takeOver(*from.marks, true);
    if (from.watermarks.size() == to.watermarks.size()) to.watermarks = from.watermarks;
    to.ceiling = from.ceiling;
    to.savedFor = from.savedFor;
    if (i < swap.saved.size()) to.restoreCounts(swap.saved[i]);
  }
  for (std::size_t i = 0; i < old.units.size(); ++i) {
    auto& from = *old.units[i];
    leaveLinks(from);
    left.handedOver.push_back(&from);
    if (from.done) {
      unitDone(*made.units[i]);
    } else {
      left.begin.push_back(made.units[i]);
    }
    endSilently(from);
  }
}

/// The old node sees the end of its inputs, and finishes; rows that wait are the new one's.
void Run::Impl::endNode(NodeState& old, const NodeState* made, std::int64_t number, runtime::LeftBehind& left) {
  Link* nothing = nullptr;
  for (auto* unit : old.units) {
    unit->pause = runtime::Pause::none;
    if (!unit->marks->retired()) {
      unit->marks->retire(old.plan->id + runtime::SavedStage::kRetired + std::to_string(number));
    }
    if (unit->source) unit->drain();
  }
  eachFirst(old, [&](RunUnit& unit) {
    for (auto& port : unit.inputs) {
      const auto stays = [&](const Link* link) { return contains(edgeLinks_, link); };
      if (std::ranges::none_of(port, stays)) continue;
      for (auto* link : port) {
        if (stays(link)) std::erase(link->consumers, &unit);
      }
      std::erase_if(port, stays);
      if (nothing == nullptr) {
        links_.push_back(std::make_unique<Link>(old.plan->id + "#end", runtime::LinkBounds{}));
        nothing = links_.back().get();
        nothing->inner = true;
      }
      port.push_back(nothing);
      nothing->consumers.push_back(&unit);
    }
  });
  runtime::LeftBehind::Ending ending{&old};
  if (made != nullptr) {
    if (!old.units.empty() && !made->units.empty()) {
      made->units.front()->marks->takeOver(*old.units.front()->marks, false);
    }
    // Who reads what it gave has seen the end of it.
    const bool over = old.unitsLeft == 0;
    for (auto* unit : made->units) {
      if (over) {
        unitDone(*unit);
      } else {
        ending.waiting.push_back(unit);
      }
    }
  }
  left.ending.push_back(std::move(ending));
}

Result<void> Run::Impl::rewireEdges(PreparedChange& change) {
  for (std::size_t i = 0; i < change.edges.size(); ++i) {
    auto& swap = change.edges[i];
    const auto& edge = change.plan->edges[i];
    if (swap.change == EdgeChange::adjusted) {
      const auto bounds = swap.made->bounds();
      swap.link->filter = std::move(swap.made->filter);
      swap.link->transform = std::move(swap.made->transform);
      WEIR_TRY(swap.link->adjust(bounds, rulesOf(edge, bounds), *this));
    }
    if (swap.change != EdgeChange::added) continue;
    links_.push_back(std::move(swap.made));
    const auto& from = change.diff.nodes[at(edge.source)];
    const auto& to = change.diff.nodes[at(edge.target)];
    if (from.change == NodeChange::kept) {
      auto& node = *nodes_[at(from.before)];
      const bool ofErrors = edge.sourcePort + 1U == node.plan->outputs.size();
      if (ofErrors) node.errorLinks.push_back(swap.link);
      eachGiver(node, edge.sourcePort, [&](RunUnit& unit) {
        if (!ofErrors) unit.outputs[edge.sourcePort].push_back(swap.link);
        swap.link->addProducer(&unit);
        if (unit.done) swap.link->producerDone();
      });
    }
    if (to.change == NodeChange::kept) {
      eachFirst(*nodes_[at(to.before)], [&](RunUnit& unit) {
        unit.inputs[edge.targetPort].push_back(swap.link);
        swap.link->consumers.push_back(&unit);
      });
    }
  }
  return {};
}

void Run::Impl::deadLetterRows(Link& link, std::span<const runtime::Entry> entries) {
  for (const auto& entry : entries) {
    std::vector<ErrorPacket> packets;
    for (std::int64_t row = 0; row < entry.batch.rows(); ++row) {
      const auto physical =
          entry.batch.hasSelection() ? std::int64_t{entry.batch.selection()[static_cast<std::size_t>(row)]} : row;
      ErrorPacket packet;
      packet.code = "edge.removed";
      packet.message = "the edge '" + link.id() + "' was taken out of the running flow while the row waited on it";
      packet.nodeId = link.id();
      packet.traceId = traceIdFor(runHash, entry.batch.envelope(), physical);
      packet.row = entry.batch.row(row);
      packets.push_back(std::move(packet));
    }
    link.countDeadLettered(entry.rows);
    if (!packets.empty()) deadLetter(packets);
  }
}

/// Whoever is kept and gave rows to the edge gives it none any more.
void Run::Impl::removeEdge(const PreparedChange& change, std::int32_t gone) {
  const auto& edge = current().edges[at(gone)];
  auto& link = *edgeLinks_[at(gone)];
  debugger->leave(at(gone));
  auto& from = *nodes_[at(edge.source)];
  const bool kept = std::ranges::any_of(change.diff.nodes, [&](const flow::PlanDiff::NodeStep& step) {
    return step.before == edge.source && step.change == NodeChange::kept;
  });
  if (kept) {
    const bool ofErrors = edge.sourcePort + 1U == from.plan->outputs.size();
    if (ofErrors) std::erase(from.errorLinks, &link);
    eachGiver(from, edge.sourcePort, [&](RunUnit& unit) {
      if (!ofErrors) std::erase(unit.outputs[edge.sourcePort], &link);
      link.forgetProducer(&unit);
      if (!unit.done) link.producerDone();
    });
  }
  removedEdges_.push_back({&link, from.plan->id, nodes_[at(edge.target)]->plan->id});
  if (edge.onRemove == OnRemove::drain) return;
  const auto waiting = link.takeWaiting();
  if (edge.onRemove == OnRemove::deadLetter) return deadLetterRows(link, waiting);
  for (const auto& entry : waiting) link.countDiscarded(entry.rows);
}

/// What was said of the time before holds for new edges too.
void Run::Impl::tellWatermarks(const PreparedChange& change) {
  for (std::size_t i = 0; i < change.edges.size(); ++i) {
    if (change.edges[i].change != EdgeChange::added) continue;
    const auto& node = *nodes_[at(change.plan->edges[i].source)];
    const auto sent = node.units.empty() ? kNoWatermark : node.units.back()->marks->sent();
    if (sent != kNoWatermark) change.edges[i].link->pushMark(runtime::Mark::Kind::watermark, sent);
  }
}

/// Nothing of the run is another: only the order of the plan's nodes and edges, and what does not concern a run, may
/// be.
void Run::Impl::takeOverAlike(PreparedChange& change) {
  std::vector<std::unique_ptr<NodeState>> ordered;
  for (const auto& step : change.diff.nodes) ordered.push_back(std::move(nodes_[at(step.before)]));
  nodes_ = std::move(ordered);
  edgeLinks_ = change.links;
  takeOverPlan(change);
}

/// Links that earlier changes have removed, and that are empty now.
void Run::Impl::dropDrained() {
  for (const auto& node : nodes_) {
    eachFirst(*node, [&](RunUnit& unit) {
      for (auto& port : unit.inputs) {
        std::erase_if(port, [&](Link* link) {
          if (link->inner || contains(edgeLinks_, link) || !link->exhausted(0) || port.size() < 2) return false;
          std::erase(link->consumers, &unit);
          return true;
        });
      }
    });
  }
}

std::unique_ptr<const Plan> Run::Impl::numbered(const Plan& now) const {
  auto ever = std::make_unique<Plan>(now);
  ever->nodes = planEver().nodes;
  ever->nodes.resize(origins.nodes.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) ever->nodes[at(nodes_[i]->index)] = now.nodes[i];
  for (auto& edge : ever->edges) {
    edge.source = nodes_[at(edge.source)]->index;
    edge.target = nodes_[at(edge.target)]->index;
  }
  return ever;
}

void Run::Impl::takeOverPlan(PreparedChange& change) {
  plans_.push_back(std::move(change.plan));
  const auto& now = *plans_.back();
  current_.store(&now, std::memory_order_release);
  debugger->follow(now);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (auto* unit : nodes_[i]->units) unit->depth = now.nodes[i].depth * 16 + unit->stage;
    if (static_cast<std::size_t>(nodes_[i]->index) >= origins.nodes.size()) origins.nodes.push_back(now.nodes[i].id);
  }
  plans_.push_back(numbered(now));
  ever_.store(plans_.back().get(), std::memory_order_release);
  sortReady();
  limitErrors(options.maxErrors ? options.maxErrors : now.maxErrors, now.unbounded);
}

Result<runtime::LeftBehind> Run::Impl::switchOver(PreparedChange& change) {
  WEIR_TRY(maySwitch(change));
  runtime::LeftBehind left;
  for (const auto gone : change.diff.removedEdges) removeEdge(change, gone);
  if (auto rewired = rewireEdges(change); !rewired) fail(*nodes_.front(), std::move(rewired.error()));
  for (auto* link : edgeLinks_) link->counters.clear();
  edgeLinks_ = change.links;
  setAlerts(std::move(change.alerts));
  auto before = std::exchange(nodes_, {});
  std::vector<std::unique_ptr<NodeState>> after(change.plan->nodes.size());
  std::vector<RunUnit*> added;
  for (auto& swap : change.nodes) {
    auto& made = adopt(std::move(swap.parts));
    after[swap.at] = std::move(nodes_.back());
    nodes_.clear();
    added.insert(added.end(), made.units.begin(), made.units.end());
    if (swap.before == nullptr) {
      left.begin.insert(left.begin.end(), made.units.begin(), made.units.end());
    } else if (swap.ends) {
      endNode(*swap.before, &made, change.number, left);
    } else {
      handOver(swap, made, left);
    }
  }
  for (const auto gone : change.diff.removedNodes) endNode(*before[at(gone)], nullptr, change.number, left);
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (change.diff.nodes[i].change == NodeChange::kept) {
      after[i] = std::move(before[at(change.diff.nodes[i].before)]);
      for (auto* unit : after[i]->units) unit->pause = runtime::Pause::none;
    }
  }
  for (auto& node : before) {
    if (node == nullptr) continue;
    const bool ended = std::ranges::any_of(left.ending, [&](const auto& each) { return each.node == node.get(); });
    (ended ? ended_ : handedOver_).push_back(std::move(node));
  }
  nodes_ = std::move(after);
  tellWatermarks(change);
  takeOverPlan(change);
  dropDrained();
  sortUnits();
  if (durable != nullptr) durable->follow(added);
  if (checkpoints != nullptr) checkpoints->follow(current().documentHash, left.handedOver, added, links_);
  return left;
}

}  // namespace weir
