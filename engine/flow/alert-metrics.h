// What alerts can watch: `NODE.errorRate`, `EDGE.fill`, `run.deadLetters` and so on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::flow {

enum class Measure : std::uint8_t {
  // Of a node.
  errorRate,         // share of the rows taken in the last ten seconds that failed, 0 to 1
  latencyMs,         // 99 % of its latest steps took no longer
  retriesPerSecond,  // over the last ten seconds, as all rates
  stalledMs,         // rows wait before it, and it has taken none for so long
  breakerOpen,       // 1 while its breaker is open or half open, else 0
  // Of an edge.
  fill,  // how full it is, 0 to 1
  waitMs,
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

inline constexpr std::array<MeasureName, 13> kMeasures{
    {{"errorRate", Measure::errorRate, MeasuredThing::node},
     {"latencyMs", Measure::latencyMs, MeasuredThing::node},
     {"retriesPerSecond", Measure::retriesPerSecond, MeasuredThing::node},
     {"stalledMs", Measure::stalledMs, MeasuredThing::node},
     {"breakerOpen", Measure::breakerOpen, MeasuredThing::node},
     {"fill", Measure::fill, MeasuredThing::edge},
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
