// The parser's state, shared by the files that read groups, escapes and classes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/regex/syntax.h"

namespace weir::regex {

/// Reads one pattern from left to right. Every failing function returns `regex.syntax` with the position and a remedy.
class Parser {
 public:
  Parser(std::string_view pattern, SyntaxFlags flags) : pattern_(pattern), flags_(flags) {
    syntax_.groupNames.emplace_back();
  }

  [[nodiscard]] Result<Syntax> parsePattern();
  [[nodiscard]] Result<Syntax> parseLiteral();

 private:
  // parser.cpp
  [[nodiscard]] Result<std::int32_t> parseAlternate(int depth);
  [[nodiscard]] Result<std::int32_t> parseConcat(int depth);
  [[nodiscard]] Result<std::int32_t> parseAtom(int depth);
  [[nodiscard]] Result<std::int32_t> parseRepeat(std::int32_t atom, bool& repeated);
  [[nodiscard]] bool parseCounts(std::int32_t& min, std::int32_t& max);
  [[nodiscard]] Result<std::int32_t> parseGroup(int depth);
  [[nodiscard]] Result<std::int32_t> parseNamedGroup(std::size_t open, int depth);
  [[nodiscard]] Result<std::int32_t> parseFlags(std::size_t open, int depth);
  [[nodiscard]] Result<std::int32_t> closeGroup(std::size_t open, int depth, std::int32_t captureIndex);

  // parser-escapes.cpp
  [[nodiscard]] Result<std::int32_t> parseEscape();
  [[nodiscard]] Result<std::uint32_t> parseEscapedChar();
  [[nodiscard]] Result<std::uint32_t> parseHex(std::size_t start);
  [[nodiscard]] bool parsePerlClass(CharSet& out);
  [[nodiscard]] Result<Unit> parseUnicodeGroup(CharSet& out);
  [[nodiscard]] Result<std::int32_t> parseClass();
  [[nodiscard]] Result<bool> parseClassGroup(CharSet& out);
  [[nodiscard]] Result<std::uint32_t> parseClassChar();

  // Building.
  [[nodiscard]] std::int32_t addNode(Node node);
  [[nodiscard]] std::int32_t addSet(CharSet set, bool fold);
  [[nodiscard]] std::int32_t addChar(std::uint32_t code);
  [[nodiscard]] std::int32_t addAssertion(Assertion assertion);
  [[nodiscard]] std::int32_t joinNodes(NodeKind kind, std::vector<std::int32_t> children);

  // Reading.
  [[nodiscard]] bool atEnd() const { return at_ >= pattern_.size(); }
  [[nodiscard]] char peek() const { return pattern_[at_]; }
  [[nodiscard]] bool accept(std::string_view text) {
    if (!pattern_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }
  [[nodiscard]] std::uint32_t nextCode();
  [[nodiscard]] std::unexpected<Error> bad(std::size_t position, std::string what) const;

  std::string_view pattern_;
  std::size_t at_ = 0;
  SyntaxFlags flags_;
  Syntax syntax_;
  std::size_t rangeCount_ = 0;
  std::map<std::pair<std::uint32_t, bool>, std::int32_t> charSets_;  // (code, folded) -> set
};

}  // namespace weir::regex
