// The full product of two 64-bit integers, on every target without a run-time library call.
#pragma once

#include <cstdint>

namespace weir {

struct WideProduct {
  std::uint64_t high;
  std::uint64_t low;
};

constexpr WideProduct wideMultiply(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__SIZEOF_INT128__) && !defined(__wasm__)
  const auto product = static_cast<unsigned __int128>(a) * b;
  return {static_cast<std::uint64_t>(product >> 64), static_cast<std::uint64_t>(product)};
#else
  // wasm would call __multi3; four 32-bit products are inlined.
  constexpr std::uint64_t kMask = 0xFFFFFFFFU;
  const std::uint64_t lowLow = (a & kMask) * (b & kMask);
  const std::uint64_t highLow = (a >> 32) * (b & kMask);
  const std::uint64_t lowHigh = (a & kMask) * (b >> 32);
  const std::uint64_t middle = (lowLow >> 32) + (highLow & kMask) + lowHigh;
  return {(a >> 32) * (b >> 32) + (highLow >> 32) + (middle >> 32), (middle << 32) | (lowLow & kMask)};
#endif
}

}  // namespace weir
