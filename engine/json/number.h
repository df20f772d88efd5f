// Numbers of JSON, both ways: the grammar of RFC 8259, exact reading, shortest writing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/json/problem.h"

namespace weir::json {

enum class NumberKind : std::uint8_t { int64, uint64, float64 };

/// A number without fraction and exponent is an int64 if it fits, else a uint64, else a double.
struct Number {
  NumberKind kind = NumberKind::int64;
  union {
    std::int64_t int64 = 0;
    std::uint64_t uint64;
    double float64;
  };

  /// The nearest double, whatever the kind.
  [[nodiscard]] double asDouble() const {
    if (kind == NumberKind::float64) return float64;
    return kind == NumberKind::int64 ? static_cast<double>(int64) : static_cast<double>(uint64);
  }
};

/// Checks the grammar only. 24 bytes from `begin` on must be readable. Fault: none, badNumber, leadingZero.
[[nodiscard]] Fault checkNumber(const char* begin, const char* end);

/// Reads [begin, end) as a whole, correctly rounded; 24 bytes from `begin` on must be readable. Too small for a double
/// is 0; too large is Fault::numberRange.
[[nodiscard]] Fault parseNumber(const char* begin, const char* end, Number& out);

/// The same for a text without readable bytes behind it.
[[nodiscard]] Result<Number> parseNumber(std::string_view text);

/// Appends all digits.
void appendInt(std::string& out, std::int64_t value);
void appendUint(std::string& out, std::uint64_t value);

/// Appends the shortest text that reads back as the same double, laid out as ECMAScript does (RFC 8785): `5`, `0.1`,
/// `1e+21`. Minus zero is `-0.0`. What is no number in JSON becomes `"NaN"`, `"Infinity"` or `"-Infinity"`, in quotes.
void appendDouble(std::string& out, double value);

}  // namespace weir::json
