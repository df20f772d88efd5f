// Recovery: what a node tries again and what then succeeds, as counters and as events at a bounded rate.
#pragma once

#include <cstdint>
#include <string>

#include "engine/data/error.h"
#include "engine/runtime/run-events.h"

namespace weir::runtime {

struct NodeState;

/// Lets so many through in a second.
class PerSecond {
 public:
  explicit PerSecond(int most) : most_(most) {}
  [[nodiscard]] bool allows(std::int64_t nowMicros) {
    const auto second = nowMicros / 1'000'000;
    if (second != second_) {
      second_ = second;
      used_ = 0;
    }
    return used_++ < most_;
  }

 private:
  int most_, used_ = 0;
  std::int64_t second_ = INT64_MIN;
};

/// Of one node; guarded by the run's lock. Times are Clock::nowMicros.
class Recovery {
 public:
  /// So many tries failed and will be repeated; `last` is why the last one did.
  void retried(NodeState& node, std::int64_t tries, const Error& last, std::int64_t nowMicros);
  /// What failed first at `sinceMicros` has now succeeded.
  void recovered(NodeState& node, std::int64_t sinceMicros, std::int64_t nowMicros);
  /// Another event of this node, unless there were too many in this second.
  void say(NodeState& node, EventSeverity severity, std::string kind, std::string message, std::int64_t nowMicros);

 private:
  PerSecond retrying_{1}, recovering_{1}, others_{10};
  std::int64_t triesUnsaid_ = 0, recoveredUnsaid_ = 0;
};

}  // namespace weir::runtime
