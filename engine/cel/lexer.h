// Cuts CEL source into tokens.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "engine/cel/problem.h"
#include "engine/data/value.h"

namespace weir::cel {

enum class TokenKind : std::uint8_t {
  end,
  ident,        // also reserved words: the parser decides
  quotedIdent,  // `dashed-name` in backticks
  literal,      // int, uint, double, string, bytes
  leftParen,
  rightParen,
  leftBracket,
  rightBracket,
  leftBrace,
  rightBrace,
  comma,
  dot,
  colon,
  question,
  plus,
  minus,
  star,
  slash,
  percent,
  bang,
  andAnd,
  orOr,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string_view text;  // of the source; quotedIdent: without the backticks
  Value value;            // literal
  bool minInt = false;    // 9223372036854775808: an int only behind a minus
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}
  /// The next token, `end` again and again at the end.
  [[nodiscard]] std::expected<Token, Problem> next();

 private:
  [[nodiscard]] std::expected<Token, Problem> number();
  [[nodiscard]] std::expected<Token, Problem> string(bool raw, bool bytes, std::uint32_t begin);
  [[nodiscard]] std::expected<Token, Problem> quotedIdent();
  [[nodiscard]] std::expected<Token, Problem> punctuation();
  [[nodiscard]] std::expected<Token, Problem> literalPrefix(bool& matched);
  [[nodiscard]] Token token(TokenKind kind, std::uint32_t begin) const;
  [[nodiscard]] char peek(std::uint32_t ahead = 0) const noexcept {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  void skipSpace();

  std::string_view source_;
  std::uint32_t at_ = 0;
};

/// Is it one of the words that CEL reserves (`in`, `true`, `for`, ...)?
[[nodiscard]] bool isReserved(std::string_view word) noexcept;

}  // namespace weir::cel
