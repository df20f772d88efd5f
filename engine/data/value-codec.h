// Values as bytes: compact, tagged, self-delimiting. For `any` columns, node state and dead letters.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/data/value.h"

namespace weir {

/// How deep lists, maps and optionals may nest.
inline constexpr int kMaxValueDepth = 200;

/// Appends the encoding: one tag byte, then varints, 8-byte doubles (NaN in one form) and length-prefixed texts. Equal
/// structure gives equal bytes. Error `value.too_deep`, and `to` is as before.
Result<void> encodeValue(const Value& value, std::string& to);
/// Reads one value from the front of `from` and moves past it. Safe on any bytes. Error `value.corrupt`.
[[nodiscard]] Result<Value> decodeValue(std::string_view& from);
/// Exactly one value and nothing behind it.
[[nodiscard]] Result<Value> decodeWholeValue(std::string_view from);

}  // namespace weir
