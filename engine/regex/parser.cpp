// Parses alternation, concatenation, repetition and groups.
#include "engine/regex/parser.h"

#include <algorithm>

#include "engine/regex/utf8.h"

namespace weir::regex {
namespace {

constexpr int kMaxDepth = 200;
constexpr std::int32_t kMaxRepeat = 1000;
constexpr std::size_t kMaxPatternBytes = 64 * 1024;
constexpr std::size_t kMaxGroups = 1000;
constexpr std::size_t kMaxRanges = 200'000;

bool isNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

Result<Syntax> parse(std::string_view pattern, SyntaxFlags flags, bool literal) {
  if (pattern.size() > kMaxPatternBytes)
    return fail("regex.too_large", "the pattern has " + std::to_string(pattern.size()) + " bytes, the limit is " +
                                       std::to_string(kMaxPatternBytes) + "; split it");
  Parser parser(pattern, flags);
  return literal ? parser.parseLiteral() : parser.parsePattern();
}

std::unexpected<Error> Parser::bad(std::size_t position, std::string what) const {
  return fail("regex.syntax", "position " + std::to_string(position) + ": " + std::move(what));
}

std::uint32_t Parser::nextCode() {
  const auto* data = reinterpret_cast<const std::uint8_t*>(pattern_.data());
  const auto decoded = decodeForward(data + at_, data + pattern_.size());
  at_ += static_cast<std::size_t>(decoded.size);
  return decoded.code;
}

std::int32_t Parser::addNode(Node node) {
  const auto child = [&](std::size_t index) -> const Node& {
    return syntax_.nodes[static_cast<std::size_t>(node.children[index])];
  };
  switch (node.kind) {
    case NodeKind::empty:
    case NodeKind::assertion:
      break;
    case NodeKind::set:
      node.nullable = false;
      break;
    case NodeKind::capture:
      node.nullable = child(0).nullable;
      break;
    case NodeKind::repeat:
      node.nullable = node.min == 0 || child(0).nullable;
      break;
    case NodeKind::concat:
      for (std::size_t i = 0; i < node.children.size(); ++i) node.nullable = node.nullable && child(i).nullable;
      break;
    case NodeKind::alternate:
      node.nullable = false;
      for (std::size_t i = 0; i < node.children.size(); ++i) node.nullable = node.nullable || child(i).nullable;
      break;
  }
  syntax_.nodes.push_back(std::move(node));
  return static_cast<std::int32_t>(syntax_.nodes.size() - 1);
}

std::int32_t Parser::addSet(CharSet set, bool fold) {
  if (fold) set.closeUnderFolding();
  set.normalize();
  // Equal sets are usually near each other; looking far back would cost more than it saves.
  std::size_t index = syntax_.sets.size();
  for (std::size_t back = 1; back <= std::min<std::size_t>(16, syntax_.sets.size()); ++back)
    if (syntax_.sets[syntax_.sets.size() - back] == set) index = syntax_.sets.size() - back;
  if (index == syntax_.sets.size()) {
    rangeCount_ += set.ranges().size();
    syntax_.sets.push_back(std::move(set));
  }
  return addNode({.kind = NodeKind::set, .index = static_cast<std::int32_t>(index), .children = {}});
}

std::int32_t Parser::addChar(std::uint32_t code) {
  const auto [known, isNew] = charSets_.try_emplace({code, flags_.ignoreCase}, 0);
  if (!isNew) return addNode({.kind = NodeKind::set, .index = known->second, .children = {}});
  CharSet set;
  set.add(code, code);
  if (flags_.ignoreCase)
    for (auto other = nextFold(code); other != code; other = nextFold(other)) set.add(other, other);
  set.normalize();
  known->second = static_cast<std::int32_t>(syntax_.sets.size());
  syntax_.sets.push_back(std::move(set));
  return addNode({.kind = NodeKind::set, .index = known->second, .children = {}});
}

std::int32_t Parser::addAssertion(Assertion assertion) {
  return addNode({.kind = NodeKind::assertion, .assertion = assertion, .children = {}});
}

std::int32_t Parser::joinNodes(NodeKind kind, std::vector<std::int32_t> children) {
  if (children.empty()) return addNode({});
  if (children.size() == 1) return children[0];
  return addNode({.kind = kind, .children = std::move(children)});
}

Result<Syntax> Parser::parseLiteral() {
  std::vector<std::int32_t> children;
  while (!atEnd()) children.push_back(addChar(nextCode()));
  syntax_.root = joinNodes(NodeKind::concat, std::move(children));
  return std::move(syntax_);
}

Result<Syntax> Parser::parsePattern() {
  WEIR_ASSIGN(syntax_.root, parseAlternate(0));
  if (!atEnd()) return bad(at_, "found ')' without '('; write \\) for the character itself");
  return std::move(syntax_);
}

Result<std::int32_t> Parser::parseAlternate(int depth) {
  if (depth > kMaxDepth)
    return bad(at_, "groups are nested deeper than " + std::to_string(kMaxDepth) + "; simplify the pattern");
  std::vector<std::int32_t> branches;
  do {
    WEIR_ASSIGN(const auto branch, parseConcat(depth));
    branches.push_back(branch);
  } while (accept("|"));
  return joinNodes(NodeKind::alternate, std::move(branches));
}

Result<std::int32_t> Parser::parseConcat(int depth) {
  std::vector<std::int32_t> parts;
  while (!atEnd() && peek() != '|' && peek() != ')') {
    if (accept("\\Q")) {
      // A quoted run is so many single characters: a repetition behind it applies to the last.
      while (!atEnd() && !accept("\\E")) parts.push_back(addChar(nextCode()));
      if (parts.empty()) continue;
      bool repeated = false;
      WEIR_ASSIGN(parts.back(), parseRepeat(parts.back(), repeated));
      continue;
    }
    if (accept("\\E")) continue;
    WEIR_ASSIGN(const auto atom, parseAtom(depth));
    if (rangeCount_ > kMaxRanges)
      return fail("regex.too_large",
                  "the pattern's character classes are too large together; use fewer or smaller ones");
    bool repeated = false;
    WEIR_ASSIGN(const auto part, parseRepeat(atom, repeated));
    parts.push_back(part);
  }
  return joinNodes(NodeKind::concat, std::move(parts));
}

Result<std::int32_t> Parser::parseAtom(int depth) {
  const auto start = at_;
  switch (peek()) {
    case '(':
      return parseGroup(depth);
    case '[':
      return parseClass();
    case '\\':
      return parseEscape();
    case '^':
      ++at_;
      return addAssertion(flags_.multiLine ? Assertion::beginLine : Assertion::beginText);
    case '$':
      ++at_;
      return addAssertion(flags_.multiLine ? Assertion::endLine : Assertion::endText);
    case '.': {
      ++at_;
      CharSet set;
      if (!flags_.dotAll) set.add('\n', '\n');
      set.negate();
      return addSet(std::move(set), false);
    }
    case '*':
    case '+':
    case '?':
      return bad(start, std::string("found '") + peek() + "' with nothing to repeat before it; write \\" + peek() +
                            " for the character itself");
    default:
      return addChar(nextCode());
  }
}

// Reads `{n}`, `{n,}` or `{n,m}`; anything else is plain text and leaves the position alone.
bool Parser::parseCounts(std::int32_t& min, std::int32_t& max) {
  const auto start = at_;
  const auto number = [&](std::int32_t& out) {
    const auto first = at_;
    out = 0;
    while (!atEnd() && peek() >= '0' && peek() <= '9') {
      out = std::min(out * 10 + (peek() - '0'), 100'000);
      ++at_;
    }
    return at_ > first;
  };
  ++at_;
  bool good = number(min);
  max = min;
  if (good && accept(",") && !number(max)) max = -1;
  good = good && accept("}");
  if (!good) at_ = start;
  return good;
}

Result<std::int32_t> Parser::parseRepeat(std::int32_t atom, bool& repeated) {
  while (!atEnd()) {
    const auto start = at_;
    std::int32_t min = 0;
    std::int32_t max = -1;
    if (accept("*")) {
    } else if (accept("+")) {
      min = 1;
    } else if (accept("?")) {
      max = 1;
    } else if (peek() == '{') {
      if (!parseCounts(min, max)) return atom;
      if (min > kMaxRepeat || max > kMaxRepeat || (max >= 0 && max < min))
        return bad(start, "found the repetition " + std::string(pattern_.substr(start, at_ - start)) +
                              "; expected {min,max} with min <= max <= 1000");
    } else {
      return atom;
    }
    if (repeated)
      return bad(start,
                 "found a repetition of a repetition (possessive operators are not supported); put the inner "
                 "one into a group (?:...)");
    repeated = true;
    const bool lazy = accept("?");
    atom = addNode(
        {.kind = NodeKind::repeat, .greedy = lazy == flags_.ungreedy, .min = min, .max = max, .children = {atom}});
  }
  return atom;
}

Result<std::int32_t> Parser::parseGroup(int depth) {
  const auto open = at_;
  ++at_;
  for (const std::string_view look : {"?=", "?!", "?<=", "?<!"})
    if (pattern_.substr(at_).starts_with(look))
      return bad(open, "found the lookaround (" + std::string(look) +
                           "...); it cannot be matched in linear time: match more text and capture the part you need");
  if (pattern_.substr(at_).starts_with("?>") || pattern_.substr(at_).starts_with("?#") ||
      pattern_.substr(at_).starts_with("?(") || pattern_.substr(at_).starts_with("?|"))
    return bad(open, "found the group (" + std::string(pattern_.substr(at_, 2)) +
                         "...), which is not supported; use a plain group (?:...)");
  if (accept("?P<") || accept("?<")) return parseNamedGroup(open, depth);
  if (accept("?P=") || accept("?P>"))
    return bad(open,
               "found a backreference to a named group; it cannot be matched in linear time: capture both parts "
               "and compare them afterwards");
  if (accept("?")) return parseFlags(open, depth);
  const auto index = static_cast<std::int32_t>(syntax_.groupNames.size());
  syntax_.groupNames.emplace_back();
  return closeGroup(open, depth, index);
}

Result<std::int32_t> Parser::parseNamedGroup(std::size_t open, int depth) {
  const auto start = at_;
  while (!atEnd() && isNameByte(peek())) ++at_;
  const auto name = std::string(pattern_.substr(start, at_ - start));
  if (name.empty() || !accept(">"))
    return bad(start, "expected a group name of letters, digits and _ followed by '>', as in (?P<name>...)");
  if (std::find(syntax_.groupNames.begin(), syntax_.groupNames.end(), name) != syntax_.groupNames.end())
    return bad(start, "found the group name '" + name + "' a second time; give each group its own name");
  const auto index = static_cast<std::int32_t>(syntax_.groupNames.size());
  syntax_.groupNames.push_back(name);
  return closeGroup(open, depth, index);
}

Result<std::int32_t> Parser::parseFlags(std::size_t open, int depth) {
  const auto outer = flags_;
  auto inner = flags_;
  bool value = true;
  bool any = false;
  for (;; ++at_) {
    if (atEnd()) return bad(open, "found a group (? without end; expected (?:...) or (?flags)");
    switch (peek()) {
      case 'i':
        inner.ignoreCase = value;
        any = true;
        continue;
      case 'm':
        inner.multiLine = value;
        any = true;
        continue;
      case 's':
        inner.dotAll = value;
        any = true;
        continue;
      case 'U':
        inner.ungreedy = value;
        any = true;
        continue;
      case '-':
        if (!value) return bad(at_, "found a second '-' among flags; expected (?i-s) or the like");
        value = false;
        any = false;
        continue;
      default:
        break;
    }
    break;
  }
  const char end = peek();
  if ((end != ':' && end != ')') || (!any && (!value || end == ')')))
    return bad(at_,
               std::string("found '") + end + "' after (?; expected the flags i, m, s, U (or -) and then ':' or ')'");
  ++at_;
  flags_ = inner;
  if (end == ')') return addNode({});  // stays on until the enclosing group ends
  WEIR_ASSIGN(const auto body, closeGroup(open, depth, -1));
  flags_ = outer;
  return body;
}

Result<std::int32_t> Parser::closeGroup(std::size_t open, int depth, std::int32_t captureIndex) {
  if (syntax_.groupNames.size() > kMaxGroups)
    return fail("regex.too_large", "the pattern has more than " + std::to_string(kMaxGroups) +
                                       " capturing groups; use (?:...) where nothing is captured");
  const auto outer = flags_;
  WEIR_ASSIGN(const auto body, parseAlternate(depth + 1));
  flags_ = outer;
  if (!accept(")")) return bad(open, "found '(' without ')'; close the group, or write \\( for the character itself");
  if (captureIndex < 0) return body;
  return addNode({.kind = NodeKind::capture, .index = captureIndex, .children = {body}});
}

}  // namespace weir::regex
