// Regular expressions in RE2's syntax, matched in time linear in the text.
//
// Text is UTF-8; a byte that is not part of valid UTF-8 counts as one U+FFFD. Of several matches the leftmost counts,
// and of those the one that the pattern's order prefers. Positions are byte offsets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/regex/literal-search.h"

namespace weir::regex {

struct RegexOptions {
  bool ignoreCase = false;
  bool multiLine = false;  // ^ and $ also match at line ends
  bool dotAll = false;     // . also matches "\n"
  bool ungreedy = false;   // swaps x* and x*?
  bool literal = false;    // the pattern is plain text
  std::int32_t maxInstructions = 50'000;
};

/// Begin and end of a match or a group, in bytes; -1 for a group that took no part.
struct Span {
  std::int64_t begin = -1;
  std::int64_t end = -1;
  [[nodiscard]] bool matched() const { return begin >= 0; }
  [[nodiscard]] std::string_view in(std::string_view text) const {
    return matched() ? text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))
                     : std::string_view{};
  }
  bool operator==(const Span&) const = default;
};
using Match = Span;

/// Walks over all matches of a text; see `Regex::findNext`.
struct MatchCursor {
  std::int64_t from = 0;
  std::int64_t lastEnd = -1;
};

/// A compiled pattern. Immutable, cheap to copy, safe to share between threads that each have their own Scratch.
class Regex {
 public:
  struct Compiled;

  /// What matching changes: automata built so far (about 4 MiB at most) and work lists. For one thread at a time; fits
  /// any Regex but forgets when used with another one, so keep one per Regex.
  class Scratch {
   public:
    struct State;
    Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;
    ~Scratch();
    /// The state for `compiled`, made anew if it was for another pattern.
    [[nodiscard]] State& stateFor(const std::shared_ptr<const Compiled>& compiled);

   private:
    std::unique_ptr<State> state_;
  };

  /// Fails with `regex.syntax` (position, what was found, what to do) or `regex.too_large`.
  [[nodiscard]] static Result<Regex> compile(std::string_view pattern, const RegexOptions& options = {});

  /// Whether the pattern matches anywhere in `text`.
  [[nodiscard]] bool search(std::string_view text, Scratch& scratch) const;
  /// Whether the pattern matches the whole of `text`.
  [[nodiscard]] bool fullMatch(std::string_view text, Scratch& scratch) const;
  /// The first match at or after `from`; what lies before `from` is seen by ^ and \b. 0 <= from <= text.size().
  [[nodiscard]] std::optional<Match> find(std::string_view text, std::int64_t from, Scratch& scratch) const;
  /// The next of all matches that do not overlap; no empty match directly behind another match.
  [[nodiscard]] std::optional<Match> findNext(std::string_view text, MatchCursor& cursor, Scratch& scratch) const;
  /// As `find`, and fills `groups`: [0] the match, [i] group i. It may be shorter than the groups are many, or longer.
  [[nodiscard]] bool captures(std::string_view text, std::int64_t from, Scratch& scratch, std::span<Span> groups) const;
  /// As `captures`, for a match that must span the whole text.
  [[nodiscard]] bool fullCaptures(std::string_view text, Scratch& scratch, std::span<Span> groups) const;
  /// Fills `groups` for a `match` that `find` or `findNext` gave for this text.
  void groupsOf(std::string_view text, Match match, Scratch& scratch, std::span<Span> groups) const;

  /// Replaces the first `limit` matches (all if negative). In `rewrite`, \0 to \9 stand for groups and \\ for a
  /// backslash. Fails with `regex.rewrite`.
  [[nodiscard]] Result<std::string> replace(std::string_view text, std::string_view rewrite, Scratch& scratch,
                                            std::int64_t limit = -1) const;

  /// Number of groups, not counting the whole match.
  [[nodiscard]] std::int32_t groupCount() const;
  /// Names by group number, "" where there is none; [0] is the whole match.
  [[nodiscard]] std::span<const std::string> groupNames() const;
  /// The number of the group of that name, or -1.
  [[nodiscard]] std::int32_t groupIndex(std::string_view name) const;
  [[nodiscard]] const std::string& pattern() const;

  /// Literals one of which every match contains, if any are known.
  [[nodiscard]] const LiteralSearcher* requiredLiterals() const;
  /// Whether the pattern matches exactly `requiredLiterals()`.
  [[nodiscard]] bool isLiteralSet() const;

 private:
  explicit Regex(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace weir::regex
