// What alerts can watch: `NODE.errorRate`, `EDGE.fill`, `run.deadLetters` and so on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::flow {

enum class Measure : std::uint8_t {
  // Of a node.
  errorRate,         // share of the rows taken within the window that failed, 0 to 1
  latencyMs,         // 99 % of its steps within the window took no longer
  retriesPerSecond,  // over the window, as all rates
  stalledMs,         // rows wait before it, and it has taken none for so long
  breakerOpen,       // 1 while its breaker is open or half open, else 0
  // Of an edge.
  fill,           // how full it is, 0 to 1
  underPressure,  // 1 from its threshold on, else 0
  waitMs,
  rows,  // that came within the window
  rowsPerSecond,
  dropsPerSecond,
  idleMs,  // no row was offered for so long
  // Of the run.
  deadLetters,
  errorsPerSecond,
  memoryBytes
};
enum class MeasuredThing : std::uint8_t { node, edge, run };

struct MeasureName {
  std::string_view name;
  Measure measure;
  MeasuredThing of;
};

inline constexpr std::array<MeasureName, 15> kMeasures{
    {{"errorRate", Measure::errorRate, MeasuredThing::node},
     {"latencyMs", Measure::latencyMs, MeasuredThing::node},
     {"retriesPerSecond", Measure::retriesPerSecond, MeasuredThing::node},
     {"stalledMs", Measure::stalledMs, MeasuredThing::node},
     {"breakerOpen", Measure::breakerOpen, MeasuredThing::node},
     {"fill", Measure::fill, MeasuredThing::edge},
     {"underPressure", Measure::underPressure, MeasuredThing::edge},
     {"rows", Measure::rows, MeasuredThing::edge},
     {"waitMs", Measure::waitMs, MeasuredThing::edge},
     {"rowsPerSecond", Measure::rowsPerSecond, MeasuredThing::edge},
     {"dropsPerSecond", Measure::dropsPerSecond, MeasuredThing::edge},
     {"idleMs", Measure::idleMs, MeasuredThing::edge},
     {"deadLetters", Measure::deadLetters, MeasuredThing::run},
     {"errorsPerSecond", Measure::errorsPerSecond, MeasuredThing::run},
     {"memoryBytes", Measure::memoryBytes, MeasuredThing::run}}};

struct AlertMetric {
  std::string_view subject;  // id of a node or edge, or `run`
  MeasureName measure;
};

/// Of which rows of an edge can be told apart: by a condition, by a key.
[[nodiscard]] constexpr bool countsRows(Measure measure) {
  return measure == Measure::rows || measure == Measure::rowsPerSecond || measure == Measure::idleMs;
}

/// `subject.measure`; nothing if there is no such measure.
[[nodiscard]] constexpr std::optional<AlertMetric> parseAlertMetric(std::string_view text) {
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  for (const auto& measure : kMeasures) {
    if (measure.name == text.substr(dot + 1)) return AlertMetric{text.substr(0, dot), measure};
  }
  return std::nullopt;
}

}  // namespace weir::flow
