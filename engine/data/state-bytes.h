// Little-endian numbers in saved partial states (sketches and sums).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir {

inline void writeStateWord(std::vector<std::uint8_t>& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Takes a word off the front; false when there are fewer than eight bytes.
[[nodiscard]] inline bool readStateWord(std::span<const std::uint8_t>& bytes, std::uint64_t& value) noexcept {
  if (bytes.size() < 8) return false;
  value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  bytes = bytes.subspan(8);
  return true;
}

}  // namespace weir
