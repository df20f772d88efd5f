// The nearest known name to one that is unknown, for "did you mean" in messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir {

/// The fewest insertions, deletions, replacements and swaps of neighbours (each place edited once) that turn one name
/// into the other, letter case ignored; `most` + 1 if more than `most`.
[[nodiscard]] int editDistance(std::string_view left, std::string_view right, int most);

/// The nearest of `names`, the first of equals; empty if none is near (a third of the length, 3 at most).
[[nodiscard]] std::string_view nearestName(std::string_view wanted, std::span<const std::string_view> names);
[[nodiscard]] std::string_view nearestName(std::string_view wanted, std::span<const std::string> names);

/// " Did you mean 'condition'?" to append to a message, or nothing.
[[nodiscard]] std::string didYouMean(std::string_view wanted, std::span<const std::string_view> names);
[[nodiscard]] std::string didYouMean(std::string_view wanted, std::span<const std::string> names);

}  // namespace weir
