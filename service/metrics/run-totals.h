// RunTotals: a run in a few figures, for lists of runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::metrics {

struct RunTotals {
  std::int64_t rowsIn = 0;   // that its sources have given: the nodes to which no edge leads
  std::int64_t rowsOut = 0;  // that its ends have taken: the nodes from which no edge leads
  std::int64_t errors = 0, setAside = 0, elapsedMicros = 0;
  std::int64_t progressDone = 0, progressTotal = 0;  // of those nodes that know their end

  [[nodiscard]] bool operator==(const RunTotals&) const = default;
};

/// Of the last metrics that an engine has told of a run, and of its result; either may be empty. Nothing if there are
/// none that can be read.
[[nodiscard]] std::optional<RunTotals> runTotalsOf(std::string_view metrics, std::string_view result);

}  // namespace weir::metrics
