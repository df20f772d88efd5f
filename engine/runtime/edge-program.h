// What an edge does on the wire: its filter (by selection vector), then its transform.
#pragma once

#include <vector>

#include "engine/data/batch.h"
#include "engine/runtime/link.h"

namespace weir::runtime {

/// A row that an edge's expression could not compute.
struct EdgeFailure {
  Value row;
  Error error;
  EnvelopePlace place;  // of the row
  TraceId trace;        // if one is stored
};

struct OnWire {
  Batch batch;  // may be empty (no rows)
  std::int64_t filtered = 0, filteredNull = 0;
  std::vector<EdgeFailure> failures;
};

/// Applies the expressions of `link` to a batch; a link without any gives the batch back. Errors: `memory.limit`,
/// `settings.type` (a transform that gives no map).
[[nodiscard]] Result<OnWire> sendThrough(const Link& link, const Batch& batch, MemoryAccount& account);

}  // namespace weir::runtime
