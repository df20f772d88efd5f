// Differences of two texts, line by line.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace weir::flow {

/// Lines [beforeBegin, beforeEnd) of one text stand where [afterBegin, afterEnd) of the other do.
struct LineHunk {
  std::size_t beforeBegin = 0, beforeEnd = 0, afterBegin = 0, afterEnd = 0;
};

/// Without their line ends; a text that ends with a line end has no empty last line.
[[nodiscard]] std::vector<std::string_view> linesOf(std::string_view text);

/// The fewest lines that differ, in order (E. Myers, An O(ND) Difference Algorithm, 1986); texts with more than 2,000
/// lines that differ are one hunk between their equal beginnings and ends.
[[nodiscard]] std::vector<LineHunk> diffLines(std::span<const std::string_view> before,
                                              std::span<const std::string_view> after);

}  // namespace weir::flow
