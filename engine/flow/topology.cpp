// Cycles, depths, nodes that do nothing, and what keeps a flow from being deterministic.
#include <algorithm>
#include <string>

#include "engine/cel/column/expression.h"
#include "engine/flow/analysis.h"
#include "engine/flow/settings-walk.h"

namespace weir::flow {
namespace {

/// Format of settings that hold a time, for which the node takes the clock's if they are absent.
constexpr std::string_view kTimeOrNow = "time-or-now";

std::string textOf(const json::Value& settings, std::string_view key) {
  const auto* value = settings.find(key);
  return value != nullptr && value->isString() ? *value->asString() : std::string();
}

// Every node that is left has a predecessor that is left: going back must come round.
void nameCycle(Analysis& flow, const std::vector<int>& waiting) {
  std::int32_t at = 0;
  while (waiting[static_cast<std::size_t>(at)] == 0) ++at;
  std::vector<std::int32_t> way, edges;
  while (std::ranges::find(way, at) == way.end()) {
    way.push_back(at);
    for (std::size_t i = 0; i < flow.edges.size(); ++i) {
      const auto& edge = flow.edges[i];
      if (edge.target != at || waiting[static_cast<std::size_t>(edge.source)] == 0) continue;
      edges.push_back(static_cast<std::int32_t>(i));
      at = edge.source;
      break;
    }
  }
  const auto first = std::ranges::find(way, at) - way.begin();
  std::string names = flow.nodes[static_cast<std::size_t>(at)].node.id;
  for (auto i = static_cast<std::int64_t>(way.size()) - 1; i >= first; --i) {
    names += " > " + flow.nodes[static_cast<std::size_t>(way[static_cast<std::size_t>(i)])].node.id;
  }
  const auto& edge = flow.edges[static_cast<std::size_t>(edges.back())];
  flow.problems.error("flow.cycle", edge.pointer, "the flow goes round in a circle: " + names + ".",
                      "Remove one of these edges.");
}

void warnOfIdle(Analysis& flow) {
  std::vector<bool> fed(flow.nodes.size(), false), wired(flow.nodes.size(), false);
  for (const auto& edge : flow.edges) wired[static_cast<std::size_t>(edge.source)] = true;
  for (const auto index : flow.order) {
    const auto at = static_cast<std::size_t>(index);
    const auto& node = flow.nodes[at];
    if (node.type == nullptr) fed[at] = true;
    if (node.inputs.empty() || node.exposed || node.lostEdge) fed[at] = true;
    if (node.type != nullptr && !fed[at]) {
      flow.problems.warning("flow.unreachable", node.pointer, "no rows can come to '" + node.node.id + "'.",
                            "Connect it to a source, or remove it.");
    }
    if (fed[at]) {
      for (const auto edge : flow.edgesOutOf(index))
        fed[static_cast<std::size_t>(flow.edges[static_cast<std::size_t>(edge)].target)] = true;
    }
    if (node.type == nullptr || node.exposed || node.lostEdge || wired[at]) continue;
    // What is looked at by a person has its effect.
    const bool shown = node.type->category == "Debug";
    if (shown || node.type->cardinality == Cardinality::sink || node.type->touches == Touches::writes ||
        node.outputs.size() < 2) {
      continue;
    }
    flow.problems.warning("flow.no_effect", node.pointer, "nobody reads what '" + node.node.id + "' gives.",
                          "Connect an output, or remove it.");
  }
}

}  // namespace

void checkTopology(Analysis& flow) {
  std::vector<int> waiting(flow.nodes.size(), 0);
  std::vector<std::vector<std::int32_t>> after(flow.nodes.size());
  for (const auto& edge : flow.edges) {
    ++waiting[static_cast<std::size_t>(edge.target)];
    after[static_cast<std::size_t>(edge.source)].push_back(edge.target);
  }
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    if (waiting[i] == 0) flow.order.push_back(static_cast<std::int32_t>(i));
  }
  for (std::size_t done = 0; done < flow.order.size(); ++done) {
    const auto from = static_cast<std::size_t>(flow.order[done]);
    for (const auto to : after[from]) {
      auto& node = flow.nodes[static_cast<std::size_t>(to)];
      node.depth = std::max(node.depth, flow.nodes[from].depth + 1);
      if (--waiting[static_cast<std::size_t>(to)] == 0) flow.order.push_back(to);
    }
  }
  if (flow.order.size() < flow.nodes.size()) nameCycle(flow, waiting);
  if (flow.nodes.empty()) flow.problems.warning("flow.empty", "/nodes", "the flow has no nodes.");
  warnOfIdle(flow);
}

void checkDeterminism(Analysis& flow, bool frozenClock) {
  auto& why = flow.whyNotDeterministic;
  for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
    const auto& node = flow.nodes[i];
    if (node.type == nullptr) continue;
    const auto name = "'" + node.node.id + "'";
    if (!node.type->deterministic) why.push_back(name + " (" + node.type->id + ") is not deterministic");
    if (node.type->id == "files/arrow-write") {
      why.push_back(name +
                    " (files/arrow-write) ends a record batch where rows happened to come together: the rows are "
                    "the same each time, the bytes only with --mode sync");
    }
    for (const auto& spec : node.type->settings) {
      const auto* given = node.settings.find(spec.name);
      if (frozenClock || spec.format != kTimeOrNow || (given != nullptr && !given->isNull())) continue;
      why.push_back(name + " (" + node.type->id + ") reads the clock; give it '" + spec.name + "'");
    }
    const auto into = flow.edgesInto(static_cast<std::int32_t>(i));
    const bool blocking = std::ranges::any_of(node.inputs, &PortSpec::blocking);
    const auto order = textOf(node.settings, "order");
    const bool ordered = blocking || (node.type->id == "flow/merge" && (order == "inputs" || order == "timestamp"));
    std::vector<int> perPort(node.inputs.size(), 0);
    for (const auto edge : into) ++perPort[flow.edges[static_cast<std::size_t>(edge)].targetPort];
    if (std::ranges::any_of(perPort, [](int count) { return count > 1; })) {
      why.push_back(name + " has several edges into one input: rows come in the order of arrival");
    } else if (into.size() > 1 && !ordered) {
      why.push_back(name + " takes its inputs in the order of arrival");
    }
    bool clock = false;
    eachExpression(node, [&](const std::string& source) {
      const auto compiled = cel::Expression::compile(source);
      clock = clock || (compiled && compiled->readsClock());
    });
    if (clock && !frozenClock) why.push_back(name + " reads the clock");
  }
  for (const auto& edge : flow.edges) {
    const auto name = "the edge '" + edge.edge.id + "'";
    if (edge.readsClock && !frozenClock) why.push_back(name + " reads the clock");
    if (!edge.edge.whenFull.empty() && edge.edge.whenFull != "block")
      why.push_back(name + " sheds rows when it is full (" + edge.edge.whenFull + ")");
    if (edge.edge.ageMs) why.push_back(name + " sheds rows that have waited too long");
    if (!edge.edge.order.empty() && edge.edge.order != "fifo")
      why.push_back(name + " hands on first what stands first when its target is ready (" + edge.edge.order + ")");
    const auto& source = flow.nodes[static_cast<std::size_t>(edge.source)];
    if (!frozenClock && edge.sourcePort + 1U == source.outputs.size()) {
      why.push_back("'" + source.node.id + "' writes error packets, which hold the time");
    }
  }
}

}  // namespace weir::flow
