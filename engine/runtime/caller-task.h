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
};

/// At most `parallel` calls of the node's type are under way; with `ordered`, results leave in the order of the rows. A
/// call that takes longer than the node's timeoutMs has failed with `node.timeout`; what failed recoverably is begun
/// again as the node's `retry` says, and in the end its row fails.
[[nodiscard]] std::unique_ptr<CallerTask> makeCallerTask(std::shared_ptr<Caller> caller, const NodeState& state);

}  // namespace weir::runtime
