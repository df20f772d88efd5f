// Arrow's C data interface: batches in and out without a copy, across any library boundary.
#pragma once

#include <cstdint>

#include "engine/data/batch.h"

// As the specification has them, so that several libraries' headers may meet.
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

extern "C" {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

}  // extern "C"

#endif

namespace weir::arrow {

/// Fills in both; each keeps what it refers to alive until its `release` is called, by whomever, on any thread. The
/// batch becomes a struct array. Strings that are dictionaries stay so. Error `memory.limit` (making it dense).
Result<void> exportBatch(const Batch& batch, ArrowArray* array, ArrowSchema* schema);
/// Of a schema without rows (no field is a dictionary).
void exportSchema(const Schema& schema, ArrowSchema* to);

/// Takes both over (their `release` is null afterwards, also on error). A struct array; types as arrow-type.h says. The
/// interface tells no buffer sizes, so those are trusted; offsets, codes, texts and encoded values are checked. Errors
/// `arrow.invalid`, `arrow.unsupported`, `memory.limit`.
[[nodiscard]] Result<Batch> importBatch(ArrowArray* array, ArrowSchema* schema, MemoryAccount& account);

}  // namespace weir::arrow
