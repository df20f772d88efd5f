// Expands braces by recursive descent; every product is bounded.
#include "engine/text/glob-braces.h"

#include <utility>

#include "engine/text/utf8.h"

namespace weir {
namespace {

constexpr std::size_t kLongestPattern = 4096;
constexpr std::size_t kMostBytes = 256 * 1024;
constexpr int kDeepest = 16;

class Expander {
 public:
  explicit Expander(std::string_view pattern) : pattern_(pattern) {}

  // Reads up to the end, or inside braces up to ',' or '}'.
  Result<std::vector<std::string>> sequence(int depth) {
    std::vector<std::string> texts(1);
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (depth > 0 && (c == ',' || c == '}')) break;
      if (c == '{') {
        WEIR_ASSIGN(const std::vector<std::string> choices, group(depth + 1));
        WEIR_ASSIGN(texts, product(texts, choices));
        continue;
      }
      const std::string_view piece = pattern_.substr(at_, pieceBytes());
      if (piece.empty()) return wrongGlob(pattern_, at_, "nothing follows the backslash");
      for (std::string& text : texts) text += piece;
      at_ += piece.size();
    }
    return texts;
  }

 private:
  // A character, an escaped one, or a whole [class], in which braces and commas stand for themselves.
  [[nodiscard]] std::size_t pieceBytes() const {
    if (pattern_[at_] == '\\') return at_ + 1 < pattern_.size() ? 2 : 0;
    if (pattern_[at_] != '[') return 1;
    std::size_t end = at_ + 1;
    if (end < pattern_.size() && (pattern_[end] == '!' || pattern_[end] == '^')) ++end;
    if (end < pattern_.size() && pattern_[end] == ']') ++end;
    for (; end < pattern_.size() && pattern_[end] != ']'; ++end)
      if (pattern_[end] == '\\') ++end;
    return end < pattern_.size() ? end + 1 - at_ : 1;
  }

  Result<std::vector<std::string>> group(int depth) {
    const std::size_t open = at_;
    if (depth > kDeepest) return wrongGlob(pattern_, at_, "braces are nested deeper than 16");
    std::vector<std::string> choices;
    do {
      ++at_;
      WEIR_ASSIGN(std::vector<std::string> more, sequence(depth));
      for (std::string& text : more) choices.push_back(std::move(text));
      if (choices.size() > kMostGlobAlternatives) return tooMany();
    } while (at_ < pattern_.size() && pattern_[at_] == ',');
    if (at_ == pattern_.size()) return wrongGlob(pattern_, open, "the brace '{' is not closed; a plain one is \\{");
    ++at_;
    return choices;
  }

  Result<std::vector<std::string>> product(const std::vector<std::string>& heads,
                                           const std::vector<std::string>& tails) {
    if (heads.size() * tails.size() > kMostGlobAlternatives) return tooMany();
    std::vector<std::string> all;
    std::size_t bytes = 0;
    for (const std::string& head : heads)
      for (const std::string& tail : tails) {
        all.push_back(head + tail);
        bytes += all.back().size();
        if (bytes > kMostBytes) return tooMany();
      }
    return all;
  }

  [[nodiscard]] std::unexpected<Error> tooMany() const {
    return wrongGlob(pattern_, at_, "the braces give more than 1000 alternatives");
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
};

}  // namespace

std::unexpected<Error> wrongGlob(std::string_view pattern, std::size_t at, std::string_view what) {
  constexpr std::size_t kShown = 120;
  return fail("glob.syntax",
              "The file pattern '" + std::string(pattern.substr(0, kShown)) +
                  (pattern.size() > kShown ? "...' is wrong at character " : "' is wrong at character ") +
                  std::to_string(at + 1) + ": " + std::string(what) + ".");
}

Result<std::vector<std::string>> expandBraces(std::string_view pattern) {
  if (pattern.empty()) return wrongGlob(pattern, 0, "it is empty; write a file name such as data/*.csv");
  if (pattern.size() > kLongestPattern) return wrongGlob(pattern, kLongestPattern, "it is longer than 4096 bytes");
  // Else an escape between two stray bytes could join them to a character.
  if (const std::int64_t valid = utf8::validPrefix(pattern); valid != static_cast<std::int64_t>(pattern.size()))
    return wrongGlob(pattern.substr(0, static_cast<std::size_t>(valid)), static_cast<std::size_t>(valid),
                     "the pattern is no valid UTF-8 here");
  return Expander(pattern).sequence(0);
}

}  // namespace weir
