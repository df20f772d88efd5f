// Alerts: rules over a run's metrics and rows that are raised when they hold for long enough, and cleared again.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/alert-metrics.h"
#include "engine/flow/plan.h"
#include "engine/runtime/metrics.h"
#include "engine/runtime/row-counter.h"
#include "engine/runtime/run-events.h"

namespace weir {

/// A rule as it stands now.
struct AlertView {
  std::string name, metric, severity;
  std::optional<double> value;  // of a rule by key: the worst one's
  bool raised = false;
  std::vector<std::string> keys;  // of a rule by key: those that are raised, the first 100
  std::int64_t raisedKeys = 0;    // how many
  std::int64_t mutedUntil = 0;    // microseconds; in the past: not muted
};

/// Looks at snapshots of the metrics, about ten a second. A rule that held for `forMs` without a break is raised; it is
/// cleared when the value has been a tenth on the good side of its bound for as long (a second at least), and not
/// raised again within `quietMs`. While it is muted it is not raised; what is raised by then is cleared as ever. A rule
/// by key does all of that for each key by itself.
class Alerts {
 public:
  /// Keys of one rule that are watched at the same time; where more come, those that have long been silent give way.
  static constexpr std::size_t kMostKeys = 10'000;
  /// Events of one rule in one look; the other keys are said in one more.
  static constexpr std::size_t kMostAtOnce = 10;

  /// Rules that watch what the plan does not have never hold; validation refuses them.
  explicit Alerts(const Plan& plan);
  /// The flow was changed: rules that are as they were keep what they know, and stay raised.
  void goOnFrom(Alerts& before);
  [[nodiscard]] bool empty() const { return watches_.empty(); }
  /// What has changed: events `alert.raised` and `alert.cleared`, whose subject is the alert's name. `rows` has what
  /// the plan's rules about rows have counted since the last look, by the rule's place in the plan.
  [[nodiscard]] std::vector<RunEvent> look(const RunMetrics& metrics, std::int64_t nowMicros,
                                           std::map<std::size_t, runtime::RowTally> rows = {});
  /// False: there is no alert of that name.
  bool mute(std::string_view name, std::int64_t untilMicros);
  [[nodiscard]] std::vector<AlertView> view() const;

 private:
  struct Sample {
    std::int64_t atMicros = 0, count = 0, of = 0;
  };
  struct State {
    std::optional<std::int64_t> badSince, goodSince;
    std::int64_t quietUntil = INT64_MIN;
    bool raised = false;
  };
  /// What came of one key, in tenths of the window.
  struct Key {
    State state;
    std::array<std::int64_t, 10> tenths{};
    std::int64_t tenth = 0, sum = 0, firstMicros = 0, lastMicros = 0;
  };
  struct Watch {
    PlannedAlert rule;
    std::size_t place = 0;  // in the plan
    flow::Measure measure{};
    std::size_t index = 0;  // of the node or edge
    // Of figures.
    State state;
    std::deque<Sample> samples;
    std::deque<std::pair<std::int64_t, LatencyHistogram>> latencies;
    std::int64_t lastCount = -1, changedAt = 0;
    std::optional<double> value;
    // Of rows.
    std::map<std::string, Key, std::less<>> keys;
    bool saidFull = false, saidFailed = false;
  };
  struct Changes {
    std::vector<RunEvent> events;
    std::vector<std::string> raised, cleared;  // keys beyond those
  };

  void lookAtFigure(Watch& watch, const RunMetrics& metrics, std::int64_t nowMicros, std::vector<RunEvent>& events);
  void lookAtRows(Watch& watch, const runtime::RowTally& came, std::int64_t nowMicros, std::vector<RunEvent>& events);
  static void settle(const Watch& watch, State& state, double value, std::string_view key, std::int64_t nowMicros,
                     Changes& changes);
  static void take(Watch& watch, const runtime::RowTally& came, std::int64_t nowMicros, Changes& changes);
  static Key* keyOf(Watch& watch, const std::string& key, std::int64_t nowMicros);
  static void turn(Key& key, const Watch& watch, std::int64_t nowMicros);
  [[nodiscard]] static std::optional<double> valueOf(const Watch& watch, const Key& key, std::int64_t nowMicros);
  [[nodiscard]] static std::optional<double> valueOf(Watch& watch, const RunMetrics& metrics, std::int64_t nowMicros);
  [[nodiscard]] static std::optional<double> rate(Watch& watch, Sample now, bool perSecond);
  [[nodiscard]] static double lately(Watch& watch, const LatencyHistogram& latency, std::int64_t nowMicros);
  [[nodiscard]] static double unchangedMs(Watch& watch, std::int64_t count, std::int64_t nowMicros);

  std::vector<Watch> watches_;
};

}  // namespace weir
