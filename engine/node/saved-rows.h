// Rows that a node holds back, saved with its state and restored.
#pragma once

#include "engine/data/batch.h"
#include "engine/node/state.h"

namespace weir {

/// One value: the rows with their envelope. Errors of writing Arrow, and of the writer.
Result<void> saveRows(const Batch& rows, StateWriter& to);
/// Error `state.mismatch` if what comes is no such value.
[[nodiscard]] Result<Batch> restoreRows(StateReader& from, MemoryAccount& account);

}  // namespace weir
