// Compiles globs and matches paths; a star backtracks only to the last star, which keeps the time bounded.
#include "engine/text/glob.h"

#include <algorithm>

#include "engine/text/glob-braces.h"
#include "engine/text/utf8.h"

namespace weir {
namespace {

char32_t next(std::string_view text, std::size_t& at) {
  const utf8::CodePoint point = utf8::decode(text, static_cast<std::int64_t>(at));
  // A byte that is no UTF-8 equals itself only.
  const bool broken = point.value == 0xFFFD && point.bytes == 1;
  const char32_t value = broken ? 0x110000U + static_cast<unsigned char>(text[at]) : point.value;
  at += static_cast<std::size_t>(point.bytes);
  return value;
}

void put(std::string& out, char32_t value) {
  if (value >= 0x110000U)
    out += static_cast<char>(value - 0x110000U);
  else
    utf8::append(out, value);
}

// The parts between slashes: "" has none, "/" has one that is empty, "a//./b/" is "a/b".
std::vector<std::string_view> partsOf(std::string_view path) {
  std::vector<std::string_view> parts;
  if (path.starts_with('/')) parts.emplace_back();
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (!part.empty() && part != ".") parts.push_back(part);
    at = end + 1;
  }
  return parts;
}

}  // namespace

Result<Glob> Glob::compile(std::string_view pattern) {
  Glob glob;
  glob.text_ = pattern;
  WEIR_ASSIGN(const std::vector<std::string> texts, expandBraces(pattern));
  for (const std::string& text : texts) {
    WEIR_ASSIGN(Alternative alternative, compileAlternative(text));
    glob.alternatives_.push_back(std::move(alternative));
  }
  return glob;
}

Result<Glob::Alternative> Glob::compileAlternative(std::string_view pattern) {
  if (pattern.empty()) return wrongGlob(pattern, 0, "an alternative is empty; write a file name such as *.csv");
  Alternative parts(1);
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    std::vector<Token>& tokens = parts.back().tokens;
    if (c == '/') {
      const bool doubled = at > 0 && pattern[at - 1] == '/';
      if (at + 1 == pattern.size())
        return wrongGlob(pattern, pattern.size() - 1, "it ends with '/'; add a file name such as *.csv or **");
      if (isDot(parts.back()))
        tokens.clear();
      else if (!doubled)
        parts.emplace_back();
      ++at;
    } else if (c == '*') {
      const std::size_t end = std::min(pattern.find_first_not_of('*', at), pattern.size());
      const bool wholePart = (at == 0 || pattern[at - 1] == '/') && (end == pattern.size() || pattern[end] == '/');
      if (end - at == 2 && wholePart)
        parts.back().anyParts = true;
      else
        tokens.push_back({.kind = Token::Kind::anyRun, .ranges = {}});
      at = end;
    } else if (c == '?') {
      tokens.push_back({.kind = Token::Kind::anyOne, .ranges = {}});
      ++at;
    } else if (c == '[') {
      WEIR_ASSIGN(Token token, compileClass(pattern, at));
      tokens.push_back(std::move(token));
    } else {
      if (c == '\\') ++at;
      tokens.push_back({.kind = Token::Kind::literal, .value = next(pattern, at), .ranges = {}});
      if (tokens.back().value == '/') return wrongGlob(pattern, at - 1, "a slash cannot be escaped");
    }
  }
  if (isDot(parts.back()))
    return wrongGlob(pattern, pattern.size() - 1, "'.' is a folder; add a file name such as *.csv");
  return parts;
}

bool Glob::isDot(const Part& part) noexcept {
  return part.tokens.size() == 1 && part.tokens.front().kind == Token::Kind::literal &&
         part.tokens.front().value == '.';
}

Result<Glob::Token> Glob::compileClass(std::string_view pattern, std::size_t& at) {
  const std::size_t open = at++;
  Token token{.kind = Token::Kind::oneOf, .ranges = {}};
  if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) {
    token.kind = Token::Kind::noneOf;
    ++at;
  }
  for (bool first = true; at < pattern.size() && (first || pattern[at] != ']'); first = false) {
    if (pattern[at] == '/') return wrongGlob(pattern, at, "a slash cannot stand in [brackets]");
    if (pattern[at] == '\\' && ++at == pattern.size()) break;
    Range range{.first = next(pattern, at), .last = 0};
    range.last = range.first;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      if (pattern[at] == '\\' && ++at == pattern.size()) break;
      const std::size_t lastAt = at;
      range.last = next(pattern, at);
      if (range.last < range.first) return wrongGlob(pattern, lastAt, "the range ends before it starts");
    }
    token.ranges.push_back(range);
  }
  if (at >= pattern.size()) return wrongGlob(pattern, open, "the bracket '[' is not closed; a plain one is \\[");
  ++at;
  return token;
}

bool Glob::matchesToken(const Token& token, char32_t value) {
  if (token.kind == Token::Kind::literal) return token.value == value;
  if (token.kind == Token::Kind::anyOne) return true;
  const bool inside = std::ranges::any_of(
      token.ranges, [value](const Range& range) { return value >= range.first && value <= range.last; });
  return inside == (token.kind == Token::Kind::oneOf);
}

bool Glob::matchesPart(const Part& part, std::string_view text) {
  const std::vector<Token>& tokens = part.tokens;
  std::size_t at = 0;
  std::size_t token = 0;
  std::size_t starToken = tokens.size() + 1;
  std::size_t starAt = 0;
  for (;;) {
    if (token < tokens.size() && tokens[token].kind == Token::Kind::anyRun) {
      starToken = token++;
      starAt = at;
      continue;
    }
    if (at == text.size()) return token == tokens.size();
    if (token < tokens.size()) {
      std::size_t after = at;
      if (matchesToken(tokens[token], next(text, after))) {
        at = after;
        ++token;
        continue;
      }
    }
    if (starToken > tokens.size()) return false;
    (void)next(text, starAt);
    at = starAt;
    token = starToken + 1;
  }
}

bool Glob::matchesParts(const Alternative& parts, const std::vector<std::string_view>& path) {
  std::size_t at = 0;
  std::size_t part = 0;
  std::size_t starPart = parts.size() + 1;
  std::size_t starAt = 0;
  for (;;) {
    if (part < parts.size() && parts[part].anyParts) {
      const bool last = part + 1 == parts.size();
      if (last) return at < path.size();
      starPart = part++;
      starAt = at;
      continue;
    }
    if (at == path.size()) return part == parts.size();
    if (part < parts.size() && matchesPart(parts[part], path[at])) {
      ++at;
      ++part;
      continue;
    }
    if (starPart > parts.size()) return false;
    at = ++starAt;
    part = starPart + 1;
  }
}

bool Glob::matches(std::string_view path) const {
  const std::vector<std::string_view> parts = partsOf(path);
  return std::ranges::any_of(alternatives_, [&parts](const Alternative& each) { return matchesParts(each, parts); });
}

bool Glob::isPlain(const Part& part) noexcept {
  return !part.anyParts &&
         std::ranges::all_of(part.tokens, [](const Token& token) { return token.kind == Token::Kind::literal; });
}

std::string Glob::plainText(const Part& part) {
  std::string out;
  for (const Token& token : part.tokens) put(out, token.value);
  return out;
}

bool Glob::isLiteral() const noexcept {
  return alternatives_.size() == 1 && std::ranges::all_of(alternatives_.front(), isPlain);
}

std::string Glob::literalPath() const {
  std::string path;
  for (const Part& part : alternatives_.front()) {
    if (&part != &alternatives_.front().front()) path += '/';
    path += plainText(part);
  }
  return path;
}

std::string Glob::literalPrefix() const {
  std::vector<std::string> common;
  for (std::size_t i = 0; i < alternatives_.size(); ++i) {
    const Alternative& parts = alternatives_[i];
    std::vector<std::string> folders;
    for (std::size_t j = 0; j + 1 < parts.size() && isPlain(parts[j]); ++j) folders.push_back(plainText(parts[j]));
    if (i == 0) common = folders;
    const auto shared = std::ranges::mismatch(common, folders);
    common.erase(shared.in1, common.end());
  }
  if (common.size() == 1 && common.front().empty()) return "/";
  std::string prefix;
  for (std::size_t i = 0; i < common.size(); ++i) prefix += (i == 0 ? "" : "/") + common[i];
  return prefix;
}

bool Glob::couldMatchBelow(std::string_view dir) const {
  const std::vector<std::string_view> folders = partsOf(dir);
  return std::ranges::any_of(alternatives_, [&folders](const Alternative& parts) {
    for (std::size_t i = 0; i < folders.size(); ++i) {
      if (i >= parts.size()) return false;
      if (parts[i].anyParts) return true;
      if (!matchesPart(parts[i], folders[i])) return false;
    }
    return folders.size() < parts.size();
  });
}

}  // namespace weir
