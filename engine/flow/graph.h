// Pictures of a flow: for the terminal, Mermaid, DOT; and its plan in words.
#pragma once

#include <string>

#include "engine/flow/document.h"
#include "engine/flow/plan.h"

namespace weir::flow {

/// Boxes from left to right in the order of the rows' way, lines between them, and below them the edges that have more
/// to say (ports, filter, transform). Subflows are one box.
[[nodiscard]] std::string textGraph(const FlowDocument& document);
/// `flow.cycle` for edges that go round: nothing in a circle is left or right of the rest. The types need not be known.
void checkDrawable(const FlowDocument& document, Problems& problems);
[[nodiscard]] std::string mermaidGraph(const FlowDocument& document);
[[nodiscard]] std::string dotGraph(const FlowDocument& document);

/// For each node what is read of its outputs and which filter it takes over; for each edge its bounds and spill.
[[nodiscard]] std::string describePlan(const Plan& plan);

}  // namespace weir::flow
