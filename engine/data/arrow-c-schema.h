// What a foreign ArrowSchema says, read once for all arrays that follow it.
#pragma once

#include "engine/data/arrow-c.h"
#include "engine/data/arrow-type.h"

namespace weir::arrow {

struct ForeignSchema {
  ArrowField root;  // a struct, settled
  SchemaRef schema;
};

/// Reads, releases nothing. Errors `arrow.invalid`, `arrow.unsupported`.
[[nodiscard]] Result<ForeignSchema> readForeignSchema(const ArrowSchema& schema);
/// Takes the array over, also on error.
[[nodiscard]] Result<Batch> importArray(ArrowArray* array, const ForeignSchema& schema, MemoryAccount& account);

/// The batch's columns with the entries of dictionaries in the place of their codes, nested ones too: dense.
[[nodiscard]] Result<Batch> withoutDictionaries(const Batch& batch, MemoryAccount& account);

}  // namespace weir::arrow
