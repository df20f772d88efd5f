// JSON Patch (RFC 6902): changes of a document, one after the other.
#pragma once

#include "engine/data/error.h"
#include "engine/json/value.h"

namespace weir::json {

/// Applies a list of operations: add, remove, replace, move, copy, test. All are done, or `document` is as before.
/// Error `json.patch`, whose message names the operation by its place and what is wrong with it.
Result<void> applyPatch(Value& document, const Value& patch);

}  // namespace weir::json
