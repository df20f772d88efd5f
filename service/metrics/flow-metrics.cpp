// Adds up what runs report.
#include "service/metrics/flow-metrics.h"

#include <algorithm>

namespace weir::metrics {
namespace {

/// What came since the last report; a count that has fallen was begun anew.
std::int64_t since(std::int64_t& last, std::int64_t now) {
  const auto added = now >= last ? now - last : now;
  last = now;
  return added;
}

}  // namespace

void FlowMetrics::Waiting::look(std::int64_t nowNanos, std::int64_t rows, std::int64_t dealtWith) {
  if (given.empty() || given.back().second < rows) given.emplace_back(nowNanos, rows);
  while (!given.empty() && given.front().second <= dealtWith) given.pop_front();
  if (given.size() <= kMost) return;
  // Half of the looks tell nearly as much; the oldest and the newest stay.
  std::deque<std::pair<std::int64_t, std::int64_t>> fewer;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (i % 2 == 0 || i + 1 == given.size()) fewer.push_back(given[i]);
  }
  given = std::move(fewer);
}

double FlowMetrics::Waiting::seconds(std::int64_t nowNanos) const {
  return given.empty() ? 0 : static_cast<double>(nowNanos - given.front().first) / 1e9;
}

FlowMetrics::Flow& FlowMetrics::flowOf(const FlowName& name) {
  const auto found = flows_.find(name);
  if (found != flows_.end()) return found->second;
  if (flows_.size() >= kMostFlows) {
    auto oldest = flows_.end();
    for (auto at = flows_.begin(); at != flows_.end(); ++at) {
      if (at->second.runs > 0) continue;
      if (oldest == flows_.end() || at->second.changedNanos < oldest->second.changedNanos) oldest = at;
    }
    if (oldest != flows_.end()) {
      if (oldest->second.detailed) detailedNodes_ -= oldest->second.nodeCount;
      flows_.erase(oldest);
    }
  }
  auto& flow = flows_[name];
  // Whoever watches it has to see it grow.
  flow.ended["failed"] = 0;
  return flow;
}

FlowMetrics::Run& FlowMetrics::runOf(std::string_view id, const FlowName& name) {
  if (const auto found = runs_.find(id); found != runs_.end()) return found->second;
  auto& run = runs_[std::string(id)];
  run.flow = name;
  run.movedNanos = run.reportedNanos = run.checkpointNanos = clock_.steadyNanos();
  ++flowOf(name).runs;
  return run;
}

void FlowMetrics::admit(Flow& flow, std::int64_t nodeCount) {
  if (flow.detailed && nodeCount <= flow.nodeCount) return;
  const auto room = [&] { return kMostNodes - detailedNodes_ + (flow.detailed ? flow.nodeCount : 0) >= nodeCount; };
  for (auto& [name, other] : flows_) {
    if (room()) break;
    if (!other.detailed || other.runs > 0 || &other == &flow) continue;
    other.detailed = false;
    detailedNodes_ -= other.nodeCount;
    other.nodes.clear();
    other.edges.clear();
  }
  const auto fits = room();
  if (flow.detailed) detailedNodes_ -= flow.nodeCount;
  flow.nodeCount = nodeCount;
  flow.detailed = fits;
  if (fits) {
    detailedNodes_ += nodeCount;
  } else {
    flow.nodes.clear();
    flow.edges.clear();
  }
}

bool FlowMetrics::add(Flow& flow, Run& run, const RunFigures& figures) {
  bool moved = false;
  flow.deadLetters += since(run.last.deadLetters, figures.deadLetters);
  flow.errors += since(run.last.errors, figures.errors);
  flow.syncs += since(run.last.syncs, figures.syncs);
  flow.syncNanos += since(run.last.syncNanos, figures.syncNanos);
  for (const auto& node : figures.nodes) {
    auto& last = run.nodes[node.id];
    auto* own = flow.detailed ? &flow.nodes[node.id] : nullptr;
    if (own != nullptr) own->breakerOpen = node.breakerOpen;
    for (std::size_t i = 0; i < last.size(); ++i) {
      const auto added = since(last[i], node.counters[i]);
      flow.nodeSums[i] += added;
      if (own != nullptr) own->counters[i] += added;
      moved = moved || (added > 0 && (i == kRowsIn || i == kRowsOut));
    }
  }
  for (const auto& edge : figures.edges) {
    auto& last = run.edges[edge.id];
    auto* own = flow.detailed ? &flow.edges[edge.id] : nullptr;
    for (std::size_t i = 0; i < last.size(); ++i) {
      const auto added = since(last[i], edge.counters[i]);
      flow.edgeSums[i] += added;
      if (own != nullptr) own->counters[i] += added;
    }
  }
  return moved;
}

void FlowMetrics::report(std::string_view id, const FlowName& name, const RunFigures& figures) {
  auto& run = runOf(id, name);
  auto& flow = flowOf(run.flow);
  const auto now = clock_.steadyNanos();
  flow.changedNanos = run.reportedNanos = now;
  admit(flow, std::max(flow.detailed ? flow.nodeCount : 0, std::ssize(figures.nodes)));
  const bool moved = add(flow, run, figures);
  run.last = figures;
  std::int64_t waiting = 0;
  for (const auto& edge : figures.edges) {
    waiting += edge.queueRows;
    // Offered is what came in; all that is not held any more was dealt with.
    run.waiting[edge.id].look(now, edge.counters[0], edge.counters[0] - edge.queueRows);
  }
  // Where nothing waits, nothing is stuck.
  if (moved || waiting == 0) run.movedNanos = now;
}

void FlowMetrics::restarted(std::string_view id, const FlowName& name) {
  auto& run = runOf(id, name);
  run.last = {};
  run.nodes.clear();
  run.edges.clear();
  run.waiting.clear();
  run.movedNanos = run.reportedNanos = clock_.steadyNanos();
  ++flowOf(run.flow).restarts;
}

void FlowMetrics::checkpointed(std::string_view id, const FlowName& name) {
  runOf(id, name).checkpointNanos = clock_.steadyNanos();
}

void FlowMetrics::leased(std::string_view id, const FlowName& name, std::int64_t epoch) {
  runOf(id, name).epoch = epoch;
}

void FlowMetrics::ended(std::string_view id, const FlowName& name, std::string_view outcome) {
  auto& flow = flowOf(name);
  flow.changedNanos = clock_.steadyNanos();
  ++flow.ended[std::string(outcome)];
  const auto run = runs_.find(id);
  if (run == runs_.end()) return;
  --flowOf(run->second.flow).runs;
  runs_.erase(run);
}

void FlowMetrics::engineBegan(std::string_view folder) { engineRestarts_.try_emplace(std::string(folder)); }

void FlowMetrics::engineRestarted(std::string_view folder) { ++engineRestarts_[std::string(folder)]; }

void FlowMetrics::lookAtQueues() {
  for (auto& [name, flow] : flows_) {
    for (auto& [id, edge] : flow.edges) edge.queueRows = edge.queueBytes = edge.capacityRows = 0;
  }
  for (const auto& [id, run] : runs_) {
    auto& flow = flowOf(run.flow);
    if (!flow.detailed) continue;
    for (const auto& figures : run.last.edges) {
      auto& edge = flow.edges[figures.id];
      edge.queueRows += figures.queueRows;
      edge.queueBytes += figures.queueBytes;
      edge.capacityRows += figures.capacityRows;
    }
  }
}

void FlowMetrics::write(Exposition& out) {
  lookAtQueues();
  writeFlows(out);
  writeNodes(out);
  writeEdges(out);
  out.begin("weir_engine_restarts_total");
  for (const auto& [folder, count] : engineRestarts_) out.sample({folder}, static_cast<double>(count));
}

std::map<FlowName, FlowMetrics::Now> FlowMetrics::now() const {
  std::map<FlowName, Now> now;
  const auto nanos = clock_.steadyNanos();
  for (const auto& [id, run] : runs_) {
    auto& sums = now[run.flow];
    sums.usedBytes += run.last.usedBytes;
    for (const auto& edge : run.last.edges) {
      sums.queueRows += edge.queueRows;
      sums.queueBytes += edge.queueBytes;
    }
    sums.idleSeconds = std::max(sums.idleSeconds, static_cast<double>(nanos - run.movedNanos) / 1e9);
    sums.silentSeconds = std::max(sums.silentSeconds, static_cast<double>(nanos - run.reportedNanos) / 1e9);
    sums.checkpointSeconds = std::max(sums.checkpointSeconds, static_cast<double>(nanos - run.checkpointNanos) / 1e9);
    for (const auto& [edge, waiting] : run.waiting) {
      sums.oldestSeconds = std::max(sums.oldestSeconds, waiting.seconds(nanos));
    }
    sums.journalBytes += run.last.journalBytes;
    sums.epoch = std::max(sums.epoch, run.epoch);
  }
  return now;
}

void FlowMetrics::writeFlows(Exposition& out) {
  const auto now = this->now();
  const auto counter = [&](std::string_view family, auto&& valueOf) {
    out.begin(family);
    for (const auto& [name, flow] : flows_) out.sample({name.folder, name.flow}, static_cast<double>(valueOf(flow)));
  };
  const auto gauge = [&](std::string_view family, auto&& valueOf) {
    out.begin(family);
    for (const auto& [name, sums] : now) out.sample({name.folder, name.flow}, static_cast<double>(valueOf(sums)));
  };
  counter("weir_flow_runs", [](const Flow& flow) { return flow.runs; });
  counter("weir_flow_run_restarts_total", [](const Flow& flow) { return flow.restarts; });
  counter("weir_flow_dead_letters_total", [](const Flow& flow) { return flow.deadLetters; });
  counter("weir_flow_errors_total", [](const Flow& flow) { return flow.errors; });
  for (std::size_t i = 0; i < kNodeCounters.size(); ++i) {
    const double unit = i == kBusy ? 1e9 : 1;
    counter(kNodeCounters[i].flowFamily,
            [&](const Flow& flow) { return static_cast<double>(flow.nodeSums[i]) / unit; });
  }
  for (std::size_t i = 0; i < kEdgeCounters.size(); ++i) {
    counter(kEdgeCounters[i].flowFamily, [&](const Flow& flow) { return flow.edgeSums[i]; });
  }
  counter("weir_flow_journal_syncs_total", [](const Flow& flow) { return flow.syncs; });
  counter("weir_flow_journal_sync_seconds_total",
          [](const Flow& flow) { return static_cast<double>(flow.syncNanos) / 1e9; });
  gauge("weir_flow_journal_bytes", [](const Now& sums) { return sums.journalBytes; });
  gauge("weir_flow_checkpoint_age_seconds", [](const Now& sums) { return sums.checkpointSeconds; });
  gauge("weir_flow_oldest_row_seconds", [](const Now& sums) { return sums.oldestSeconds; });
  gauge("weir_flow_lease_epoch", [](const Now& sums) { return sums.epoch; });
  gauge("weir_flow_memory_bytes", [](const Now& sums) { return sums.usedBytes; });
  gauge("weir_flow_queue_rows", [](const Now& sums) { return sums.queueRows; });
  gauge("weir_flow_queue_bytes", [](const Now& sums) { return sums.queueBytes; });
  gauge("weir_flow_stuck_seconds", [](const Now& sums) { return sums.idleSeconds; });
  gauge("weir_flow_report_age_seconds", [](const Now& sums) { return sums.silentSeconds; });
  out.begin("weir_flow_runs_ended_total");
  for (const auto& [name, flow] : flows_) {
    for (const auto& [outcome, count] : flow.ended) {
      out.sample({name.folder, name.flow, outcome}, static_cast<double>(count));
    }
  }
}

void FlowMetrics::writeNodes(Exposition& out) {
  const auto each = [&](std::string_view family, auto&& valueOf) {
    out.begin(family);
    for (const auto& [name, flow] : flows_) {
      for (const auto& [id, node] : flow.nodes) {
        out.sample({name.folder, name.flow, id}, static_cast<double>(valueOf(node)));
      }
    }
  };
  for (std::size_t i = 0; i < kNodeCounters.size(); ++i) {
    const double unit = i == kBusy ? 1e9 : 1;
    each(kNodeCounters[i].family, [&](const Node& node) { return static_cast<double>(node.counters[i]) / unit; });
  }
  each("weir_node_breaker_open", [](const Node& node) { return node.breakerOpen ? 1 : 0; });
  out.begin("weir_flows_without_detail");
  out.sample({}, static_cast<double>(std::ranges::count_if(
                     flows_, [](const auto& one) { return !one.second.detailed && one.second.runs > 0; })));
}

void FlowMetrics::writeEdges(Exposition& out) {
  const auto each = [&](std::string_view family, auto&& valueOf) {
    out.begin(family);
    for (const auto& [name, flow] : flows_) {
      for (const auto& [id, edge] : flow.edges) {
        out.sample({name.folder, name.flow, id}, static_cast<double>(valueOf(edge)));
      }
    }
  };
  for (std::size_t i = 0; i < kEdgeCounters.size(); ++i) {
    each(kEdgeCounters[i].family, [&](const Edge& edge) { return edge.counters[i]; });
  }
  each("weir_edge_queue_rows", [](const Edge& edge) { return edge.queueRows; });
  each("weir_edge_queue_bytes", [](const Edge& edge) { return edge.queueBytes; });
  each("weir_edge_queue_capacity_rows", [](const Edge& edge) { return edge.capacityRows; });
}

}  // namespace weir::metrics
