// Vector code finds what a plain loop finds, at every offset and near every end.
#include "engine/regex/literal-search.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/regex/line-search.h"

namespace {

using namespace weir::regex;

std::string noise(std::size_t size, std::uint32_t seed, std::string_view alphabet) {
  std::string text;
  for (; text.size() < size;) {
    seed = seed * 1664525U + 1013904223U;
    text.push_back(alphabet[(seed >> 20) % alphabet.size()]);
  }
  return text;
}

}  // namespace

TEST_CASE("bytes are found and counted at every offset and size") {
  const auto text = noise(600, 3, "ab\ncd\nefgh");
  for (std::size_t begin = 0; begin < 40; ++begin) {
    for (std::size_t size = 0; size < 200; ++size) {
      const auto part = std::string_view(text).substr(begin, size);
      const auto length = static_cast<std::int64_t>(size);
      const auto position = [](std::size_t at) {
        return at == std::string_view::npos ? -1 : static_cast<std::int64_t>(at);
      };
      REQUIRE(countByte(part.data(), length, '\n') == std::count(part.begin(), part.end(), '\n'));
      REQUIRE(findByte(part.data(), length, 'h') == position(part.find('h')));
      REQUIRE(findLastByte(part.data(), length, 'h') == position(part.rfind('h')));
    }
  }
}

TEST_CASE("literals are found wherever they are, the first of the list at one place") {
  const std::vector<std::vector<std::string>> sets = {{"a"},
                                                      {"ab"},
                                                      {"abc", "ab"},
                                                      {"ca", "bb", "cab"},
                                                      {"a", "b", "c", "d"},
                                                      {"abca", "bcab", "cabc", "aaaa", "bbbbb"}};
  for (const auto& set : sets) {
    for (const bool ignoreCase : {false, true}) {
      const auto searcher = LiteralSearcher::make(set, ignoreCase);
      REQUIRE(searcher);
      for (std::uint32_t seed = 0; seed < 60; ++seed) {
        const auto text = noise(seed * 5 % 301, seed, seed % 2 == 0 ? "abcABC" : "xxxxyyyyzzzzabc\n");
        const auto lowered = [&](char c) { return ignoreCase && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
        std::string folded = text;
        std::transform(folded.begin(), folded.end(), folded.begin(), lowered);
        LiteralHit expected;
        for (std::size_t at = 0; at < text.size() && expected.position < 0; ++at) {
          for (std::size_t literal = 0; literal < set.size() && expected.position < 0; ++literal)
            if (std::string_view(folded).substr(at).starts_with(set[literal]))
              expected = {static_cast<std::int64_t>(at), static_cast<std::int32_t>(literal)};
        }
        const auto hit = searcher->find(text, 0);
        REQUIRE(hit.position == expected.position);
        REQUIRE(hit.literal == expected.literal);
      }
    }
  }
}

TEST_CASE("literals that cannot be searched are refused") {
  CHECK_FALSE(LiteralSearcher::make(std::vector<std::string>{}, false));
  CHECK_FALSE(LiteralSearcher::make(std::vector<std::string>{""}, false));
  CHECK_FALSE(LiteralSearcher::make(std::vector<std::string>{std::string(256, 'a')}, false));
  CHECK_FALSE(LiteralSearcher::make(std::vector<std::string>(17, "a"), false));
}

TEST_CASE("lines keep their text without the line end, whatever that is") {
  const auto regex = Regex::compile("ERROR|FATAL");
  REQUIRE(regex);
  REQUIRE(regex->isLiteralSet());
  Regex::Scratch scratch;
  std::vector<LineSpan> lines;
  const std::string chunk = std::string("an ERROR\r\nfine\n") + '\0' + "FATAL\r\r\n\nERROR ERROR\n" + "last FATAL\r";
  CHECK(LineMatcher(*regex).match(chunk, scratch, lines) == 6);
  CHECK(lines == std::vector<LineSpan>{{0, 8}, {15, 22}, {25, 36}, {37, 48}});
}

TEST_CASE("a very long line is looked at once") {
  std::string chunk;
  while (chunk.size() < 8'000'000) chunk += "ERROR but not at the end ";
  Regex::Scratch scratch;
  for (const auto* pattern : {"ERROR$", "ERROR"}) {
    const auto regex = Regex::compile(pattern);
    REQUIRE(regex);
    std::vector<LineSpan> lines;
    CHECK(LineMatcher(*regex).match(chunk + "\nERROR", scratch, lines) == 2);
    CHECK(lines.back().end == static_cast<std::int64_t>(chunk.size()) + 6);
  }
}
