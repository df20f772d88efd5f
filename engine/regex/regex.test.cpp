// RE2 semantics by example.
#include "engine/regex/regex.h"

#include <doctest/doctest.h>

#include <vector>

#include "engine/regex/char-set.h"

namespace {

using namespace weir;
using weir::regex::Regex;
using weir::regex::Span;

// All groups of the first match, as "(0,3)(1,2)(-)", or "none", or the error.
std::string matchOf(std::string_view pattern, std::string_view text, const regex::RegexOptions& options = {}) {
  auto compiled = Regex::compile(pattern, options);
  if (!compiled) return std::string(compiled.error().code) + ": " + compiled.error().message;
  Regex::Scratch scratch;
  std::vector<Span> groups(static_cast<std::size_t>(compiled->groupCount()) + 1);
  const bool found = compiled->captures(text, 0, scratch, groups);
  CHECK(compiled->search(text, scratch) == found);
  if (!found) return "none";
  std::string out;
  for (const auto group : groups)
    out += group.matched() ? "(" + std::to_string(group.begin) + "," + std::to_string(group.end) + ")" : "(-)";
  return out;
}

struct Case {
  std::string_view pattern;
  std::string_view text;
  std::string_view expected;
};

constexpr Case kCases[] = {
    {"", "", "(0,0)"},
    {"", "abc", "(0,0)"},
    {"a", "abc", "(0,1)"},
    {"b", "abc", "(1,2)"},
    {"d", "abc", "none"},
    {"a|ab", "ab", "(0,1)"},
    {"ab|a", "ab", "(0,2)"},
    {"(a|ab)(c|bcd)", "abcd", "(0,4)(0,1)(1,4)"},
    {"(a+)(b+)", "xaabbb", "(1,6)(1,3)(3,6)"},
    {"(a+?)(a*)", "aaa", "(0,3)(0,1)(1,3)"},
    {"(?U)(a+)(a*?)", "aaa", "(0,3)(0,1)(1,3)"},
    {"a*?", "aaa", "(0,0)"},
    {"a{2}", "aaaa", "(0,2)"},
    {"a{2,}", "aaaa", "(0,4)"},
    {"a{2,3}", "aaaa", "(0,3)"},
    {"a{2,3}?", "aaaa", "(0,2)"},
    {"a{,2}", "a{,2}", "(0,5)"},
    {"a{", "a{", "(0,2)"},
    {"x{0}y", "xy", "(1,2)"},
    {"(a)|(b)", "b", "(0,1)(-)(0,1)"},
    {"(?:(a)|(b))*", "ab", "(0,2)(0,1)(1,2)"},
    {"(a*)*", "aa", "(0,2)(0,2)"},
    {"(a*)+", "b", "(0,0)(0,0)"},
    {"(|a)*", "aa", "(0,0)(0,0)"},
    {"(|a)+", "aa", "(0,0)(0,0)"},
    {"(a|b)*c", "ababc", "(0,5)(3,4)"},
    {"^abc$", "abc", "(0,3)"},
    {"^b", "ab", "none"},
    {"b$", "ab\n", "none"},
    {"(?m)b$", "ab\n", "(1,2)"},
    {"(?m)^b", "a\nb", "(2,3)"},
    {"\\Ab", "a\nb", "none"},
    {"b\\z", "ab", "(1,2)"},
    {"a.c", "a\nc", "none"},
    {"(?s)a.c", "a\nc", "(0,3)"},
    {"(?s:a.)c.d", "a\ncxd", "(0,5)"},
    {"(?i)HeLLo", "say hEllO", "(4,9)"},
    {"(?i:a)b", "Ab", "(0,2)"},
    {"(?i:a)b", "AB", "none"},
    {"(?i)a(?-i)b", "Ab", "(0,2)"},
    {"(?i)k", "\xE2\x84\xAA", "(0,3)"},
    {"(?i)\xCF\x83", "\xCF\x82", "(0,2)"},
    {"(?i)[a-c]+", "xABCd", "(1,4)"},
    {"(?i)[^a]", "A", "none"},
    {"\\bfoo\\b", "a foo b", "(2,5)"},
    {"\\bfoo\\b", "afoo", "none"},
    {"\\Boo", "foo", "(1,3)"},
    {"\\b", "", "none"},
    {"\\B", "", "(0,0)"},
    {"(?:\\bx|y\\b)z?", " yz x", "(4,5)"},
    {"[a-c]+", "xxabcd", "(2,5)"},
    {"[^a-c]+", "abxyc", "(2,4)"},
    {"[]a]+", "x]a]", "(1,4)"},
    {"[^]a]+", "]ab", "(2,3)"},
    {"[a-]+", "x-a-", "(1,4)"},
    {"[\\d\\-x]+", "ab12-x", "(2,6)"},
    {"[[:alpha:]_]+", "1ab_2", "(1,4)"},
    {"[[:^digit:]]+", "12ab3", "(2,4)"},
    {"[^\\s]+", "  ab ", "(2,4)"},
    {"\\d+\\D\\w\\W\\s\\S", "12-a- x", "(0,7)"},
    {"\\pN+", "a12b", "(1,3)"},
    {"\\p{Greek}+", "abc\xCE\xB1\xCE\xB2z", "(3,7)"},
    {"\\P{Greek}+", "\xCE\xB1zz", "(2,4)"},
    {"\\p{^Greek}", "\xCE\xB1z", "(2,3)"},
    {"[\\p{Lu}\\d]+", "aB3\xC3\x89z", "(1,5)"},
    {"\\p{Han}", "a\xE4\xB8\xAD", "(1,4)"},
    {"\\pL+\\pM?", "e\xCC\x81", "(0,3)"},
    {"\\Qa.b*\\E+", "a.b**", "(0,5)"},
    {"\\Qa\\", "a\\", "(0,2)"},
    {"\\x41\\x{42}\\103\\060", "ABC0", "(0,4)"},
    {"\\a\\f\\t\\n\\r\\v", "\a\f\t\n\r\v", "(0,6)"},
    {"\\.\\*\\_", ".*_", "(0,3)"},
    {".", "\xFF", "(0,1)"},
    {"\\x{FFFD}", "\xE2\x82", "(0,1)"},
    {"^..$", "\xE2\x82", "(0,2)"},
    {"^.$", "\xE2\x82\xAC", "(0,3)"},
    {"[^a]b",
     "\xFF\xFE"
     "b",
     "(1,3)"},
    {"(?P<year>\\d{4})-(?<month>\\d\\d)", "on 2024-05-06", "(3,10)(3,7)(8,10)"},
    {"(?i)error|fatal", "xx FaTaL", "(3,8)"},
    {"ERROR|FATAL", "xx FATAL ERROR", "(3,8)"},
    {"(?i)warn(ing)?", "a WARNING", "(2,9)(6,9)"},
    {"(foo|bar)+?baz", "foobarbaz", "(0,9)(3,6)"},
    {"[a-z]+@[a-z]+\\.com", "mail joe@example.com now", "(5,20)"},
    {"(.*)=(.*)", "a=b=c", "(0,5)(0,3)(4,5)"},
    {"(.*?)=(.*)", "a=b=c", "(0,5)(0,1)(2,5)"},
    {"[^\\x00-\\x{10FFFF}]", "abc", "none"},
    {"a\\Cb", "acb", "regex.syntax: position 1: found \\C, which is not supported; see the list of RE2 escapes"},
};

}  // namespace

TEST_CASE("patterns match as RE2 matches them") {
  for (const auto& [pattern, text, expected] : kCases) {
    CAPTURE(pattern);
    CAPTURE(text);
    CHECK(matchOf(pattern, text) == expected);
  }
}

TEST_CASE("a pattern that is not RE2 is refused with its position and a remedy") {
  constexpr struct {
    std::string_view pattern;
    std::string_view part;
  } kBad[] = {
      {"a(?=b)", "position 1: found the lookaround (?=...)"},
      {"(?<!a)b", "position 0: found the lookaround (?<!...)"},
      {"(a)\\1", "position 3: found the backreference \\1"},
      {"(?P=x)", "backreference"},
      {"\\k<x>", "backreference"},
      {"a**", "position 2: found a repetition of a repetition"},
      {"a*+", "position 2: found a repetition of a repetition"},
      {"*a", "position 0: found '*' with nothing to repeat"},
      {"a|+", "position 2: found '+' with nothing to repeat"},
      {"a{1001}", "{min,max}"},
      {"a{3,2}", "{min,max}"},
      {"(a", "position 0: found '(' without ')'"},
      {"a)", "position 1: found ')' without '('"},
      {"[a", "position 0: found '[' without ']'"},
      {"[b-a]", "whose end comes before its begin"},
      {"[[:foo:]]", "found the unknown class [:foo:]"},
      {"\\p{Nope}", "found the unknown Unicode group 'Nope'"},
      {"\\", "found a \\ at the end"},
      {"\\q", "found the unknown escape \\q"},
      {"\\Z", "use \\z"},
      {"\\x{110000}", "expected \\x7F or \\x{10FFFF}"},
      {"(?P<a>x)(?P<a>y)", "a second time"},
      {"(?P<a-b>x)", "expected a group name"},
      {"(?z)a", "found 'z' after (?"},
      {"(?>a)", "not supported"},
  };
  for (const auto& [pattern, part] : kBad) {
    CAPTURE(pattern);
    const auto result = Regex::compile(pattern);
    REQUIRE(!result.has_value());
    CHECK(result.error().code == "regex.syntax");
    CHECK(result.error().message.find(part) != std::string::npos);
  }
}

TEST_CASE("a pattern that would need too much memory is refused") {
  for (const std::string_view pattern :
       {"((((a{100}){100}){100}){100}){100}", "(((x{0}){1000}){1000}){1000}", "(?:\\pL{1000}){1000}"}) {
    const auto result = Regex::compile(pattern);
    REQUIRE(!result.has_value());
    CHECK(result.error().code == "regex.too_large");
  }
  CHECK(Regex::compile(std::string(300, '(') + std::string(300, ')')).error().code == "regex.syntax");
}

TEST_CASE("a full match considers every way, not only the preferred one") {
  const auto regex = Regex::compile("(a|ab)(c?)");
  REQUIRE(regex);
  Regex::Scratch scratch;
  Span groups[3];
  CHECK(regex->fullMatch("ab", scratch));
  CHECK(regex->fullCaptures("abc", scratch, groups));
  CHECK(groups[1] == Span{0, 2});
  CHECK(groups[2] == Span{2, 3});
  CHECK_FALSE(regex->fullMatch("abcd", scratch));
  CHECK_FALSE(regex->fullMatch("xab", scratch));
}

TEST_CASE("group names are listed by number") {
  const auto regex = Regex::compile("(?P<a>.)(.)(?<b>.)");
  REQUIRE(regex);
  CHECK(regex->groupCount() == 3);
  CHECK(regex->groupNames()[1] == "a");
  CHECK(regex->groupNames()[2].empty());
  CHECK(regex->groupIndex("b") == 3);
  CHECK(regex->groupIndex("c") == -1);
}

TEST_CASE("a literal pattern has no special characters") {
  CHECK(matchOf("a.b(", "xa.b(", {.literal = true}) == "(1,5)");
  CHECK(matchOf("a.b", "axb", {.literal = true}) == "none");
  CHECK(matchOf("A.B", "xa.b", {.ignoreCase = true, .literal = true}) == "(1,4)");
}

TEST_CASE("replacements refer to groups") {
  constexpr struct {
    std::string_view pattern, rewrite, text, expected;
  } kReplacements[] = {
      {"b+", "X", "abbbcb", "aXcX"},
      {"(\\w+) (\\w+)", "\\2 \\1", "ab cd", "cd ab"},
      {"x*", "-", "abxxc", "-a-b-c-"},
      {"", "-", "\xC3\xA9z", "-\xC3\xA9-z-"},
      {"a", "\\\\\\0", "a", "\\a"},
      {"^", ">", "ab", ">ab"},
      {"(a)|(b)", "[\\1\\2]", "ab", "[a][b]"},
  };
  Regex::Scratch scratch;
  for (const auto& [pattern, rewrite, text, expected] : kReplacements) {
    CAPTURE(pattern);
    const auto regex = Regex::compile(pattern);
    REQUIRE(regex);
    CHECK(regex->replace(text, rewrite, scratch).value() == expected);
  }
  const auto regex = Regex::compile("(a)");
  REQUIRE(regex);
  CHECK(regex->replace("aaa", "b", scratch, 2).value() == "bba");
  CHECK(regex->replace("a", "\\2", scratch).error().code == "regex.rewrite");
  CHECK(regex->replace("a", "x\\", scratch).error().code == "regex.rewrite");
}

TEST_CASE("find goes on from a position and still sees what lies before it") {
  const auto regex = Regex::compile("\\bb|^a");
  REQUIRE(regex);
  Regex::Scratch scratch;
  CHECK_FALSE(regex->find("ab", 1, scratch).has_value());
  CHECK_FALSE(regex->find("aa", 1, scratch).has_value());
  CHECK(regex->find("a b", 1, scratch) == Span{2, 3});
}

TEST_CASE("a state explosion falls back to the simulation and stays linear") {
  const auto regex = Regex::compile("(a|b)*a(a|b){60}c");
  REQUIRE(regex);
  std::string text;
  std::uint32_t seed = 1;
  for (int i = 0; i < 200'000; ++i) {
    seed = seed * 1664525U + 1013904223U;
    text.push_back((seed >> 24 & 1U) != 0 ? 'a' : 'b');
  }
  Regex::Scratch scratch;
  CHECK_FALSE(regex->search(text, scratch));
  text += 'a' + std::string(60, 'b') + 'c';
  CHECK(regex->search(text, scratch));
}

TEST_CASE("folding circles lead back to their begin") {
  for (std::uint32_t code = 0; code <= regex::kMaxCodePoint; ++code) {
    auto next = regex::nextFold(code);
    int steps = 0;
    while (next != code && steps < 5) {
      next = regex::nextFold(next);
      ++steps;
    }
    if (next != code) CHECK(next == code);
  }
  CHECK(regex::nextFold('a') == 'A');
  CHECK(regex::nextFold('A') == 'a');
}
