// Number literals of CEL.
#include "engine/cel/number-literal.h"

#include <charconv>

#include "engine/data/number-text.h"

namespace weir::cel {
namespace {

[[nodiscard]] bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] bool isHex(char c) noexcept { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

[[nodiscard]] char at(std::string_view text, std::size_t index) noexcept {
  return index < text.size() ? text[index] : '\0';
}

[[nodiscard]] std::size_t skipDigits(std::string_view text, std::size_t from) noexcept {
  while (isDigit(at(text, from))) ++from;
  return from;
}

// The length of an exponent such as e-10 at `from`, or 0.
[[nodiscard]] std::size_t exponentLength(std::string_view text, std::size_t from) noexcept {
  if (at(text, from) != 'e' && at(text, from) != 'E') return 0;
  const std::size_t sign = at(text, from + 1) == '+' || at(text, from + 1) == '-' ? 1 : 0;
  const auto end = skipDigits(text, from + 1 + sign);
  return end == from + 1 + sign ? 0 : end - from;
}

[[nodiscard]] ScannedNumber integer(std::string_view digits, int base, std::size_t length, bool isUnsigned) {
  ScannedNumber result;
  result.length = length;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  constexpr std::uint64_t kTwo63 = std::uint64_t{1} << 63;
  if (error != std::errc{} || (!isUnsigned && value > kTwo63)) {
    result.error = isUnsigned ? "This number is beyond uint (0 to 18446744073709551615)."
                              : "This number is beyond int (-9223372036854775808 to 9223372036854775807); add .0 for a "
                                "double or u for a uint.";
    return result;
  }
  result.minInt = !isUnsigned && value == kTwo63;
  result.value = isUnsigned ? Value::uint64(value) : Value::int64(static_cast<std::int64_t>(value));
  return result;
}

}  // namespace

ScannedNumber scanNumber(std::string_view text) {
  const auto isUnsignedMark = [&](std::size_t index) { return at(text, index) == 'u' || at(text, index) == 'U'; };
  if (text[0] == '0' && (at(text, 1) == 'x' || at(text, 1) == 'X')) {
    std::size_t end = 2;
    while (isHex(at(text, end))) ++end;
    if (end == 2)
      return {.length = 2, .value = {}, .minInt = false, .error = "Hexadecimal digits are missing behind 0x."};
    const bool isUnsigned = isUnsignedMark(end);
    return integer(text.substr(2, end - 2), 16, end + (isUnsigned ? 1 : 0), isUnsigned);
  }
  std::size_t end = skipDigits(text, 0);
  bool isDouble = false;
  if (at(text, end) == '.' && isDigit(at(text, end + 1))) {
    isDouble = true;
    end = skipDigits(text, end + 1);
  }
  if (const auto exponent = exponentLength(text, end); exponent != 0) {
    isDouble = true;
    end += exponent;
  }
  if (!isDouble) {
    const bool isUnsigned = isUnsignedMark(end);
    return integer(text.substr(0, end), 10, end + (isUnsigned ? 1 : 0), isUnsigned);
  }
  ScannedNumber result;
  result.length = end;
  const auto parsed = parseDouble(text.substr(0, end));
  if (parsed.status == NumberStatus::kOverflow) result.error = "This number is beyond double (about 1.8e308).";
  result.value = Value::float64(parsed.value);
  return result;
}

}  // namespace weir::cel
