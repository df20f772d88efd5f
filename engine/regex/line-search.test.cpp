// Lines of a chunk by literals: their number, and whether all is ASCII, at every length and place.
#include "engine/regex/line-search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace weir::regex {

TEST_CASE("a search by literals counts lines and sees the one byte that is no ASCII, wherever it is") {
  const auto regex = Regex::compile("ERROR|FATAL");
  REQUIRE(regex);
  const LineMatcher matcher(*regex);
  Regex::Scratch scratch;
  int wrong = 0;
  for (std::int64_t size = 1; size < 300; ++size) {
    for (std::int64_t at = -1; at < size; ++at) {
      std::string text(static_cast<std::size_t>(size), 'x');
      for (std::size_t i = 9; i < text.size(); i += 10) text[i] = '\n';
      if (at >= 0) text[static_cast<std::size_t>(at)] = '\x80';
      std::vector<LineSpan> lines;
      bool ascii = at >= 0;
      const auto count = matcher.match(text, scratch, lines, &ascii);
      const auto expected = std::ranges::count(text, '\n') + (text.back() == '\n' ? 0 : 1);
      if (ascii != (at < 0) || count != expected || !lines.empty()) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a chunk full of matches is ASCII until one byte is not") {
  const auto regex = Regex::compile("ERROR|FATAL");
  REQUIRE(regex);
  const LineMatcher matcher(*regex);
  Regex::Scratch scratch;
  std::string text;
  for (int i = 0; i < 3000; ++i) text += i % 3 == 0 ? "ERROR E F\n" : "info FERR\n";
  for (const bool broken : {false, true}) {
    if (broken) text[20'005] = '\xC3';
    std::vector<LineSpan> lines;
    bool ascii = broken;
    CHECK(matcher.match(text, scratch, lines, &ascii) == 3000);
    CHECK(ascii != broken);
    CHECK(lines.size() == 1000);
  }
}

}  // namespace weir::regex
