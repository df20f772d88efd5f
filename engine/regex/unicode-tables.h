// What the generated Unicode tables look like.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::regex {

/// Runs over all code points from 0: a varint length (7 bits a byte, low first), then the index of the name.
struct UnicodeTable {
  std::span<const std::string_view> names;
  std::span<const std::uint8_t> runs;
};

/// `low`, `low + stride`, ... (`count` of them) are each followed, in the circle of characters that are equal when case
/// is ignored, by themselves plus `delta`.
struct FoldRun {
  std::uint32_t low;
  std::uint16_t count;
  std::uint16_t stride;
  std::int32_t delta;
};

[[nodiscard]] UnicodeTable unicodeCategories() noexcept;
[[nodiscard]] UnicodeTable unicodeScripts() noexcept;
[[nodiscard]] std::span<const FoldRun> unicodeFoldRuns() noexcept;

}  // namespace weir::regex
