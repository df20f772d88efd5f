// The envelope as a column: the last field `weir.envelope` of a stream.
#pragma once

#include "engine/data/batch.h"

namespace weir::arrow {

/// {origin: uint, partition: uint, sequence: uint, timestamp: timestamp, priority: int, trace: bytes?}; a derived trace
/// is null.
[[nodiscard]] const TypeRef& envelopeType();
/// One row per row of a dense batch.
[[nodiscard]] Result<Column> envelopeColumn(const Batch& batch, MemoryAccount& account);
/// Back from the column; rows of several origins keep their times and traces, and are numbered on (see concat).
[[nodiscard]] Envelope envelopeOf(const Column& column);

}  // namespace weir::arrow
