// The JSON form of cel.expr.Value, in which the conformance suite writes values.
#pragma once

#include <string>

#include "engine/data/error.h"
#include "engine/data/value.h"
#include "engine/json/value.h"

namespace weir::cel {

/// Error `cel.unsupported` for protobuf messages other than Timestamp, Duration and the wrappers of scalars.
[[nodiscard]] Result<Value> fromExprValue(const json::Value& json);
[[nodiscard]] json::Value toExprValue(const Value& value);

}  // namespace weir::cel
