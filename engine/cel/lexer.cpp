// Cuts CEL source into tokens.
#include "engine/cel/lexer.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/cel/number-literal.h"
#include "engine/cel/string-literal.h"

namespace weir::cel {
namespace {

[[nodiscard]] bool isIdentStart(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
[[nodiscard]] bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] bool isIdent(char c) noexcept { return isIdentStart(c) || isDigit(c); }
[[nodiscard]] bool isQuote(char c) noexcept { return c == '"' || c == '\''; }

[[nodiscard]] std::unexpected<Problem> bad(std::uint32_t begin, std::uint32_t end, std::string message,
                                           std::string suggestion = {}) {
  Problem problem;
  problem.code = "cel.syntax";
  problem.offset = begin;
  problem.length = end > begin ? end - begin : 1;
  problem.message = std::move(message);
  problem.suggestion = std::move(suggestion);
  return std::unexpected(std::move(problem));
}

struct Punctuation {
  std::string_view text;
  TokenKind kind;
};
// Longer ones first.
constexpr std::array<Punctuation, 25> kPunctuation{{
    {"&&", TokenKind::andAnd},      {"||", TokenKind::orOr},      {"==", TokenKind::equal},
    {"!=", TokenKind::notEqual},    {"<=", TokenKind::lessEqual}, {">=", TokenKind::greaterEqual},
    {"(", TokenKind::leftParen},    {")", TokenKind::rightParen}, {"[", TokenKind::leftBracket},
    {"]", TokenKind::rightBracket}, {"{", TokenKind::leftBrace},  {"}", TokenKind::rightBrace},
    {",", TokenKind::comma},        {".", TokenKind::dot},        {":", TokenKind::colon},
    {"?", TokenKind::question},     {"+", TokenKind::plus},       {"-", TokenKind::minus},
    {"*", TokenKind::star},         {"/", TokenKind::slash},      {"%", TokenKind::percent},
    {"!", TokenKind::bang},         {"<", TokenKind::less},       {">", TokenKind::greater},
    {"", TokenKind::end},
}};

}  // namespace

bool isReserved(std::string_view word) noexcept {
  static constexpr std::array<std::string_view, 21> kWords{
      "as",  "break", "const",     "continue", "else",    "false",  "for",  "function", "if",   "import", "in",
      "let", "loop",  "namespace", "null",     "package", "return", "true", "var",      "void", "while"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

Token Lexer::token(TokenKind kind, std::uint32_t begin) const {
  Token token;
  token.kind = kind;
  token.begin = begin;
  token.end = at_;
  token.text = source_.substr(begin, at_ - begin);
  return token;
}

void Lexer::skipSpace() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++at_;
    } else if (c == '/' && peek(1) == '/') {
      while (at_ < source_.size() && source_[at_] != '\n') ++at_;
    } else {
      return;
    }
  }
}

std::expected<Token, Problem> Lexer::next() {
  skipSpace();
  const auto begin = at_;
  if (at_ >= source_.size()) return token(TokenKind::end, begin);
  const char c = peek();
  if (isDigit(c) || (c == '.' && isDigit(peek(1)))) return number();
  if (isQuote(c)) return string(false, false, begin);
  if (c == '`') return quotedIdent();
  if (!isIdentStart(c)) return punctuation();
  bool matched = false;
  auto prefixed = literalPrefix(matched);
  if (matched) return prefixed;
  while (isIdent(peek())) ++at_;
  return token(TokenKind::ident, begin);
}

std::expected<Token, Problem> Lexer::literalPrefix(bool& matched) {
  const auto begin = at_;
  bool raw = false;
  bool bytes = false;
  std::uint32_t ahead = 0;
  for (; ahead < 2; ++ahead) {
    const char c = peek(ahead);
    if ((c == 'r' || c == 'R') && !raw) {
      raw = true;
    } else if ((c == 'b' || c == 'B') && !bytes) {
      bytes = true;
    } else {
      break;
    }
  }
  matched = ahead > 0 && isQuote(peek(ahead));
  if (!matched) return Token{};
  at_ += ahead;
  return string(raw, bytes, begin);
}

std::expected<Token, Problem> Lexer::string(bool raw, bool bytes, std::uint32_t begin) {
  const char quote = peek();
  const bool triple = peek(1) == quote && peek(2) == quote;
  at_ += triple ? 3 : 1;
  const auto bodyBegin = at_;
  for (;; ++at_) {
    if (at_ >= source_.size())
      return bad(begin, at_, "This string has no end.", "Close it with " + std::string(triple ? 3 : 1, quote) + ".");
    const char c = source_[at_];
    if (c == '\\' && at_ + 1 < source_.size() && !raw) {
      ++at_;
      continue;
    }
    if (!triple && (c == '\n' || c == '\r'))
      return bad(begin, at_, "A string ends at the end of its line, and this one is not closed.",
                 "Close it, or use three quotes for a string over several lines.");
    if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) break;
  }
  const auto body = source_.substr(bodyBegin, at_ - bodyBegin);
  at_ += triple ? 3 : 1;
  auto result = token(TokenKind::literal, begin);
  auto decoded = decodeString(body, raw, bytes);
  if (!decoded) {
    const auto at = bodyBegin + decoded.error().offset;
    return bad(at, at + decoded.error().length, std::move(decoded.error().message));
  }
  result.value = bytes ? Value::bytes(*decoded) : Value::string(*decoded);
  return result;
}

std::expected<Token, Problem> Lexer::quotedIdent() {
  const auto begin = at_++;
  const auto bodyBegin = at_;
  while (isIdent(peek()) || peek() == '.' || peek() == '-' || peek() == '/' || peek() == ' ') ++at_;
  if (peek() != '`' || at_ == bodyBegin)
    return bad(begin, at_ + 1,
               "A name in backticks holds letters, digits and _ . - / and spaces, and ends with a backtick.",
               "For other names write an index: row[\"name\"].");
  ++at_;
  auto result = token(TokenKind::quotedIdent, begin);
  result.text = source_.substr(bodyBegin, at_ - 1 - bodyBegin);
  return result;
}

std::expected<Token, Problem> Lexer::number() {
  const auto begin = at_;
  const auto scanned = scanNumber(source_.substr(at_));
  at_ += static_cast<std::uint32_t>(scanned.length);
  if (!scanned.error.empty()) return bad(begin, at_, scanned.error);
  if (isIdent(peek())) {
    const auto end = at_;
    while (isIdent(peek())) ++at_;
    return bad(begin, at_, "\"" + std::string(source_.substr(begin, at_ - begin)) + "\" is not a number.",
               "Put a space or an operator behind " + std::string(source_.substr(begin, end - begin)) + ".");
  }
  auto result = token(TokenKind::literal, begin);
  result.value = scanned.value;
  result.minInt = scanned.minInt;
  return result;
}

std::expected<Token, Problem> Lexer::punctuation() {
  const auto begin = at_;
  const auto rest = source_.substr(at_);
  for (const auto& candidate : kPunctuation) {
    if (candidate.text.empty() || !rest.starts_with(candidate.text)) continue;
    at_ += static_cast<std::uint32_t>(candidate.text.size());
    return token(candidate.kind, begin);
  }
  const char c = rest.front();
  std::string suggestion;
  if (c == '=') suggestion = "Equality is written ==.";
  if (c == '&') suggestion = "Logical and is written &&.";
  if (c == '|') suggestion = "Logical or is written ||.";
  if (c == '$') suggestion = "Parameters are written params.name.";
  auto length = std::uint32_t{1};
  while (begin + length < source_.size() && (static_cast<unsigned char>(source_[begin + length]) & 0xC0U) == 0x80)
    ++length;
  const auto shown = static_cast<unsigned char>(c) < 0x20 || c == 0x7F
                         ? "byte " + std::to_string(static_cast<unsigned char>(c))
                         : "\"" + std::string(source_.substr(begin, length)) + "\"";
  return bad(begin, begin + length, "The character " + shown + " has no meaning here.", std::move(suggestion));
}

}  // namespace weir::cel
