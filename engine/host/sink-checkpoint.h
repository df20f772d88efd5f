// SinkCheckpoint: what has been written of a sink, kept by its target in the same transaction as the rows.
#pragma once

#include <cstdint>
#include <string>

#include "engine/data/error.h"

namespace weir {

struct SinkCheckpoint {
  std::string sink;
  std::uint64_t id = 0;
  bool ended = false;  // also all that came behind it, to the end of the input
  /// How often the sink has been taken over by a run that was resumed.
  std::uint64_t epoch = 0;
};

/// Whether what stands in the target holds `wanted` already. `state.fenced` if another run has taken the sink over.
[[nodiscard]] inline Result<bool> alreadyWritten(const SinkCheckpoint& wanted, const SinkCheckpoint& known) {
  if (known.epoch > wanted.epoch) {
    return fail("state.fenced", "a run that was resumed later has taken this sink over (epoch " +
                                    std::to_string(known.epoch) + ", and this run has " + std::to_string(wanted.epoch) +
                                    "); the rows that wait here are written by that one");
  }
  return known.ended || known.id > wanted.id || (known.id == wanted.id && !wanted.ended);
}

}  // namespace weir
