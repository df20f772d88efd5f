// ShortSums: short sums of short texts, for tables in memory.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::sodium {

/// 128 bits of a text. Who does not know the key finds no two texts with one sum, and no text for a sum.
struct ShortSum {
  std::uint64_t first = 0, second = 0;
  [[nodiscard]] bool operator==(const ShortSum&) const = default;
};

/// SipHash-2-4 with a key of its own, made at random: a tenth of the work of a plain SHA-256.
class ShortSums {
 public:
  ShortSums();
  [[nodiscard]] ShortSum of(std::string_view text) const;

 private:
  std::array<unsigned char, 16> key_{};
};

}  // namespace weir::sodium
