// The hash of byte strings: 16 bytes per product, three independent lanes for long ones.
#include "engine/data/hash.h"

#include <cstring>

namespace weir::hash {
namespace {

// Odd constants with as many ones as zeros.
constexpr std::uint64_t kA = 0x2D358DCCAA6C78A5U;
constexpr std::uint64_t kB = 0x8BB84B93962EACC9U;
constexpr std::uint64_t kC = 0x4B33A62ED433D4A3U;

std::uint64_t load8(const std::uint8_t* at) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, at, 8);
  return std::endian::native == std::endian::big ? std::byteswap(value) : value;
}

std::uint64_t load4(const std::uint8_t* at) noexcept {
  std::uint32_t value = 0;
  std::memcpy(&value, at, 4);
  return std::endian::native == std::endian::big ? std::byteswap(value) : value;
}

std::uint64_t finish(std::uint64_t a, std::uint64_t b, std::uint64_t seed, std::uint64_t count) noexcept {
  const WideProduct product = wideMultiply(a ^ kB, b ^ seed);
  return mix(product.low ^ kA ^ count, product.high ^ kC);
}

}  // namespace

std::uint64_t ofBytes(const void* data, std::int64_t count, std::uint64_t seed) noexcept {
  const auto* at = static_cast<const std::uint8_t*>(data);
  const auto length = static_cast<std::uint64_t>(count);
  seed = mix(seed ^ kA, kB ^ length);
  if (count <= 16) {
    if (count >= 8) return finish(load8(at), load8(at + count - 8), seed, length);
    if (count >= 4) return finish(load4(at), load4(at + count - 4), seed, length);
    if (count == 0) return finish(0, 0, seed, length);
    const std::uint64_t few = (std::uint64_t{at[0]} << 16) | (std::uint64_t{at[count / 2]} << 8) | at[count - 1];
    return finish(few, 0, seed, length);
  }
  std::int64_t left = count;
  if (left > 48) {
    std::uint64_t second = seed;
    std::uint64_t third = seed;
    while (left > 48) {
      seed = mix(load8(at) ^ kA, load8(at + 8) ^ seed);
      second = mix(load8(at + 16) ^ kB, load8(at + 24) ^ second);
      third = mix(load8(at + 32) ^ kC, load8(at + 40) ^ third);
      at += 48;
      left -= 48;
    }
    seed = combine(combine(seed, second), third);
  }
  while (left > 16) {
    seed = mix(load8(at) ^ kC, load8(at + 8) ^ seed);
    at += 16;
    left -= 16;
  }
  // The last 16 bytes, which may overlap what was read.
  return finish(load8(at + left - 16), load8(at + left - 8), seed, length);
}

}  // namespace weir::hash
