// Parses escapes, [classes] and \p{groups}.
#include <array>

#include "engine/regex/parser.h"
#include "engine/regex/utf8.h"

namespace weir::regex {
namespace {

struct NamedRanges {
  std::string_view name;
  std::array<CodeRange, 4> ranges;  // unused ones have low > high
};

constexpr CodeRange kNone{1, 0};

constexpr NamedRanges kPosixClasses[] = {
    {"alnum", {{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, kNone}}},
    {"alpha", {{{'A', 'Z'}, {'a', 'z'}, kNone, kNone}}},
    {"ascii", {{{0, 0x7F}, kNone, kNone, kNone}}},
    {"blank", {{{'\t', '\t'}, {' ', ' '}, kNone, kNone}}},
    {"cntrl", {{{0, 0x1F}, {0x7F, 0x7F}, kNone, kNone}}},
    {"digit", {{{'0', '9'}, kNone, kNone, kNone}}},
    {"graph", {{{'!', '~'}, kNone, kNone, kNone}}},
    {"lower", {{{'a', 'z'}, kNone, kNone, kNone}}},
    {"print", {{{' ', '~'}, kNone, kNone, kNone}}},
    {"punct", {{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}}},
    {"space", {{{'\t', '\r'}, {' ', ' '}, kNone, kNone}}},
    {"upper", {{{'A', 'Z'}, kNone, kNone, kNone}}},
    {"word", {{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}}}},
    {"xdigit", {{{'0', '9'}, {'A', 'F'}, {'a', 'f'}, kNone}}},
};

constexpr NamedRanges kPerlClasses[] = {
    {"d", {{{'0', '9'}, kNone, kNone, kNone}}},
    {"s", {{{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}, kNone}}},
    {"w", {{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}}}},
};

CharSet toSet(const NamedRanges& named, bool negated, bool fold) {
  CharSet set;
  for (const auto range : named.ranges)
    if (range.low <= range.high) set.add(range.low, range.high);
  if (fold) set.closeUnderFolding();
  set.normalize();
  if (negated) set.negate();
  return set;
}

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::int32_t> Parser::parseEscape() {
  const auto start = at_;
  if (at_ + 1 >= pattern_.size()) return bad(start, "found a \\ at the end; write \\\\ for the character itself");
  const char next = pattern_[at_ + 1];
  const auto assertion = [&](Assertion kind) {
    at_ += 2;
    return addAssertion(kind);
  };
  switch (next) {
    case 'A':
      return assertion(Assertion::beginText);
    case 'z':
      return assertion(Assertion::endText);
    case 'b':
      return assertion(Assertion::wordBoundary);
    case 'B':
      return assertion(Assertion::notWordBoundary);
    case 'Z':
      return bad(start, "found \\Z, which is not supported; use \\z for the end of the text");
    case 'G':
    case 'K':
    case 'C':
    case 'X':
    case 'R':
      return bad(start, std::string("found \\") + next + ", which is not supported; see the list of RE2 escapes");
    case 'k':
      return bad(start,
                 "found a backreference to a named group; it cannot be matched in linear time: capture "
                 "both parts and compare them afterwards");
    default:
      break;
  }
  CharSet set;
  if (parsePerlClass(set)) return addSet(std::move(set), false);
  if (next == 'p' || next == 'P') {
    WEIR_TRY(parseUnicodeGroup(set));
    return addSet(std::move(set), false);
  }
  WEIR_ASSIGN(const auto code, parseEscapedChar());
  return addChar(code);
}

bool Parser::parsePerlClass(CharSet& out) {
  const auto rest = pattern_.substr(at_);
  if (rest.size() < 2 || rest[0] != '\\') return false;
  for (const auto& named : kPerlClasses) {
    const char upper = static_cast<char>(named.name[0] - 'a' + 'A');
    if (rest[1] != named.name[0] && rest[1] != upper) continue;
    at_ += 2;
    out.add(toSet(named, rest[1] == upper, false));
    return true;
  }
  return false;
}

Result<Unit> Parser::parseUnicodeGroup(CharSet& out) {
  const auto start = at_;
  bool negated = pattern_[at_ + 1] == 'P';
  at_ += 2;
  if (atEnd()) return bad(start, "found \\p at the end; expected \\pL or \\p{Greek}");
  std::string name;
  if (accept("{")) {
    const auto end = pattern_.find('}', at_);
    if (end == std::string_view::npos) return bad(start, "found \\p{ without '}'; write \\p{Greek} or the like");
    name = pattern_.substr(at_, end - at_);
    at_ = end + 1;
    if (name.starts_with('^')) {
      negated = !negated;
      name.erase(0, 1);
    }
  } else {
    name = std::string(1, peek());
    static_cast<void>(nextCode());
  }
  CharSet set;
  if (!addUnicodeGroup(name, set))
    return bad(start, "found the unknown Unicode group '" + name.substr(0, 40) +
                          "'; expected a general category such as L or Lu, or a script such as Greek");
  if (flags_.ignoreCase) set.closeUnderFolding();
  if (negated) set.negate();
  out.add(set);
  return Unit{};
}

// The position is just behind \x.
Result<std::uint32_t> Parser::parseHex(std::size_t start) {
  std::uint32_t code = 0;
  const bool braced = accept("{");
  int digits = 0;
  while (!atEnd() && hexValue(peek()) >= 0 && (braced || digits < 2) && code <= kMaxCodePoint) {
    code = code * 16 + static_cast<std::uint32_t>(hexValue(peek()));
    ++at_;
    ++digits;
  }
  if (digits == 0 || (!braced && digits != 2) || (braced && !accept("}")) || code > kMaxCodePoint)
    return bad(start, "found an incomplete or too large \\x; expected \\x7F or \\x{10FFFF}");
  return code;
}

Result<std::uint32_t> Parser::parseEscapedChar() {
  const auto start = at_;
  if (at_ + 1 >= pattern_.size()) return bad(start, "found a \\ at the end; write \\\\ for the character itself");
  const char c = pattern_[at_ + 1];
  at_ += 2;
  switch (c) {
    case 'a':
      return 7U;
    case 'f':
      return 12U;
    case 't':
      return 9U;
    case 'n':
      return 10U;
    case 'r':
      return 13U;
    case 'v':
      return 11U;
    case 'x':
      return parseHex(start);
    default:
      break;
  }
  if (c >= '0' && c <= '9') {
    const bool octal = !atEnd() && peek() >= '0' && peek() <= '7' && c < '8';
    if (c != '0' && !octal)
      return bad(start, std::string("found the backreference \\") + c +
                            "; it cannot be matched in linear time: capture both parts and compare them afterwards");
    auto code = static_cast<std::uint32_t>(c - '0');
    for (int digits = 1; digits < 3 && !atEnd() && peek() >= '0' && peek() <= '7'; ++digits, ++at_)
      code = code * 8 + static_cast<std::uint32_t>(peek() - '0');
    return code;
  }
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (!letter && static_cast<unsigned char>(c) < 0x80) return static_cast<std::uint32_t>(c);
  --at_;
  const auto code = nextCode();
  const auto found = pattern_.substr(start, at_ - start);
  if (code == 'u' || code == 'U')
    return bad(start, "found the escape " + std::string(found) + "; write \\x{1F600} for a character by its number");
  return bad(start, "found the unknown escape " + std::string(found) + "; letters are written without \\");
}

// Reads [:alpha:], \d or \pL inside a class; false if there is none at this position.
Result<bool> Parser::parseClassGroup(CharSet& out) {
  const auto rest = pattern_.substr(at_);
  if (rest.starts_with("[:")) {
    const auto end = rest.find(":]", 2);
    if (end == std::string_view::npos) return false;
    auto name = rest.substr(2, end - 2);
    const bool negated = name.starts_with('^');
    if (negated) name.remove_prefix(1);
    for (const auto& named : kPosixClasses) {
      if (named.name != name) continue;
      out.add(toSet(named, negated, flags_.ignoreCase));
      at_ += end + 2;
      return true;
    }
    return bad(at_, "found the unknown class [:" + std::string(name.substr(0, 40)) +
                        ":]; expected [:alpha:], [:digit:], [:space:] or the like");
  }
  if (rest.size() > 2 && rest[0] == '\\' && (rest[1] == 'p' || rest[1] == 'P')) {
    WEIR_TRY(parseUnicodeGroup(out));
    return true;
  }
  CharSet set;
  if (!parsePerlClass(set)) return false;
  out.add(set);
  return true;
}

Result<std::uint32_t> Parser::parseClassChar() {
  if (peek() == '\\') return parseEscapedChar();
  return nextCode();
}

Result<std::int32_t> Parser::parseClass() {
  const auto open = at_;
  ++at_;
  const bool negated = accept("^");
  CharSet set;
  CharSet groups;  // already folded where folding applies
  for (bool first = true;; first = false) {
    if (atEnd()) return bad(open, "found '[' without ']'; close the class, or write \\[ for the character itself");
    if (peek() == ']' && !first) break;
    WEIR_ASSIGN(const bool isGroup, parseClassGroup(groups));
    if (isGroup) continue;
    const auto start = at_;
    WEIR_ASSIGN(const auto low, parseClassChar());
    auto high = low;
    if (at_ + 1 < pattern_.size() && peek() == '-' && pattern_[at_ + 1] != ']') {
      ++at_;
      WEIR_ASSIGN(high, parseClassChar());
      if (high < low)
        return bad(start, "found the range " + std::string(pattern_.substr(start, at_ - start)) +
                              ", whose end comes before its begin; swap them");
    }
    set.add(low, high);
  }
  ++at_;
  if (flags_.ignoreCase) set.closeUnderFolding();
  set.add(groups);
  set.normalize();
  if (negated) set.negate();
  return addSet(std::move(set), false);
}

}  // namespace weir::regex
