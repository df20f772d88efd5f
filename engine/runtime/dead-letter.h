// DeadLetter: a failed row as it is kept, and batches of them: what files of dead letters hold.
#pragma once

#include <cstdint>
#include <span>

#include "engine/data/packet.h"

namespace weir {

struct DeadLetter {
  ErrorPacket packet;
  std::int64_t timeMicros = 0;  // when it was set aside, UTC; 0: nobody knows
  bool edited = false;          // its row is no longer the one that failed
};

/// Those of error packets, and time, input, edited.
[[nodiscard]] const SchemaRef& deadLetterSchema();
/// Error `memory.limit`.
[[nodiscard]] Result<Batch> deadLetterBatch(std::span<const DeadLetter> letters, MemoryAccount& account);
/// Whether a batch of this schema holds dead letters: those of error packets are enough, as older files have them.
[[nodiscard]] bool holdsDeadLetters(const SchemaRef& schema);
/// Row `row` of such a batch; it shares the batch's memory.
[[nodiscard]] DeadLetter deadLetterOf(const Batch& batch, std::int64_t row);

}  // namespace weir
