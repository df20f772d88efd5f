// A deterministic automaton, built state by state while text is read, in a cache of bounded size.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/regex/literal-search.h"
#include "engine/regex/program.h"

namespace weir::regex {

enum class DfaKind : std::uint8_t { leftmostFirst, longest };

enum class DfaOutcome : std::uint8_t {
  noMatch,
  match,
  gaveUp,  // the cache is thrashing: use another engine
};

struct DfaResult {
  DfaOutcome outcome = DfaOutcome::noMatch;
  std::int64_t position = -1;  // where the match ends (forward) or begins (backward)
};

/// One direction's automaton. The program and the alphabet must outlive it. Matches are found one character late, since
/// `$` and `\b` depend on the next one.
class Dfa {
 public:
  Dfa(const Program& program, const Alphabet& alphabet, DfaKind kind, std::int64_t capacityBytes);

  struct ForwardOptions {
    bool anchored = false;
    bool earliest = false;                      // stop as soon as it is sure that there is a match
    const LiteralSearcher* prefixes = nullptr;  // every match begins with one of these
  };
  /// Reads from `from` to the end of the text.
  [[nodiscard]] DfaResult runForward(std::string_view text, std::int64_t from, const ForwardOptions& options);
  /// Reads from `to` down to `from`, anchored at `to`; finds the longest match.
  [[nodiscard]] DfaResult runBackward(std::string_view text, std::int64_t from, std::int64_t to);

 private:
  struct State {
    std::int32_t first = 0;  // into lists_
    std::int32_t count = 0;
    std::uint32_t flags = 0;
  };

  static constexpr std::uint32_t kBegin = 1;
  static constexpr std::uint32_t kAfterNewline = 2;
  static constexpr std::uint32_t kAfterWord = 4;
  static constexpr std::uint32_t kMatched = 8;

  [[nodiscard]] std::uint32_t contextAfter(std::uint16_t symbol) const;
  [[nodiscard]] std::int32_t startRow(std::uint32_t context, bool anchored);
  [[nodiscard]] std::int32_t step(std::int32_t row, std::int32_t symbol);
  [[nodiscard]] std::int32_t compute(std::int32_t row, std::int32_t symbol);
  [[nodiscard]] std::int32_t intern(std::uint32_t flags);
  [[nodiscard]] std::uint32_t assertionsAt(std::uint32_t flags, std::int32_t symbol) const;
  [[nodiscard]] bool isSpecial(std::int32_t row) const;
  void follow(std::int32_t instruction, std::uint32_t assertions, std::vector<std::int32_t>& out);
  void enter(std::int32_t instruction);
  void beginVisit();
  void growTable();
  void clear();
  void newRun(std::int64_t position);
  [[nodiscard]] bool thrashing(std::int64_t position);
  [[nodiscard]] std::int64_t usedBytes() const;
  [[nodiscard]] std::int32_t endSymbol() const { return stride_ - 1; }

  const Program& program_;
  const Alphabet& alphabet_;
  DfaKind kind_;
  std::int64_t capacityBytes_;
  std::int32_t stride_;
  // Rows are named by their offset. A transition is 0 when unknown, negative when its row needs a look: it holds a
  // match, is dead or is where a search for a prefix may jump ahead.
  std::vector<std::int32_t> transitions_;
  std::vector<State> states_;
  std::vector<std::int32_t> lists_;
  std::vector<std::int32_t> table_;  // open addressing, state index or -1
  std::int32_t starts_[2][8] = {};
  std::int32_t jumpRow_ = -1;
  bool jumps_ = false;

  std::vector<std::int32_t> current_;
  std::vector<std::int32_t> next_;
  std::vector<std::int32_t> stack_;
  std::vector<std::uint32_t> visited_;
  std::uint32_t visit_ = 0;
  std::int32_t clears_ = 0;
  std::int64_t clearedAt_ = 0;
  bool cleared_ = false;
};

}  // namespace weir::regex
