// EdgeRules: what a person may ask of an edge beyond a bounded queue, and the arithmetic of its thresholds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/flow/plan.h"
#include "engine/host/load.h"

namespace weir::runtime {

struct EdgeRules {
  std::int64_t rows = 65'536, bytes = 16 << 20;  // bounds
  FullRule rule = FullRule::block;
  QueueOrder order = QueueOrder::fifo;
  double threshold = 0.8, dropThreshold = 0.9;
  bool adaptive = false;
  std::int64_t maxWaitMicros = 100'000;
  std::int64_t ageMicros = 0;        // 0: rows never get too old
  std::int64_t batchWaitMicros = 0;  // 0: what is there is handed on at once
  std::int64_t batchRows = 16'384;

  [[nodiscard]] bool sheds() const { return rule != FullRule::block; }
  /// Without any of these an edge is a plain bounded queue.
  [[nodiscard]] bool any() const {
    return sheds() || order != QueueOrder::fifo || adaptive || ageMicros > 0 || batchWaitMicros > 0;
  }
};

/// What an edge with its queue `rows` and `bytes` full holds of its bounds, 0..1 and more.
[[nodiscard]] inline double fillOf(std::int64_t rows, std::int64_t bytes, const EdgeRules& rules) {
  return std::max(static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(1, rules.rows)),
                  static_cast<double>(bytes) / static_cast<double>(std::max<std::int64_t>(1, rules.bytes)));
}

/// The share of a bound, at least one row (or byte).
[[nodiscard]] inline std::int64_t shareOf(std::int64_t bound, double share) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(bound) * share));
}

struct Thresholds {
  double slow = 0.8, drop = 0.9;
};

/// Thresholds that follow what is measured: with an idle host and a consumer that keeps up they are those of the
/// document; the longer rows wait and the busier the host, the lower they go, down to a quarter of the document's.
class AdaptiveThresholds {
 public:
  explicit AdaptiveThresholds(Thresholds drawn) : drawn_(drawn), now_(drawn) {}

  /// How long a row waited that the consumer has taken; kept as a moving mean over about eight steps.
  void waited(std::int64_t micros) { lagMicros_ += (micros - lagMicros_) / 8; }
  /// Looks again, if the last look is long enough ago to have seen its effect.
  void look(std::int64_t nowMicros, Load* load, double memoryShare);
  [[nodiscard]] const Thresholds& now() const { return now_; }
  [[nodiscard]] std::int64_t lagMicros() const { return lagMicros_; }
  [[nodiscard]] bool due(std::int64_t nowMicros) const { return nowMicros - lookedMicros_ >= kEveryMicros; }

  static constexpr std::int64_t kEveryMicros = 200'000;
  static constexpr double kLagFullMicros = 1'000'000;  // rows that wait so long are as bad as it gets
  static constexpr double kLoopLagFullMs = 200;

 private:
  Thresholds drawn_, now_;
  std::int64_t lagMicros_ = 0, lookedMicros_ = INT64_MIN / 2;
};

/// How hard it goes, 0 (all is well) to 1, from the consumer's lag and the host's load.
[[nodiscard]] double strainOf(std::int64_t lagMicros, const LoadSample& load, double memoryShare);

/// Says when an edge comes under pressure and when it is over: at the threshold, and at half of it, so that an edge
/// that hovers there is told once; and not again within kLeastMicros.
class PressureGauge {
 public:
  enum class Change : std::uint8_t { none, raised, cleared, later };  // later: it would be raised at againMicros()
  [[nodiscard]] Change note(double fill, double threshold, std::int64_t nowMicros);
  [[nodiscard]] bool raised() const { return raised_; }
  [[nodiscard]] std::int64_t events() const { return events_; }
  [[nodiscard]] std::int64_t againMicros() const { return sinceMicros_ + kLeastMicros; }

  static constexpr std::int64_t kLeastMicros = 200'000;

 private:
  bool raised_ = false;
  std::int64_t sinceMicros_ = INT64_MIN / 2, events_ = 0;
};

}  // namespace weir::runtime
