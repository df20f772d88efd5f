// startPartition: which partition the rows of a source are in that cannot be read again.
#pragma once

#include "engine/node/node-context.h"

namespace weir {

/// Of each start another: what comes after a restart is never taken for a row that an earlier start gave. A source that
/// reads the same rows again after a restart saves its partition with its position instead.
[[nodiscard]] inline Partition startPartition(NodeContext& context) {
  return static_cast<Partition>(static_cast<std::uint64_t>(context.nowMicros()) & 0x7FFF'FFFFU);
}

}  // namespace weir
