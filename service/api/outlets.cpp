// Finds the ends of a flow.
#include "service/api/outlets.h"

#include <algorithm>

namespace weir::api {

std::vector<PortName> endsOf(const flow::FlowDocument& flow, const Catalogue& catalogue) {
  std::vector<PortName> found;
  const auto add = [&found](const std::string& node, const std::string& port) {
    const auto known = [&](const PortName& one) { return one.node == node && one.port == port; };
    if (std::ranges::none_of(found, known)) found.push_back({node, port});
  };
  for (const auto& node : flow.nodes) {
    const auto leaves = [&node](const flow::FlowEdge& edge) { return edge.source.node == node.id; };
    if (std::ranges::any_of(flow.edges, leaves)) continue;
    const auto* type = catalogue.find(node.typeId, node.version);
    if (type == nullptr) continue;
    const auto output = std::ranges::find_if(type->outputs, [](const PortSpec& port) { return port.name != "error"; });
    if (output != type->outputs.end()) {
      add(node.id, output->name);
      continue;
    }
    for (const auto& edge : flow.edges) {
      if (edge.target.node == node.id) add(edge.source.node, edge.source.port);
    }
  }
  return found;
}

}  // namespace weir::api
