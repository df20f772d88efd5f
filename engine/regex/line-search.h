// Finds the lines of a chunk that match a pattern, without cutting the others.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/regex/regex.h"

namespace weir::regex {

/// A line of a chunk, without its "\n" or "\r\n".
struct LineSpan {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool operator==(const LineSpan&) const = default;
};

/// Immutable; may be shared between threads, each with its own Scratch.
class LineMatcher {
 public:
  /// `invert` takes the lines that do not match.
  explicit LineMatcher(Regex regex, bool invert = false) : regex_(std::move(regex)), invert_(invert) {}

  /// Appends, in order, the lines of `chunk` that match. The chunk begins at a line's begin; a last line without "\n"
  /// counts as whole. A "\r" belongs to the line end only directly before a "\n". Returns the number of all lines.
  /// `ascii`, if given, becomes true if the search happened to see that all bytes are ASCII.
  std::int64_t match(std::string_view chunk, Regex::Scratch& scratch, std::vector<LineSpan>& out,
                     bool* ascii = nullptr) const;

  [[nodiscard]] const Regex& regex() const { return regex_; }

 private:
  [[nodiscard]] std::int64_t matchByLiterals(const LiteralSearcher& searcher, bool exact, std::string_view chunk,
                                             Regex::Scratch& scratch, std::vector<LineSpan>& out, bool* ascii) const;
  [[nodiscard]] std::int64_t matchByLines(std::string_view chunk, Regex::Scratch& scratch,
                                          std::vector<LineSpan>& out) const;

  Regex regex_;
  bool invert_;
};

}  // namespace weir::regex
