// The engines that know where groups match: a simulation of all threads at once (any size), and a backtracker with
// memory (small patterns on short texts). Both are linear in the text.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/regex/program.h"

namespace weir::regex {

/// What to match: anchored at `from` and, if `toEnd`, ending exactly at `to`; characters outside [from, to) are still
/// seen by assertions.
struct Window {
  std::string_view text;
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool anchored = false;
  bool toEnd = false;
};

/// Runs all threads side by side, in order of preference.
class PikeVm {
 public:
  /// Fills `slots` (begin and end of each group, -1 when unset); false if there is no match.
  [[nodiscard]] bool run(const Program& program, const Alphabet& alphabet, const Window& window,
                         std::span<std::int64_t> slots);

 private:
  struct Threads {
    std::vector<std::int32_t> order;
    std::vector<std::int32_t> place;  // of an instruction in `order`
    std::vector<std::int64_t> slots;  // by instruction
  };
  struct Job {
    std::int32_t instruction;  // or -1 - slot: restore `value`
    std::int64_t value;
  };

  void add(Threads& threads, std::int32_t start, std::uint32_t assertions, std::int64_t position);
  [[nodiscard]] bool step(const Alphabet& alphabet, std::int32_t symbol, std::uint32_t nextAssertions,
                          std::int64_t nextPosition, bool acceptHere, std::span<std::int64_t> best);

  const Program* program_ = nullptr;
  std::size_t slotCount_ = 0;
  Threads current_;
  Threads next_;
  std::vector<std::int64_t> working_;
  std::vector<Job> stack_;
};

/// Tries ways one after another but never the same instruction at the same place twice.
class Backtracker {
 public:
  [[nodiscard]] static bool fits(const Program& program, const Window& window);
  /// As PikeVm::run; the window must be anchored and fit.
  [[nodiscard]] bool run(const Program& program, const Alphabet& alphabet, const Window& window,
                         std::span<std::int64_t> slots);

 private:
  struct Job {
    std::int32_t instruction;  // or -1 - slot: restore `value`
    std::int64_t value;        // position
  };
  std::vector<std::uint64_t> visited_;
  std::vector<Job> stack_;
};

/// The assertions that hold between the characters around `position`.
[[nodiscard]] std::uint32_t assertionsBetween(const Alphabet& alphabet, std::string_view text, std::int64_t position);

}  // namespace weir::regex
