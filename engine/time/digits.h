// Reading and writing runs of decimal digits of fixed width, shared by the time formats.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::digits {

[[nodiscard]] constexpr bool isDigit(char c) noexcept { return static_cast<unsigned char>(c - '0') <= 9; }

/// The value of two digits, or a number of 100 or more if one is none.
[[nodiscard]] constexpr unsigned two(const char* at) noexcept {
  const auto tens = static_cast<unsigned char>(at[0] - '0');
  const auto ones = static_cast<unsigned char>(at[1] - '0');
  return tens <= 9 && ones <= 9 ? static_cast<unsigned>(tens * 10 + ones) : 100U;
}

inline void putTwo(char* at, int value) noexcept {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

inline void putFour(char* at, int value) noexcept {
  putTwo(at, value / 100);
  putTwo(at + 2, value % 100);
}

/// Reads a fraction of a second from `at`: at least one digit; digits after the ninth are dropped. Returns how many
/// characters it took, 0 if there is no digit.
[[nodiscard]] constexpr int readFraction(std::string_view text, std::int32_t& nanos) noexcept {
  std::int32_t value = 0;
  int taken = 0;
  for (const char c : text) {
    if (!isDigit(c)) break;
    if (taken < 9) value = value * 10 + (c - '0');
    ++taken;
  }
  for (int i = taken; i < 9; ++i) value *= 10;
  nanos = value;
  return taken;
}

/// Eight characters as one number, the first in the lowest byte.
[[nodiscard]] inline std::uint64_t load8(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return word;
}

/// Reads the digits of eight characters at once ("SIMD within a register"): `digitMask` has 0xff where a digit must be,
/// and `separators` the exact characters elsewhere. On success lane i of `pairs` is digit i * 10 + digit i+1.
[[nodiscard]] constexpr bool readPairs(std::uint64_t word, std::uint64_t digitMask, std::uint64_t separators,
                                       std::uint64_t& pairs) noexcept {
  if ((word & ~digitMask) != separators) return false;
  const std::uint64_t values = (word ^ 0x3030303030303030ULL) & digitMask;
  if ((((values + 0x0606060606060606ULL) | values) & 0xF0F0F0F0F0F0F0F0ULL) != 0) return false;
  pairs = values * 10 + (values >> 8);
  return true;
}

[[nodiscard]] constexpr int lane(std::uint64_t pairs, int index) noexcept {
  return static_cast<int>((pairs >> (index * 8)) & 0xFF);
}

}  // namespace weir::digits
