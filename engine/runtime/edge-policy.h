// EdgePolicy: an edge with rules: which of the rows that wait are shed, in which order the others are taken, and when a
// batch is big or old enough to be taken.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/runtime/edge-rules.h"
#include "engine/runtime/metrics.h"
#include "engine/runtime/waiting-rows.h"

namespace weir::runtime {

/// No clock and no lock of its own: whoever calls says what time it is, in nanoseconds since 1970 as Entry::sinceNanos
/// has it here, and guards it.
class EdgePolicy {
 public:
  explicit EdgePolicy(const EdgeRules& rules)
      : rules_(rules),
        adaptive_({rules.threshold, rules.dropThreshold}),
        waiting_(rules.order, rules.rule == FullRule::dropLowestPriority) {}

  [[nodiscard]] const EdgeRules& rules() const { return rules_; }
  [[nodiscard]] Thresholds thresholds() const {
    return rules_.adaptive ? adaptive_.now() : Thresholds{rules_.threshold, rules_.dropThreshold};
  }
  [[nodiscard]] AdaptiveThresholds& adaptive() { return adaptive_; }
  [[nodiscard]] WaitingRows& waiting() { return waiting_; }
  [[nodiscard]] const WaitingRows& waiting() const { return waiting_; }
  [[nodiscard]] const DroppedRows& dropped() const { return dropped_; }

  /// Sheds what the rules say, now that `held` is in the consumer's hands (or fixed there) besides what waits, and
  /// gives what went.
  Amount shed(std::int64_t nowNanos, Amount held);
  /// A batch may be taken: it is big enough, or has waited long enough, or waiting is of no use (`last`: nothing will
  /// come that could be joined to it).
  [[nodiscard]] bool ready(std::int64_t nowNanos, bool last) const;
  /// When the passing of time alone makes the next difference; nullopt: never, as things are. After shed.
  [[nodiscard]] std::optional<std::int64_t> nextNanos(std::int64_t nowNanos) const;
  /// What one step may still put in. An edge that sheds always has some room; from the threshold on, room is given out
  /// in small parts, so that the producer comes back sooner and the consumer gets its turn.
  [[nodiscard]] Amount room(Amount inAll) const;

 private:
  Amount shedOver(Amount held);
  Amount shedStale(std::int64_t nowNanos, Amount held);
  [[nodiscard]] Amount lineAt(double share, const Amount& held) const;
  [[nodiscard]] bool shedsWaiting() const { return rules_.sheds() && rules_.rule != FullRule::dropNewest; }

  EdgeRules rules_;
  AdaptiveThresholds adaptive_;
  WaitingRows waiting_;
  DroppedRows dropped_;
  bool pressed_ = false;  // it was at dropThreshold and has not been below threshold since
};

}  // namespace weir::runtime
