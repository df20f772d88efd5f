// Text to number and back: exact, fast, the same on every target; for CSV, JSON and expressions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

enum class NumberStatus : std::uint8_t {
  kOk,
  kNotANumber,  // nothing that could be a number at the start
  kTrailing,    // a number, then something else from `consumed` on
  kOverflow,    // too large (or, for unsigned, negative); a double is then +-infinity
};

template <class T>
struct NumberResult {
  T value{};
  NumberStatus status = NumberStatus::kNotANumber;
  /// How many characters belong to the number.
  std::int64_t consumed = 0;

  /// The whole text is one number that fits.
  [[nodiscard]] constexpr bool ok() const noexcept { return status == NumberStatus::kOk; }
};

/// How a number is written. `thousands` 0: none; else it may stand between groups of three digits before the decimal
/// sign ("1.234.567,8"), and either all groups are separated or none.
struct NumberFormat {
  char decimal = '.';
  char thousands = 0;
};

/// [+-]digits. No spaces.
[[nodiscard]] NumberResult<std::int64_t> parseInt64(std::string_view text) noexcept;
/// [+]digits.
[[nodiscard]] NumberResult<std::uint64_t> parseUint64(std::string_view text) noexcept;
/// [+-]digits[.digits][(e|E)[+-]digits], digits on at least one side of the point; no hexadecimal, no "inf", no "nan".
/// The nearest double, ties to even. A non-zero number too small for a double is 0 (kOk).
[[nodiscard]] NumberResult<double> parseDouble(std::string_view text) noexcept;

[[nodiscard]] NumberResult<std::int64_t> parseInt64(std::string_view text, NumberFormat format);
[[nodiscard]] NumberResult<double> parseDouble(std::string_view text, NumberFormat format);

/// What a text can be read as without losing anything: type inference of text formats.
enum class NumberShape : std::uint8_t {
  kText,     // not a number, or one with leading zeros ("007"), or an integer beyond int64
  kInteger,  // reads as int64
  kDouble,   // has a decimal sign or an exponent and is finite
};

/// Leading zeros ("007", "00.5") and a leading '+' stay text: they are codes and phone numbers. So do integers beyond
/// int64, which a double would round. "-0" is a double: an integer would lose its sign.
[[nodiscard]] NumberShape shapeOfNumber(std::string_view text, NumberFormat format = {});

[[nodiscard]] inline bool looksLikeInteger(std::string_view text) {
  return shapeOfNumber(text) == NumberShape::kInteger;
}

/// Enough for any of the write functions below.
inline constexpr std::int64_t kNumberTextBytes = 32;

/// Writes the number at `out` (room for kNumberTextBytes) and returns the end.
char* writeInt64(char* out, std::int64_t value) noexcept;
char* writeUint64(char* out, std::uint64_t value) noexcept;
/// The shortest digits that read back as the same double, laid out as ECMAScript does (an exponent from 1e21 on and
/// below 1e-6): "0.1", "100000", "0.00001", "1e+300", but "-0"; "inf", "-inf", "nan" (no sign).
char* writeDouble(char* out, double value) noexcept;

void appendInt64(std::string& text, std::int64_t value);
void appendUint64(std::string& text, std::uint64_t value);
void appendDouble(std::string& text, double value);

}  // namespace weir
