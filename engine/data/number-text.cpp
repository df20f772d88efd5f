// Text to number: eight digits at a time; doubles by Clinger's (1990) exact case, else by Eisel and Lemire's (2021)
// 128-bit product, else by std::from_chars.
#include "engine/data/number-text.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <limits>

#include "engine/data/number-text-powers.h"
#include "engine/data/wide-multiply.h"

namespace weir {
namespace {

constexpr bool isDigit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }

constexpr bool kLittleEndian = std::endian::native == std::endian::little;

bool areEightDigits(std::uint64_t word) noexcept {
  return (((word + 0x4646464646464646U) | (word - 0x3030303030303030U)) & 0x8080808080808080U) == 0;
}

/// The value of eight digits loaded little-endian: pairs, then fours, then all (Lemire 2018).
std::uint64_t valueOfEightDigits(std::uint64_t word) noexcept {
  word -= 0x3030303030303030U;
  word = word * 10 + (word >> 8);
  const std::uint64_t even = (word & 0x000000FF000000FFU) * 0x000F424000000064U;
  const std::uint64_t odd = ((word >> 16) & 0x000000FF000000FFU) * 0x0000271000000001U;
  return (even + odd) >> 32;
}

/// Reads digits into `value`, which wraps after 19; returns the end.
const char* readDigits(const char* at, const char* end, std::uint64_t& value) noexcept {
  std::uint64_t sum = value;
  if constexpr (kLittleEndian) {
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, 8);
      if (!areEightDigits(word)) break;
      sum = sum * 100000000 + valueOfEightDigits(word);
      at += 8;
    }
  }
  while (at != end && isDigit(*at)) {
    sum = sum * 10 + static_cast<std::uint64_t>(*at - '0');
    ++at;
  }
  value = sum;
  return at;
}

struct Magnitude {
  std::uint64_t value = 0;
  const char* end = nullptr;  // null: no digit
  bool overflow = false;
};

Magnitude readMagnitude(const char* at, const char* end) noexcept {
  Magnitude result;
  const char* after = readDigits(at, end, result.value);
  if (after == at) return result;
  result.end = after;
  if (after - at < 20) return result;
  // Twenty digits or more: skip zeros, then do it again with a check.
  while (at != after && *at == '0') ++at;
  if (after - at > 20) {
    result.overflow = true;
    return result;
  }
  result.value = 0;
  for (; at != after; ++at) {
    const auto digit = static_cast<std::uint64_t>(*at - '0');
    if (result.value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
      result.overflow = true;
      return result;
    }
    result.value = result.value * 10 + digit;
  }
  return result;
}

constexpr std::array<double, 23> kExactPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Converted {
  double value;
  bool certain;
};

/// w * 10^q rounded to the nearest double (Eisel and Lemire; Lemire 2021, "Number parsing at a gigabyte per second",
/// with Mushtak and Lemire 2023: the product never needs more bits). w is not 0.
Converted convert(std::uint64_t w, std::int64_t q) noexcept {
  if (q < numbertext::kSmallestPower) return {0.0, true};
  if (q > numbertext::kLargestPower) return {kInfinity, true};
  const int zeros = std::countl_zero(w);
  w <<= zeros;
  const auto& power = numbertext::kPowers[static_cast<std::size_t>(q - numbertext::kSmallestPower)];
  WideProduct product = wideMultiply(w, power.high);
  if ((product.high & 0x1FF) == 0x1FF) {
    const WideProduct second = wideMultiply(w, power.low);
    product.low += second.high;
    if (product.low < second.high) ++product.high;
  }
  if (product.low == ~std::uint64_t{0} && (q < -27 || q > 55)) return {0, false};
  const int upper = static_cast<int>(product.high >> 63);
  std::uint64_t mantissa = product.high >> (upper + 9);
  // floor(q * log2(10)) + 63, then the exponent field.
  const auto exponent = static_cast<std::int64_t>((217706 * q) >> 16) + 63;
  std::int64_t field = exponent + upper - zeros + 1023;
  if (field <= 0) {
    if (field <= -63) return {0.0, true};
    mantissa >>= 1 - field;
    mantissa += mantissa & 1;
    mantissa >>= 1;
    return {std::bit_cast<double>(mantissa), true};
  }
  if (product.low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << (upper + 9) == product.high) {
    mantissa &= ~std::uint64_t{1};  // exactly half way: to even
  }
  mantissa += mantissa & 1;
  mantissa >>= 1;
  if (mantissa >= std::uint64_t{1} << 53) {
    mantissa = std::uint64_t{1} << 52;
    ++field;
  }
  if (field >= 2047) return {kInfinity, true};
  return {std::bit_cast<double>((mantissa & 0x000FFFFFFFFFFFFFU) | (static_cast<std::uint64_t>(field) << 52)), true};
}

/// The parts of a decimal text.
struct Decimal {
  std::uint64_t digits = 0;  // wraps when there are more than 19
  std::int64_t exponent = 0;
  std::int64_t digitCount = 0;
  const char* first = nullptr;
  const char* end = nullptr;  // null: not a number
  bool negative = false;
};

std::int64_t readExponent(const char*& at, const char* end) noexcept {
  const char* start = at + 1;
  bool negative = false;
  if (start != end && (*start == '-' || *start == '+')) negative = *start++ == '-';
  if (start == end || !isDigit(*start)) return 0;  // "1e" is the number 1 and a trailing text
  std::int64_t value = 0;
  while (start != end && isDigit(*start)) {
    if (value < 100000000) value = value * 10 + (*start - '0');
    ++start;
  }
  at = start;
  return negative ? -value : value;
}

Decimal readDecimal(const char* at, const char* end) noexcept {
  Decimal decimal;
  if (at != end && (*at == '-' || *at == '+')) decimal.negative = *at++ == '-';
  decimal.first = at;
  const char* point = readDigits(at, end, decimal.digits);
  decimal.digitCount = point - at;
  at = point;
  if (at != end && *at == '.') {
    const char* after = readDigits(at + 1, end, decimal.digits);
    decimal.exponent = at + 1 - after;
    decimal.digitCount -= decimal.exponent;
    at = after;
  }
  if (decimal.digitCount == 0) return decimal;
  if (at != end && (*at == 'e' || *at == 'E')) decimal.exponent += readExponent(at, end);
  decimal.end = at;
  return decimal;
}

/// The library's exact conversion, for what the fast ways do not decide; `text` has been checked.
double convertSlowly(const char* first, const char* end, std::int64_t exponent) noexcept {
  double value = 0;
  const auto result = std::from_chars(first, end, value);
  if (result.ec == std::errc::result_out_of_range) return exponent > 0 ? kInfinity : 0.0;
  return value;
}

/// More than 19 digits: leading zeros do not count; the first 19 decide unless the next integer differs.
double convertLong(const Decimal& decimal) noexcept {
  std::uint64_t digits = 0;
  std::int64_t taken = 0;
  std::int64_t left = decimal.digitCount;
  bool rest = false;
  for (const char* at = decimal.first; left > 0; ++at) {
    if (!isDigit(*at)) continue;  // the point
    if (taken < 19) {
      digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
      if (digits != 0) ++taken;
    } else if (*at != '0') {
      rest = true;
    }
    --left;
    if (taken == 19 && rest) break;
  }
  // What follows the 19 digits moves the exponent.
  std::int64_t skipped = 0;
  std::int64_t seen = 0;
  left = decimal.digitCount;
  for (const char* at = decimal.first; left > 0; ++at) {
    if (!isDigit(*at)) continue;
    --left;
    if (seen == 0 && *at == '0') continue;
    if (++seen > 19) {
      skipped = left + 1;
      break;
    }
  }
  if (digits == 0) return 0.0;
  const std::int64_t exponent = decimal.exponent + skipped;
  const Converted low = convert(digits, exponent);
  if (low.certain && !rest) return low.value;
  const Converted high = convert(digits + 1, exponent);
  if (low.certain && high.certain && low.value == high.value) return low.value;
  return convertSlowly(decimal.first, decimal.end, exponent + 19);
}

double convertDecimal(const Decimal& decimal) noexcept {
  if (decimal.digitCount > 19) return convertLong(decimal);
  const std::int64_t exponent = decimal.exponent;
  if (decimal.digits <= std::uint64_t{1} << 53 && exponent >= -22 && exponent <= 22) {
    const auto digits = static_cast<double>(static_cast<std::int64_t>(decimal.digits));
    return exponent < 0 ? digits / kExactPowers[static_cast<std::size_t>(-exponent)]
                        : digits * kExactPowers[static_cast<std::size_t>(exponent)];
  }
  if (decimal.digits == 0) return 0.0;
  const Converted result = convert(decimal.digits, exponent);
  return result.certain ? result.value : convertSlowly(decimal.first, decimal.end, exponent + 19);
}

NumberStatus statusAt(const char* at, const char* end) noexcept {
  return at == end ? NumberStatus::kOk : NumberStatus::kTrailing;
}

}  // namespace

NumberResult<std::int64_t> parseInt64(std::string_view text) noexcept {
  const char* at = text.data();
  const char* end = at + text.size();
  bool negative = false;
  if (at != end && (*at == '-' || *at == '+')) negative = *at++ == '-';
  const Magnitude magnitude = readMagnitude(at, end);
  if (magnitude.end == nullptr) return {};
  const std::int64_t consumed = magnitude.end - text.data();
  const std::uint64_t limit = (std::uint64_t{1} << 63) - (negative ? 0 : 1);
  if (magnitude.overflow || magnitude.value > limit) return {0, NumberStatus::kOverflow, consumed};
  const std::uint64_t bits = negative ? 0 - magnitude.value : magnitude.value;
  return {static_cast<std::int64_t>(bits), statusAt(magnitude.end, end), consumed};
}

NumberResult<std::uint64_t> parseUint64(std::string_view text) noexcept {
  const char* at = text.data();
  const char* end = at + text.size();
  bool negative = false;
  if (at != end && (*at == '-' || *at == '+')) negative = *at++ == '-';
  const Magnitude magnitude = readMagnitude(at, end);
  if (magnitude.end == nullptr) return {};
  const std::int64_t consumed = magnitude.end - text.data();
  if (magnitude.overflow || (negative && magnitude.value != 0)) return {0, NumberStatus::kOverflow, consumed};
  return {magnitude.value, statusAt(magnitude.end, end), consumed};
}

NumberResult<double> parseDouble(std::string_view text) noexcept {
  const char* end = text.data() + text.size();
  const Decimal decimal = readDecimal(text.data(), end);
  if (decimal.end == nullptr) return {};
  const double size = convertDecimal(decimal);
  const std::int64_t consumed = decimal.end - text.data();
  const NumberStatus status = size == kInfinity ? NumberStatus::kOverflow : statusAt(decimal.end, end);
  return {decimal.negative ? -size : size, status, consumed};
}

}  // namespace weir
