// A row that a person has changed as JSON, back as values.
#pragma once

#include "engine/data/error.h"
#include "engine/data/value.h"
#include "engine/json/value.h"

namespace weir::cli {

/// `fresh` in place of `old`: what reads the same stays as it was, what changed keeps its type where JSON has none for
/// it (a time, a duration, bytes, a double). Error `dead_letters.edit`: it is no map, or a text is none of that type;
/// the message names the field.
[[nodiscard]] Result<Value> editedRow(const Value& old, const json::Value& fresh);

}  // namespace weir::cli
