// Numbers to text: integers two digits at a time, doubles by the library's shortest round trip.
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>

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

char* writeDouble(char* out, double value) noexcept {
  if (std::isnan(value)) {
    std::memcpy(out, "nan", 3);
    return out + 3;
  }
  return std::to_chars(out, out + kNumberTextBytes, value).ptr;
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
