// PostgreSQL's texts as values, and values as its texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/data/type.h"
#include "engine/data/value.h"

namespace weir::native {

/// Of a type's oid; what is not known is a string.
[[nodiscard]] TypeRef postgresType(std::uint32_t oid);
/// What cannot be read as that type (infinity as a time) stays a string.
[[nodiscard]] Value postgresValue(std::uint32_t oid, std::string_view text);
/// As the server reads it, whatever type the parameter has; nothing for null. `sql.type` for texts with a NUL byte.
[[nodiscard]] Result<std::optional<std::string>> postgresText(const Value& value);

}  // namespace weir::native
