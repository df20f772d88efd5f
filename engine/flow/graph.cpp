// Writes Mermaid, DOT and the plan.
#include "engine/flow/graph.h"

#include <algorithm>
#include <string_view>

#include "engine/json/writer.h"

namespace weir::flow {
namespace {

std::string escaped(std::string_view text, std::string_view quote) {
  std::string out;
  for (const char c : text) {
    if (c == '"') {
      out += quote;
    } else if (c == '\\' && quote.starts_with('\\')) {
      out += "\\\\";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out;
}

std::int64_t indexOf(const FlowDocument& document, std::string_view id) {
  const auto found = std::ranges::find(document.nodes, id, &FlowNode::id);
  return found == document.nodes.end() ? -1 : found - document.nodes.begin();
}

std::string labelOf(const FlowEdge& edge) {
  return edge.filter.empty() ? edge.source.port : edge.source.port + ": " + edge.filter;
}

std::string fieldsText(const FieldSet& fields) {
  if (fields.all) return "all fields";
  if (fields.names.empty()) return "nothing";
  std::string out;
  for (const auto& name : fields.names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string bytesText(std::int64_t bytes) {
  if (bytes == 0) return "default bytes";
  if (bytes % (1 << 20) == 0) return std::to_string(bytes >> 20) + " MiB";
  if (bytes % (1 << 10) == 0) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes) + " bytes";
}

std::string_view nameOf(FullRule rule) {
  switch (rule) {
    case FullRule::block:
      return "block";
    case FullRule::dropOldest:
      return "dropOldest";
    case FullRule::dropNewest:
      return "dropNewest";
    case FullRule::dropLowestPriority:
      return "dropLowestPriority";
    case FullRule::sample:
      return "sample";
  }
  return "block";
}

/// What an edge does beyond holding rows.
std::string rulesText(const PlannedEdge& edge) {
  std::string text = "; when full: " + std::string(nameOf(edge.whenFull));
  if (edge.whenFull != FullRule::block) {
    text += " from " + json::write(json::Value(edge.dropThreshold));
  }
  if (edge.whenFull != FullRule::block && edge.whenFull != FullRule::dropNewest) {
    text +=
        ", after " + std::to_string(edge.whenFullMaxWaitMs) + " ms down to " + json::write(json::Value(edge.threshold));
  }
  if (edge.adaptive) text += "; thresholds follow lag and load";
  if (edge.order == QueueOrder::newest) text += "; the newest first";
  if (edge.order == QueueOrder::priority) text += "; the highest priority first";
  if (edge.ageMs > 0) text += "; rows go after " + std::to_string(edge.ageMs) + " ms";
  if (edge.batchMaxWaitMs > 0) text += "; joining waits up to " + std::to_string(edge.batchMaxWaitMs) + " ms";
  return text;
}

void describeNode(std::string& out, const Plan& plan, const PlannedNode& node) {
  out += "  " + node.id + "  (" + node.type->id + " " + node.type->version + ")" + (node.bypass ? "  bypassed" : "") +
         "\n";
  for (std::size_t port = 0; port < node.outputs.size(); ++port) {
    const bool last = port + 1 == node.outputs.size();
    const auto& needed = node.needed[port];
    if (last && !needed.all && needed.names.empty()) continue;
    out += "    " + node.outputs[port].name + " gives: " + fieldsText(needed) + "\n";
    const auto filter = node.acceptedFilter[port];
    if (filter >= 0) {
      out += "    " + node.outputs[port].name +
             " takes over the filter of: " + plan.nodes[static_cast<std::size_t>(filter)].id + "\n";
    }
  }
}

}  // namespace

void checkDrawable(const FlowDocument& document, Problems& problems) {
  struct Line {
    std::size_t from, to, edge;
  };
  std::vector<Line> lines;
  std::vector<int> waiting(document.nodes.size(), 0);
  for (std::size_t i = 0; i < document.edges.size(); ++i) {
    const auto from = indexOf(document, document.edges[i].source.node);
    const auto to = indexOf(document, document.edges[i].target.node);
    if (from < 0 || to < 0) continue;
    lines.push_back({static_cast<std::size_t>(from), static_cast<std::size_t>(to), i});
    ++waiting[lines.back().to];
  }
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i] == 0) ready.push_back(i);
  }
  for (std::size_t done = 0; done < ready.size(); ++done) {
    for (const auto& line : lines) {
      if (line.from == ready[done] && --waiting[line.to] == 0) ready.push_back(line.to);
    }
  }
  if (ready.size() == waiting.size()) return;
  // Every node that is left has one before it that is left: going back must come round.
  auto at =
      static_cast<std::size_t>(std::ranges::find_if(waiting, [](int count) { return count > 0; }) - waiting.begin());
  std::vector<std::size_t> way;
  std::size_t edge = 0;
  while (!std::ranges::contains(way, at)) {
    way.push_back(at);
    const auto back =
        std::ranges::find_if(lines, [&](const Line& line) { return line.to == at && waiting[line.from] > 0; });
    at = back->from;
    edge = back->edge;
  }
  std::string names = document.nodes[at].id;
  for (auto i = way.size(); i-- > 0;) {
    names += " > " + document.nodes[way[i]].id;
    if (way[i] == at) break;
  }
  problems.error("flow.cycle", below("/edges", edge), "the flow goes round in a circle: " + names + ".",
                 "Remove one of these edges.");
}

std::string mermaidGraph(const FlowDocument& document) {
  std::string out = "flowchart LR\n";
  for (std::size_t i = 0; i < document.nodes.size(); ++i) {
    const auto& node = document.nodes[i];
    out += "  n" + std::to_string(i) + "[\"" + escaped(node.name.empty() ? node.id : node.name, "#quot;") + "<br/>" +
           escaped(node.typeId, "#quot;") + "\"]\n";
  }
  for (const auto& edge : document.edges) {
    const auto from = indexOf(document, edge.source.node), to = indexOf(document, edge.target.node);
    if (from < 0 || to < 0) continue;
    out += "  n" + std::to_string(from) + " -->|\"" + escaped(labelOf(edge), "#quot;") + "\"| n" + std::to_string(to) +
           "\n";
  }
  return out;
}

std::string dotGraph(const FlowDocument& document) {
  std::string out = "digraph \"" + escaped(document.id, "\\\"") + "\" {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const auto& node : document.nodes) {
    const auto id = escaped(node.id, "\\\"");
    out += "  \"" + id + "\" [label=\"" + escaped(node.name.empty() ? node.id : node.name, "\\\"") + "\\n" +
           escaped(node.typeId, "\\\"") + "\"];\n";
  }
  for (const auto& edge : document.edges) {
    out += "  \"" + escaped(edge.source.node, "\\\"") + "\" -> \"" + escaped(edge.target.node, "\\\"") +
           "\" [label=\"" + escaped(labelOf(edge), "\\\"") + "\"];\n";
  }
  return out + "}\n";
}

std::string describePlan(const Plan& plan) {
  std::string out = "flow " + plan.flowId + (plan.flowVersion.empty() ? "" : " " + plan.flowVersion) + "\nnodes\n";
  for (const auto& node : plan.nodes) describeNode(out, plan, node);
  if (!plan.edges.empty()) out += "edges\n";
  for (const auto& edge : plan.edges) {
    const auto& from = plan.nodes[static_cast<std::size_t>(edge.source)];
    const auto& to = plan.nodes[static_cast<std::size_t>(edge.target)];
    out += "  " + edge.id + "  " + from.id + "." + from.outputs[edge.sourcePort].name + " → " + to.id + "." +
           to.inputs[edge.targetPort].name + "\n";
    out += "    holds " + std::to_string(edge.bufferRows) + " rows, " + bytesText(edge.bufferBytes) + "; batches of " +
           std::to_string(edge.batchMaxRows) + rulesText(edge) + (edge.spill ? "; spills to a file" : "") + "\n";
    if (!edge.filter.empty()) out += "    filter: " + edge.filter + "\n";
    if (!edge.transform.empty()) out += "    transform: " + edge.transform + "\n";
  }
  out += plan.deterministic ? "deterministic: yes\n" : "deterministic: no\n";
  for (const auto& why : plan.whyNotDeterministic) out += "  " + why + "\n";
  return out;
}

}  // namespace weir::flow
