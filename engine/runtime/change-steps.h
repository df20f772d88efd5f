// What a change does to a run, in sentences.
#pragma once

#include <string>
#include <vector>

#include "engine/runtime/changer.h"

namespace weir::runtime {

/// One for each node and edge that is not as it was, and for settings of the flow that wait for the next start; empty
/// if the run stays as it is.
[[nodiscard]] std::vector<std::string> changeSteps(const PreparedChange& change, const Plan& before);

}  // namespace weir::runtime
