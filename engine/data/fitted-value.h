// A value as JSON or a person writes it, as a field's type wants it.
#pragma once

#include "engine/data/type.h"
#include "engine/data/value.h"

namespace weir {

/// Texts of times, durations and bytes, whole numbers of uint, and microseconds of times and durations become values of
/// the type; all others stay what they are.
[[nodiscard]] Value fittedValue(const Value& value, const Type& type);

}  // namespace weir
