// What of a flow document decides about its results: the part that a seal keeps a digest of.
#pragma once

#include <string>
#include <vector>

#include "engine/flow/document.h"

namespace weir::flow {

/// Compact JSON of {config, parameters, ports, nodes, edges} in canonical form, nodes and edges in order of their ids;
/// without names, notes, places, help, alerts and keys of one's own. Two documents with the same text give the same
/// rows of the same input.
[[nodiscard]] std::string meaningOf(const FlowDocument& document);

/// Ids of the flows that the document uses as nodes, sorted, each once.
[[nodiscard]] std::vector<std::string> usedFlows(const FlowDocument& document);

}  // namespace weir::flow
