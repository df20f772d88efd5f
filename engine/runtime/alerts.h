// Alerts: rules over a run's metrics that are raised when they hold for long enough, and cleared again.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/flow/alert-metrics.h"
#include "engine/flow/plan.h"
#include "engine/runtime/metrics.h"
#include "engine/runtime/run-events.h"

namespace weir {

/// Looks at snapshots of the metrics, about ten a second. A rule that held for `forMs` without a break is raised; it is
/// cleared when the value has been a tenth on the good side of its bound for as long (a second at least), and not
/// raised again within `quietMs`.
class Alerts {
 public:
  /// Rules that watch what the plan does not have never hold; validation refuses them.
  explicit Alerts(const Plan& plan);
  [[nodiscard]] bool empty() const { return watches_.empty(); }
  /// What has changed: events `alert.raised` and `alert.cleared`, whose subject is the alert's name.
  [[nodiscard]] std::vector<RunEvent> look(const RunMetrics& metrics, std::int64_t nowMicros);

 private:
  struct Sample {
    std::int64_t atMicros = 0, count = 0, of = 0;
  };
  struct Watch {
    PlannedAlert rule;
    flow::Measure measure{};
    std::size_t index = 0;  // of the node or edge
    std::deque<Sample> samples;
    std::int64_t lastCount = -1, changedAt = 0;
    std::optional<std::int64_t> badSince, goodSince;
    std::int64_t quietUntil = INT64_MIN;
    bool raised = false;
  };
  [[nodiscard]] static std::optional<double> valueOf(Watch& watch, const RunMetrics& metrics, std::int64_t nowMicros);
  [[nodiscard]] static std::optional<double> rate(Watch& watch, Sample now, bool perSecond);
  [[nodiscard]] static double unchangedMs(Watch& watch, std::int64_t count, std::int64_t nowMicros);

  std::vector<Watch> watches_;
};

}  // namespace weir
