// Globs over paths with '/': compiled once, matched in time bounded by path length times pattern length.
//
//   *        any characters but '/'              ?        one character but '/'
//   **       as a whole part of the path: any number of parts, also none (at the end: at least one)
//   [a-z]    one of these                        [!a-z]   one character but these and '/' (also [^a-z])
//   {a,b}    one of these alternatives, which may be empty, hold '/' and nest
//   \x       x as it stands
// A leading dot is matched like any character. Characters are code points; a byte of a path that is no UTF-8 counts as
// one (a pattern must be UTF-8). A leading "./" of pattern and path is dropped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir {

class Glob {
 public:
  /// `glob.syntax`, with the place: an open bracket or brace, a bad range, a trailing backslash or slash, an empty
  /// pattern, more than 4,096 bytes or 1,000 alternatives.
  [[nodiscard]] static Result<Glob> compile(std::string_view pattern);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool matches(std::string_view path) const;
  /// Whether the pattern is one plain path, which literalPath() then gives, without escapes.
  [[nodiscard]] bool isLiteral() const noexcept;
  [[nodiscard]] std::string literalPath() const;
  /// The folder from which a walk starts, without trailing '/': `data/2024` for `data/2024/*.csv`; "" is the current
  /// folder, "/" the root.
  [[nodiscard]] std::string literalPrefix() const;
  /// Whether a path below the folder `dir` could match; if not, a walk need not enter it.
  [[nodiscard]] bool couldMatchBelow(std::string_view dir) const;

 private:
  struct Range {
    char32_t first;
    char32_t last;
  };
  struct Token {
    enum class Kind : std::uint8_t { literal, anyOne, anyRun, oneOf, noneOf };
    Kind kind = Kind::literal;
    char32_t value = 0;
    std::vector<Range> ranges;
  };
  /// One part of the path between slashes.
  struct Part {
    bool anyParts = false;  // **
    std::vector<Token> tokens;
  };
  using Alternative = std::vector<Part>;

  [[nodiscard]] static Result<Alternative> compileAlternative(std::string_view pattern);
  [[nodiscard]] static Result<Token> compileClass(std::string_view pattern, std::size_t& at);
  [[nodiscard]] static bool matchesPart(const Part& part, std::string_view text);
  [[nodiscard]] static bool matchesToken(const Token& token, char32_t value);
  [[nodiscard]] static bool matchesParts(const Alternative& parts, const std::vector<std::string_view>& path);
  [[nodiscard]] static bool isDot(const Part& part) noexcept;
  [[nodiscard]] static bool isPlain(const Part& part) noexcept;
  [[nodiscard]] static std::string plainText(const Part& part);

  std::string text_;
  std::vector<Alternative> alternatives_;
};

}  // namespace weir
