// Which rows are made again when a run goes on from a checkpoint, and which edges must keep theirs because nobody
// would.
#pragma once

#include <vector>

#include "engine/flow/plan.h"

namespace weir::runtime {

struct MadeAgain {
  std::vector<bool> nodes;    // what the node gives is made again
  std::vector<bool> journal;  // by edge: durable, and its rows would not be made again
};

/// `forgets`, by node: a source that cannot send again what it has given. What durable edges keep comes out of the
/// journal, so what is made of it behind them is made again.
[[nodiscard]] MadeAgain madeAgain(const Plan& plan, const std::vector<bool>& forgets);

}  // namespace weir::runtime
