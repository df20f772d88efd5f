// JSON Patch (RFC 6902): changes of a document, one after the other.
#pragma once

#include <cstddef>

#include "engine/data/error.h"
#include "engine/json/value.h"

namespace weir::json {

/// What a patch may make of a document and how long it may take: some operations of a few bytes double it, or put it
/// into itself.
struct PatchLimits {
  std::size_t bytes = std::size_t{64} << 20;  // of what is copied into the document, all operations together
  std::size_t operations = 100'000;           // in one patch
  std::size_t steps = std::size_t{1} << 28;   // members and elements passed on the way and moved aside
};

/// Applies a list of operations: add, remove, replace, move, copy, test. All are done, or `document` is as before.
/// Error `json.patch`, whose message names the operation by its place and what is wrong with it; `json.too_large` and
/// `json.too_deep` (more than 512 levels) for what goes beyond the limits.
Result<void> applyPatch(Value& document, const Value& patch, const PatchLimits& limits = {});

}  // namespace weir::json
