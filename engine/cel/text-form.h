// Texts of values: as string() gives them, and as %s of format() does.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/value.h"

namespace weir::cel {

/// The shortest text that reads back: `0.1`, `1e+300`, `NaN`, `Infinity`, `-Infinity`.
[[nodiscard]] std::string doubleText(double value);
/// The same without an exponent.
[[nodiscard]] std::string plainDoubleText(double value);
/// RFC 3339, UTC, fewest digits of fraction.
[[nodiscard]] std::string timestampText(const Value& value);
[[nodiscard]] std::string durationText(const Value& value);
/// net.IP and net.CIDR, as RFC 5952 writes them.
[[nodiscard]] std::string opaqueText(const Value& value);
/// A quoted CEL string literal with all that does not print escaped.
[[nodiscard]] std::string quoted(std::string_view text);
/// What %s writes. False if the value has no text (an optional, a blob).
[[nodiscard]] bool appendText(std::string& out, const Value& value);

}  // namespace weir::cel
