// NodeParts: one node made ready to run, before it is part of the run.
#pragma once

#include <memory>
#include <vector>

#include "engine/runtime/node-state.h"
#include "engine/runtime/stage-marks.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {

/// Its units know their links; the links do not know them yet.
struct NodeParts {
  std::unique_ptr<NodeState> state;
  std::vector<std::unique_ptr<StageMarks>> stages;
  std::vector<std::unique_ptr<Unit>> units;
  std::vector<std::unique_ptr<Link>> links;  // between its stages
};

/// A plan with the links of its edges, in the same order.
struct WiredPlan {
  const Plan& plan;
  const std::vector<Link*>& links;
};

}  // namespace weir::runtime
