// The project's own 64-bit hash: the same on every target (std::hash is not), seedable, for tables and sketches.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/data/wide-multiply.h"

/// Built on the folded 64 x 64 -> 128 bit product (the idea of Wang Yi's wyhash and of MUM hash). Not cryptographic:
/// who can choose keys and knows the seed can make them collide, so tables over foreign data take a random seed unless
/// their result must be reproducible.
namespace weir::hash {

inline constexpr std::uint64_t kSeed = 0x9E3779B97F4A7C15U;

/// The two halves of the product, folded.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const WideProduct product = wideMultiply(a, b);
  return product.high ^ product.low;
}

/// The hash of a 64-bit integer. Each bit of the input reaches each bit of the result.
constexpr std::uint64_t ofUint64(std::uint64_t value, std::uint64_t seed = kSeed) noexcept {
  const std::uint64_t first = mix(value ^ 0xA0761D6478BD642FU, seed ^ 0xE7037ED1A0B428DBU);
  return mix(first ^ value, 0x8EBC6AF09C88C6E3U);
}

constexpr std::uint64_t ofInt64(std::int64_t value, std::uint64_t seed = kSeed) noexcept {
  return ofUint64(static_cast<std::uint64_t>(value), seed);
}

/// All NaN are one value and -0 is 0, as in comparison and grouping.
constexpr std::uint64_t ofDouble(double value, std::uint64_t seed = kSeed) noexcept {
  std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  if (value != value) bits = 0x7FF8000000000000U;
  if (value == 0) bits = 0;
  return ofUint64(bits, seed);
}

/// The hash of a tuple: start with a seed and combine the hashes of the parts in order. Not commutative.
constexpr std::uint64_t combine(std::uint64_t sofar, std::uint64_t next) noexcept {
  return mix(sofar ^ 0x589965CC75374CC3U, next ^ 0x1D8E4E27C47D124FU) + (next ^ std::rotl(sofar, 23));
}

[[nodiscard]] std::uint64_t ofBytes(const void* data, std::int64_t count, std::uint64_t seed = kSeed) noexcept;

[[nodiscard]] inline std::uint64_t ofBytes(std::string_view text, std::uint64_t seed = kSeed) noexcept {
  return ofBytes(text.data(), static_cast<std::int64_t>(text.size()), seed);
}

[[nodiscard]] inline std::uint64_t ofBytes(std::span<const std::uint8_t> bytes, std::uint64_t seed = kSeed) noexcept {
  return ofBytes(bytes.data(), static_cast<std::int64_t>(bytes.size()), seed);
}

}  // namespace weir::hash
