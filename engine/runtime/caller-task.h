// CallerTask: runs a Caller's calls: so many at once, in order or not, each within its time and tries.
#pragma once

#include <memory>

#include "engine/node/task.h"
#include "engine/runtime/node-state.h"

namespace weir::runtime {

class CallerTask : public Task {
 public:
  /// Calls are under way: the task waits for the host, whatever else it waits for.
  [[nodiscard]] virtual bool callsUnderWay() const = 0;
  /// What has happened since the last time goes to the node's counters and the run's events; under the run's lock.
  virtual void report() = 0;
};

/// At most `parallel` calls of the node's type are under way; with `ordered`, results leave in the order of the rows. A
/// call that takes longer than the node's timeoutMs has failed with `node.timeout`; what failed recoverably is begun
/// again as the node's `retry` says, and in the end its row fails. While the node's breaker keeps calls back, or the
/// other side asked for time, rows wait here, so many and no more; at an open breaker only those of a node that tries
/// again: without retries they fail at once with `node.breaker_open`.
[[nodiscard]] std::unique_ptr<CallerTask> makeCallerTask(std::shared_ptr<Caller> caller, NodeState& state);

}  // namespace weir::runtime
