// What a run tells those who watch it, as JSON.
#pragma once

#include <span>
#include <string>

#include "engine/runtime/alerts.h"
#include "engine/runtime/debugger.h"
#include "engine/runtime/metrics.h"
#include "engine/runtime/run-events.h"

namespace weir::live {

[[nodiscard]] std::string describe(const RunMetrics& metrics);
[[nodiscard]] std::string describe(const RunEvent& event);
[[nodiscard]] std::string describe(const TapCounts& counts);
[[nodiscard]] std::string describe(std::span<const BreakpointView> breakpoints);
[[nodiscard]] std::string describe(std::span<const AlertView> alerts);
/// With the fields and types that a change may give.
[[nodiscard]] std::string describe(std::span<const HeldRow> held);

}  // namespace weir::live
