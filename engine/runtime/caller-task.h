// CallerTask: runs a Caller's calls: so many at once, in order or not, each within its time.
#pragma once

#include <memory>

#include "engine/flow/plan.h"
#include "engine/node/task.h"

namespace weir::runtime {

/// At most `parallel` calls of the node's type are under way; with `ordered`, results leave in the order of the rows.
[[nodiscard]] std::unique_ptr<Task> makeCallerTask(std::shared_ptr<Caller> caller, const PlannedNode& node);

}  // namespace weir::runtime
