// SeenBefore: whether a text came lately, by its hash: what comes only once is not worth keeping.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/data/hash.h"

namespace weir {

/// It may be wrong either way, now and then. One thread.
class SeenBefore {
 public:
  /// True: it seems to have come before. From now on it has.
  [[nodiscard]] bool operator()(std::string_view text) {
    const auto mark = hash::ofBytes(text);
    auto& place = marks_[mark % marks_.size()];
    const bool before = place == mark;
    place = mark;
    return before;
  }

 private:
  std::array<std::uint64_t, 1'021> marks_{};
};

}  // namespace weir
