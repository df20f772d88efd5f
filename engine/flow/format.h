// The canonical text of a flow document: what `weir fmt` writes.
#pragma once

#include <string>

#include "engine/flow/document.h"

namespace weir::flow {

/// Keys in a fixed order (those beginning with x- last), one node or edge per block, presets expanded, positions and
/// sizes in one last block `layout`. Formatting what it wrote gives the same text.
[[nodiscard]] std::string formatFlow(const FlowDocument& document);

/// What an edge's preset stands for: buffer and batch; an empty object if there is no such preset.
[[nodiscard]] json::Value presetOf(std::string_view name);

}  // namespace weir::flow
