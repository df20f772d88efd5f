// Runs of bits in bitmaps (least significant first): copying at any offset, counting, gathering.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace weir::bits {

[[nodiscard]] inline bool get(const std::uint8_t* bitmap, std::int64_t at) noexcept {
  return ((bitmap[at >> 3] >> (at & 7)) & 1) != 0;
}
inline void put(std::uint8_t* bitmap, std::int64_t at, bool value) noexcept {
  const auto mask = static_cast<std::uint8_t>(1u << (at & 7));
  bitmap[at >> 3] = static_cast<std::uint8_t>(value ? bitmap[at >> 3] | mask : bitmap[at >> 3] & ~mask);
}
[[nodiscard]] constexpr std::int64_t bytesFor(std::int64_t count) noexcept { return (count + 7) >> 3; }

/// Up to 64 bits from bit `from` on; reads no byte that holds none of them.
[[nodiscard]] inline std::uint64_t load(const std::uint8_t* bitmap, std::int64_t from, std::int64_t count) noexcept {
  const auto* at = bitmap + (from >> 3);
  const auto shift = static_cast<int>(from & 7);
  const auto bytes = static_cast<std::size_t>((shift + count + 7) >> 3);
  std::uint64_t low = 0;
  std::memcpy(&low, at, bytes < 8 ? bytes : 8);
  low >>= shift;
  if (bytes > 8) low |= static_cast<std::uint64_t>(at[8]) << (64 - shift);
  return count < 64 ? low & ((std::uint64_t{1} << count) - 1) : low;
}

/// Ones in [from, from + count).
[[nodiscard]] inline std::int64_t countOnes(const std::uint8_t* bitmap, std::int64_t from,
                                            std::int64_t count) noexcept {
  std::int64_t ones = 0;
  while (count > 0) {
    const auto now = count < 64 ? count : 64;
    ones += std::popcount(load(bitmap, from, now));
    from += now;
    count -= now;
  }
  return ones;
}

/// Copies bits [from, from + count) of `source` to [to, to + count) of `target`; bits before `to` stay, bits of the
/// last byte behind the run become zero.
inline void copy(std::uint8_t* target, std::int64_t to, const std::uint8_t* source, std::int64_t from,
                 std::int64_t count) noexcept {
  if (const auto lead = to & 7; lead != 0 && count > 0) {
    const auto now = count < 8 - lead ? count : 8 - lead;
    const auto kept = static_cast<std::uint8_t>(target[to >> 3] & ((1u << lead) - 1));
    target[to >> 3] = static_cast<std::uint8_t>(kept | (load(source, from, now) << lead));
    to += now;
    from += now;
    count -= now;
  }
  auto* at = target + (to >> 3);
  while (count >= 64) {
    const auto word = load(source, from, 64);
    std::memcpy(at, &word, 8);
    at += 8;
    from += 64;
    count -= 64;
  }
  if (count > 0) {
    const auto word = load(source, from, count);
    std::memcpy(at, &word, static_cast<std::size_t>(bytesFor(count)));
  }
}

/// Sets [to, to + count) to ones; bits of the last byte behind the run become zero.
inline void fillOnes(std::uint8_t* target, std::int64_t to, std::int64_t count) noexcept {
  for (; count > 0 && (to & 7) != 0; ++to, --count) put(target, to, true);
  std::memset(target + (to >> 3), 0xff, static_cast<std::size_t>(count >> 3));
  if ((count & 7) != 0) target[(to + count) >> 3] = static_cast<std::uint8_t>((1u << (count & 7)) - 1);
}

/// target[i] = source[offset + rows[i]]; returns the ones.
inline std::int64_t gather(std::uint8_t* target, const std::uint8_t* source, std::int64_t offset,
                           const std::uint32_t* rows, std::int64_t count) noexcept {
  std::int64_t ones = 0;
  for (std::int64_t i = 0; i < count; i += 8) {
    const auto now = count - i < 8 ? count - i : 8;
    unsigned byte = 0;
    for (std::int64_t k = 0; k < now; ++k)
      byte |= static_cast<unsigned>(get(source, offset + static_cast<std::int64_t>(rows[i + k]))) << k;
    target[i >> 3] = static_cast<std::uint8_t>(byte);
    ones += std::popcount(byte);
  }
  return ones;
}

}  // namespace weir::bits
