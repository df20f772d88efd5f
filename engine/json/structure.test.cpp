// The structural index is the same for every instruction set, and what the definition says.
#include "engine/json/structure.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using weir::json::Fault;
using weir::json::Isa;
using weir::json::Structure;
using weir::json::TextKind;

std::string padded(std::string text) { return text.append(weir::json::kPaddingBytes, '\0'); }

std::vector<std::uint32_t> entriesOf(const std::string& text, TextKind kind, Isa isa, weir::json::Problem& problem) {
  Structure structure;
  const auto copy = padded(text);
  structure.build(copy, 0, static_cast<std::uint32_t>(text.size()), kind, isa);
  problem = structure.problem();
  return {structure.entries(), structure.entries() + structure.count()};
}

// The definition, a byte at a time. For texts without a problem.
std::vector<std::uint32_t> reference(const std::string& text, TextKind kind) {
  std::vector<std::uint32_t> entries;
  bool inString = false, implied = false;
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inString) {
      if (c == '\\') ++i;
      if (c == '"') inString = false;
      implied = false;
      continue;
    }
    const bool op = std::string_view("{}[],:").contains(c);
    const bool space = std::string_view(" \t\r\n").contains(c);
    if (op || (c == '\n' && kind == TextKind::lines)) entries.push_back(i);
    if (!op && !space && !implied) entries.push_back(i);
    inString = c == '"';
    implied = (!op && !space && c != '"') || std::string_view("{[,:").contains(c);
  }
  return entries;
}

std::string randomText(std::uint64_t& state, std::size_t size) {
  static constexpr std::string_view kPieces[] = {
      "{",    "}",    "[",   "]",    ",", ":", " ",  "\n",      "\"", "\"", "abc",
      "\\\"", "\\\\", "1.5", "true", "é", "€", "😀", "\\u0041", "\t", "x",  "\\ud83d\\ude00"};
  std::string text;
  while (text.size() < size) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    text += kPieces[(state >> 33U) % std::size(kPieces)];
  }
  return text;
}

}  // namespace

TEST_CASE("every instruction set finds the same entries and the same problem") {
  std::uint64_t state = 7;
  int clean = 0;
  for (int round = 0; round < 20000; ++round) {
    const auto text = randomText(state, static_cast<std::size_t>(round % 300));
    for (const auto kind : {TextKind::document, TextKind::lines}) {
      weir::json::Problem best, base;
      const auto fast = entriesOf(text, kind, Isa::best, best);
      REQUIRE(fast == entriesOf(text, kind, Isa::base, base));
      REQUIRE(best.fault == base.fault);
      REQUIRE(best.position == base.position);
      const auto found = weir::json::findTextProblem(padded(text), 0, static_cast<std::uint32_t>(text.size()));
      if (found.ok()) {
        REQUIRE(best.ok());
        REQUIRE(fast == reference(text, kind));
        ++clean;
      }
    }
  }
  CHECK(clean > 500);
}

TEST_CASE("invalid UTF-8 is found in every position of a block") {
  static constexpr std::string_view kWrong[] = {"\x80",
                                                "\xC0\x80",
                                                "\xC1\xBF",
                                                "\xE0\x80\x80",
                                                "\xED\xA0\x80",
                                                "\xF0\x80\x80\x80",
                                                "\xF4\x90\x80\x80",
                                                "\xF5\x80\x80\x80",
                                                "\xFF",
                                                "\xC3",
                                                "\xE2\x82",
                                                "\xF0\x9F\x98",
                                                "\xE2\x28\xA1",
                                                "\xC3\xA9\xA9"};
  for (const auto wrong : kWrong) {
    for (std::size_t before = 0; before < 140; ++before) {
      const auto text = "\"" + std::string(before, 'a') + std::string(wrong) + std::string(before % 3, 'b') + "\"";
      for (const auto isa : {Isa::best, Isa::base}) {
        weir::json::Problem problem;
        entriesOf(text, TextKind::document, isa, problem);
        REQUIRE(problem.fault == Fault::invalidUtf8);
      }
    }
  }
}

TEST_CASE("valid UTF-8 is taken in every position of a block") {
  for (const std::string_view right :
       {"é", "€", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xC2\x80", "\xE0\xA0\x80"}) {
    for (std::size_t before = 0; before < 140; ++before) {
      const auto text = "\"" + std::string(before, 'a') + std::string(right) + "\"";
      for (const auto isa : {Isa::best, Isa::base}) {
        weir::json::Problem problem;
        entriesOf(text, TextKind::document, isa, problem);
        REQUIRE(problem.ok());
      }
    }
  }
}
