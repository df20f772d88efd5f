// Groups without any search, for patterns where each next character leaves only one way to go on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/regex/capture-engines.h"

namespace weir::regex {

/// Immutable; may be shared between threads.
class OnePass {
 public:
  /// Nothing if the pattern leaves a choice somewhere, has more than 31 groups or needs too large a table.
  [[nodiscard]] static std::optional<OnePass> build(const Program& program, const Alphabet& alphabet);

  /// As PikeVm::run, for windows that are anchored at both ends.
  [[nodiscard]] bool run(const Alphabet& alphabet, const Window& window, std::span<std::int64_t> slots) const;

 private:
  /// What one character does: sets slots to the position before it, if the assertions there hold, then goes on.
  struct Action {
    std::int32_t next = -1;  // row; -1: no way
    std::uint32_t assertions = 0;
    std::uint64_t slots = 0;
  };
  class Builder;

  OnePass() = default;

  std::vector<Action> actions_;  // rows of one action per symbol and one for the end
  std::int32_t stride_ = 0;
};

}  // namespace weir::regex
