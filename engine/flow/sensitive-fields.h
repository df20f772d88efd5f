// Which fields of a flow are sensitive: those that it calls so, and those computed from them.
#pragma once

#include "engine/data/sensitive.h"
#include "engine/flow/analysis.h"

namespace weir::flow {

/// config.sensitive of the flow and of its subflows, fields that ports declare so, and whatever a node or a transform
/// makes of one of them, but for config.notSensitive of the flow itself. A mark is of a name in the whole flow. Where a
/// node's results have no names that are known here, all fields are.
[[nodiscard]] SensitiveNames sensitiveNames(const Analysis& flow, const FlowConfig& config);

}  // namespace weir::flow
