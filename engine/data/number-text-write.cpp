// Numbers to text: integers two digits at a time, doubles by the library's shortest digits in the layout of ECMAScript.
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "engine/data/number-text.h"

namespace weir {
namespace {

constexpr std::array<char, 200> kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

constexpr std::array<std::uint64_t, 20> kPowersOfTen = [] {
  std::array<std::uint64_t, 20> powers{};
  std::uint64_t power = 1;
  for (auto& entry : powers) {
    entry = power;
    power *= 10;
  }
  return powers;
}();

int digitCount(std::uint64_t value) noexcept {
  // 1233 / 4096 is a little under log10(2).
  const int guess = ((64 - std::countl_zero(value | 1)) * 1233) >> 12;
  return guess + (value >= kPowersOfTen[static_cast<std::size_t>(guess)] ? 1 : 0);
}

}  // namespace

char* writeUint64(char* out, std::uint64_t value) noexcept {
  if (value == 0) {
    *out = '0';
    return out + 1;
  }
  char* end = out + digitCount(value);
  char* at = end;
  while (value >= 100) {
    const std::uint64_t rest = value / 100;
    at -= 2;
    std::memcpy(at, &kPairs[static_cast<std::size_t>(value - rest * 100) * 2], 2);
    value = rest;
  }
  if (value >= 10) {
    std::memcpy(at - 2, &kPairs[static_cast<std::size_t>(value) * 2], 2);
  } else {
    at[-1] = static_cast<char>('0' + value);
  }
  return end;
}

char* writeInt64(char* out, std::int64_t value) noexcept {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0) return writeUint64(out, bits);
  *out = '-';
  return writeUint64(out + 1, 0 - bits);
}

namespace {

struct Decimal {
  std::array<char, 24> digits;
  std::size_t count = 0;
  std::int64_t point = 0;  // so many of them stand before the point
};

/// The shortest digits of a number that is finite and above zero.
Decimal decimalOf(double value) noexcept {
  std::array<char, kNumberTextBytes> text;
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific).ptr;
  Decimal decimal;
  const char* at = text.data();
  for (; at < end && *at != 'e'; ++at) {
    if (*at != '.') decimal.digits[decimal.count++] = *at;
  }
  decimal.point = parseInt64(std::string_view(at + 1, static_cast<std::size_t>(end - at - 1))).value + 1;
  return decimal;
}

char* put(char* out, const char* text, std::size_t count) noexcept {
  std::memcpy(out, text, count);
  return out + count;
}

char* putZeros(char* out, std::size_t count) noexcept {
  std::memset(out, '0', count);
  return out + count;
}

}  // namespace

char* writeDouble(char* out, double value) noexcept {
  if (std::isnan(value)) return put(out, "nan", 3);
  if (std::signbit(value)) *out++ = '-';
  value = std::fabs(value);
  if (std::isinf(value)) return put(out, "inf", 3);
  if (value < 9007199254740992.0 && std::trunc(value) == value)
    return writeUint64(out, static_cast<std::uint64_t>(value));
  // Laid out as ECMAScript does (Number::toString).
  const auto decimal = decimalOf(value);
  const char* const digits = decimal.digits.data();
  const auto size = static_cast<std::int64_t>(decimal.count);
  const auto point = decimal.point;
  if (point > 21 || point < -5) {
    *out++ = digits[0];
    if (size > 1) {
      *out++ = '.';
      out = put(out, digits + 1, decimal.count - 1);
    }
    out = put(out, point > 0 ? "e+" : "e-", 2);
    return writeInt64(out, point > 0 ? point - 1 : 1 - point);
  }
  if (point <= 0) {
    out = putZeros(put(out, "0.", 2), static_cast<std::size_t>(-point));
    return put(out, digits, decimal.count);
  }
  if (point >= size) return putZeros(put(out, digits, decimal.count), static_cast<std::size_t>(point - size));
  out = put(out, digits, static_cast<std::size_t>(point));
  *out++ = '.';
  return put(out, digits + point, static_cast<std::size_t>(size - point));
}

void appendInt64(std::string& text, std::int64_t value) {
  std::array<char, kNumberTextBytes> buffer;
  text.append(buffer.data(), writeInt64(buffer.data(), value));
}

void appendUint64(std::string& text, std::uint64_t value) {
  std::array<char, kNumberTextBytes> buffer;
  text.append(buffer.data(), writeUint64(buffer.data(), value));
}

void appendDouble(std::string& text, double value) {
  std::array<char, kNumberTextBytes> buffer;
  text.append(buffer.data(), writeDouble(buffer.data(), value));
}

}  // namespace weir
