// Reading numbers exactly, and writing them as short as possible.
#include "engine/json/number.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/data/number-text.h"
#include "engine/simd/simd.h"

namespace weir::json {
namespace {

bool isDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Bit i: byte i of the 16 is no digit.
std::uint32_t nonDigits(const char* p) {
  simd::u8x16 v;
  std::memcpy(&v, p, sizeof v);
  const auto other = reinterpret_cast<simd::u8x16>((v - static_cast<std::uint8_t>('0')) > 9);
#if defined(__SSE2__)
  return static_cast<std::uint32_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(other)));
#elif defined(__wasm_simd128__)
  return wasm_i8x16_bitmask(reinterpret_cast<v128_t>(other));
#else
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < 16; ++i) bits |= static_cast<std::uint32_t>(other[i] & 1U) << i;
  return bits;
#endif
}

// The parts of a number's text, found by the grammar.
struct Parts {
  const char* integer;     // first digit
  const char* integerEnd;  // behind the last digit before the point
  const char* fraction;    // first digit behind the point, or integerEnd
  const char* fractionEnd;
  const char* exponent;  // sign or first digit behind the e, or fractionEnd
  bool negative;
};

Fault split(const char* p, const char* end, Parts& parts) {
  parts.negative = p < end && *p == '-';
  if (parts.negative) ++p;
  parts.integer = p;
  while (p < end && isDigit(*p)) ++p;
  parts.integerEnd = parts.fraction = p;
  if (p == parts.integer) return Fault::badNumber;
  if (*parts.integer == '0' && p - parts.integer > 1) return Fault::leadingZero;
  if (p < end && *p == '.') {
    parts.fraction = ++p;
    while (p < end && isDigit(*p)) ++p;
    if (p == parts.fraction) return Fault::badNumber;
  }
  parts.fractionEnd = parts.exponent = p;
  if (p < end && (*p == 'e' || *p == 'E')) {
    parts.exponent = ++p;
    if (p < end && (*p == '+' || *p == '-')) ++p;
    const char* const digits = p;
    while (p < end && isDigit(*p)) ++p;
    if (p == digits) return Fault::badNumber;
  }
  return p == end ? Fault::none : Fault::badNumber;
}

// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kExactPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::array<std::uint64_t, 8> kPowers = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000};
constexpr std::uint64_t kExactInteger = std::uint64_t{1} << 53U;

// One operation on two exact doubles is correctly rounded (W. Clinger: "How to Read Floating Point Numbers Accurately",
// PLDI 1990). False if the number is not of that kind.
bool exactDouble(std::uint64_t digits, std::int64_t exponent, bool negative, double& out) {
  if (digits > kExactInteger || exponent < -22 || exponent > 22) return false;
  const auto value = static_cast<double>(static_cast<std::int64_t>(digits));
  out = exponent < 0 ? value / kExactPowers[static_cast<std::size_t>(-exponent)]
                     : value * kExactPowers[static_cast<std::size_t>(exponent)];
  if (negative) out = -out;
  return true;
}

Fault anyDouble(const char* begin, const char* end, Number& out) {
  const auto read = parseDouble(std::string_view(begin, static_cast<std::size_t>(end - begin)));
  out.kind = NumberKind::float64;
  out.float64 = read.value;
  return read.ok() ? Fault::none : Fault::numberRange;
}

// The first `count` (1 to 8) bytes at `p` as digits, by three multiplications; eight are read.
std::uint64_t fewDigits(const char* p, unsigned count) {
  std::uint64_t v = 0;
  std::memcpy(&v, p, sizeof v);
  // Bytes in front of the number become zeros.
  v <<= 64 - 8 * count;
  v = (v & 0x0F0F0F0F0F0F0F0FU) * 2561 >> 8U;
  v = (v & 0x00FF00FF00FF00FFU) * 6553601 >> 16U;
  return (v & 0x0000FFFF0000FFFFU) * 42949672960001 >> 32U;
}

std::uint64_t digitsOf(const char* p, const char* end, std::uint64_t value) {
  for (; end - p >= 8; p += 8) value = value * 100'000'000 + fewDigits(p, 8);
  for (; p < end; ++p) value = value * 10 + static_cast<std::uint64_t>(*p - '0');
  return value;
}

Fault parseInteger(const char* begin, const char* end, const Parts& parts, Number& out) {
  const auto count = parts.integerEnd - parts.integer;
  if (count > 20) return anyDouble(begin, end, out);
  std::uint64_t value = digitsOf(parts.integer, parts.integerEnd - (count == 20 ? 1 : 0), 0);
  if (count == 20) {
    const auto last = static_cast<std::uint64_t>(parts.integerEnd[-1] - '0');
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    if (value > kMax / 10 || (value == kMax / 10 && last > kMax % 10)) return anyDouble(begin, end, out);
    value = value * 10 + last;
  }
  constexpr std::uint64_t kMinMagnitude = std::uint64_t{1} << 63U;
  if (parts.negative) {
    if (value > kMinMagnitude) return anyDouble(begin, end, out);
    out.kind = NumberKind::int64;
    out.int64 = static_cast<std::int64_t>(0 - value);
  } else if (value < kMinMagnitude) {
    out.kind = NumberKind::int64;
    out.int64 = static_cast<std::int64_t>(value);
  } else {
    out.kind = NumberKind::uint64;
    out.uint64 = value;
  }
  return Fault::none;
}

std::int64_t exponentOf(const char* p, const char* end) {
  const bool negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  std::int64_t value = 0;
  for (; p < end && value < 100'000; ++p) value = value * 10 + (*p - '0');
  return negative ? -value : value;
}

// Numbers of at most eight digits before the point and eight behind it, without a branch a digit. False: not of that
// kind.
bool parseShort(const char* begin, const char* end, Number& out) {
  const auto size = static_cast<std::uint64_t>(end - begin);
  if (size == 0 || size > 16) return false;
  const unsigned minus = *begin == '-' ? 1 : 0;
  const auto other = (nonDigits(begin) & ((1U << size) - 1)) >> minus;
  const auto length = static_cast<unsigned>(size) - minus;
  const auto whole = other == 0 ? length : static_cast<unsigned>(__builtin_ctz(other));
  const char* const p = begin + minus;
  if (whole == 0 || whole > 8 || (*p == '0' && whole > 1)) return false;
  const auto integer = fewDigits(p, whole);
  if (other == 0) {
    out.kind = NumberKind::int64;
    out.int64 = minus != 0 ? -static_cast<std::int64_t>(integer) : static_cast<std::int64_t>(integer);
    return true;
  }
  const auto fraction = length - whole - 1;
  if ((other & (other - 1)) != 0 || p[whole] != '.' || fraction == 0 || fraction > 7) return false;
  const auto digits = integer * kPowers[fraction] + fewDigits(p + whole + 1, fraction);
  const auto value = static_cast<double>(static_cast<std::int64_t>(digits)) / kExactPowers[fraction];
  out.kind = NumberKind::float64;
  out.float64 = minus != 0 ? -value : value;
  return true;
}

}  // namespace

Fault checkNumber(const char* begin, const char* end) {
  const auto size = end - begin;
  if (size > 0 && size <= 16) {
    auto other = nonDigits(begin) & ((1U << static_cast<unsigned>(size)) - 1);
    if (other == 0) return *begin == '0' && size > 1 ? Fault::leadingZero : Fault::none;
    // One point between digits, perhaps a minus before: the common rest.
    const unsigned first = *begin == '-' ? 1 : 0;
    other >>= first;
    const auto digits = static_cast<unsigned>(size) - first;
    if (digits > 0 && (other & 1U) == 0 && (begin[first] != '0' || digits == 1 || (other & 2U) != 0)) {
      if (other == 0) return Fault::none;
      const auto at = static_cast<unsigned>(__builtin_ctz(other));
      if ((other & (other - 1)) == 0 && begin[first + at] == '.' && at + 1 < digits) return Fault::none;
    }
  }
  Parts parts;
  return split(begin, end, parts);
}

Fault parseNumber(const char* begin, const char* end, Number& out) {
  if (parseShort(begin, end, out)) return Fault::none;
  Parts parts;
  if (const auto fault = split(begin, end, parts); fault != Fault::none) return fault;
  if (parts.integerEnd == end) return parseInteger(begin, end, parts, out);
  const auto fractionDigits = parts.fractionEnd - parts.fraction;
  if (parts.integerEnd - parts.integer + fractionDigits <= 19) {
    const auto digits = digitsOf(parts.fraction, parts.fractionEnd, digitsOf(parts.integer, parts.integerEnd, 0));
    const auto exponent =
        parts.exponent < end && parts.exponent != parts.fractionEnd ? exponentOf(parts.exponent, end) : 0;
    if (exactDouble(digits, exponent - fractionDigits, parts.negative, out.float64)) {
      out.kind = NumberKind::float64;
      return Fault::none;
    }
  }
  return anyDouble(begin, end, out);
}

Result<Number> parseNumber(std::string_view text) {
  Number number;
  std::string padded(text);
  padded.append(24, '\0');
  const char* const begin = padded.data();
  if (const auto fault = parseNumber(begin, begin + text.size(), number); fault != Fault::none)
    return std::unexpected(describe({fault, 0}, text));
  return number;
}

void appendInt(std::string& out, std::int64_t value) { appendInt64(out, value); }

void appendUint(std::string& out, std::uint64_t value) { appendUint64(out, value); }

void appendDouble(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
    return;
  }
  weir::appendDouble(out, value);
  // -0 would be read as the integer.
  if (value == 0 && std::signbit(value)) out += ".0";
}

}  // namespace weir::json
