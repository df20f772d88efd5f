// The order of a list that two people changed.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::flow {

enum class Side : std::uint8_t { ours, theirs };

struct MergedOrder {
  std::vector<std::string> names;
  bool conflict = false;  // both put what was there into another order, each into a different one
};

/// Puts `kept` in order: what was there stays where it was, or where the one who moved it put it; what was added stands
/// behind what it was added behind, and what both added at one place in the order of their first names. Of a conflict
/// `favour` wins, or if there is none the order that is the lesser text. But for that it does not matter who is who.
[[nodiscard]] MergedOrder mergeOrder(const std::vector<std::string>& base, const std::vector<std::string>& ours,
                                     const std::vector<std::string>& theirs,
                                     const std::set<std::string, std::less<>>& kept, std::optional<Side> favour);

}  // namespace weir::flow
