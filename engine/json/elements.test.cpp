// Lists in windows: whatever the cuts, the same elements and the same mistakes.
#include "engine/json/elements.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace weir::json {
namespace {

/// Reads `text` through windows that grow by the given numbers of bytes (the last again and again).
std::vector<std::string> readIn(const std::string& text, const std::vector<std::size_t>& pieces,
                                std::uint32_t windowBytes) {
  std::vector<std::string> seen;
  Elements elements(windowBytes);
  elements.begin();
  std::size_t from = 0, to = 0, piece = 0;
  for (bool last = false;;) {
    to = std::min(text.size(), to + pieces[std::min(piece++, pieces.size() - 1)]);
    last = to == text.size();
    // Memory of its own: what is read beyond it shows in the sanitizers' builds.
    const auto window = text.substr(from, to - from) + std::string(kPaddingBytes, '\0');
    const auto view = std::string_view(window).substr(0, to - from);
    elements.open(view, last);
    for (bool more = false; !more;) {
      const auto step = elements.next();
      std::string_view raw;
      if (step == Elements::Step::element && elements.cursor().getRaw(raw) && elements.finishElement()) {
        seen.emplace_back(raw);
        continue;
      }
      if (step == Elements::Step::end) return seen;
      if (step == Elements::Step::more) {
        REQUIRE_FALSE(last);
        from += elements.done();
        more = true;
        continue;
      }
      const auto problem = elements.problem();
      REQUIRE_FALSE(problem.ok());
      seen.push_back("fault " + std::to_string(static_cast<int>(problem.fault)) + " at " +
                     std::to_string(from + problem.position));
      if (problem.fault != Fault::loneSurrogate && problem.fault != Fault::tooDeep) return seen;
      elements.skipElement();
    }
  }
}

const std::vector<std::string> kLists = {
    R"( [ {"a":1,"b":"x\"],["} , [ ] ,-1.5e3,"\ud83d\ude00é日", true ,null, {"a":{"b":[1,{"c":"\\"}]}} ] )",
    "[]",
    " [ ]\n",
    "[[]]",
    "[1]",
    "[\"a\" , \"\\u0041\\\\\"]",
    // What is wrong:
    "[1 2]",
    "[1,]",
    "[,1]",
    "[1,,2]",
    "[1",
    "[1,",
    "[",
    "[\"a",
    "[\"a\\",
    "[1]x",
    "[1]]",
    "[1}",
    "[{\"a\":1],2]",
    "[{\"a\" 1},2]",
    "[tru,1]",
    "[1,\"a\tb\",2]",
    "[1,\"a\nb\",2]",
    "[\"\\x\"]",
    "[\"\\u12G4\",1]",
    "[\"\xFF\",1]",
    "[\"\xE6\x97\",1]",
    "[\"\xE6\x97",
    "[\xFF]",
    "[01]",
    "[{\"a\":{]}]",
    "[1, \"b\" \"c\"]",
    // What is wrong with one element only:
    R"([1,"\ud800",2])",
    R"([{"a":"\udc00]","b":[1,{"c":"\""}]},{"a":2}])",
    R"(["\ud83d\u0041"])",
    R"(["\ud83d","x)",
    "[" + std::string(600, '[') + "1" + std::string(600, ']') + ",7]",
};

}  // namespace

TEST_CASE("a list read in windows cut at any byte gives the elements and the mistake of the whole") {
  for (const auto& text : kLists) {
    CAPTURE(text);
    const auto whole = readIn(text, {text.size()}, 1U << 16U);
    for (const std::uint32_t windowBytes : {1U, 7U, 64U, 1U << 16U}) {
      CAPTURE(windowBytes);
      for (std::size_t cut = 0; cut <= text.size(); ++cut)
        CHECK(readIn(text, {cut, text.size()}, windowBytes) == whole);
      for (const std::size_t step : {1U, 2U, 3U, 13U, 65U, 130U}) CHECK(readIn(text, {step}, windowBytes) == whole);
    }
  }
}

TEST_CASE("a list gives its elements, and behind a wrong one the next") {
  CHECK(readIn(kLists[0], {9}, 16) == std::vector<std::string>{R"({"a":1,"b":"x\"],["})", "[ ]", "-1.5e3",
                                                               R"("\ud83d\ude00é日")", "true", "null",
                                                               R"({"a":{"b":[1,{"c":"\\"}]}})"});
  const auto lone = "fault " + std::to_string(static_cast<int>(Fault::loneSurrogate));
  CHECK(readIn(R"([1,"\ud800",2])", {1}, 1) == std::vector<std::string>{"1", lone + " at 4", "2"});
  const auto trailing = "fault " + std::to_string(static_cast<int>(Fault::trailing));
  CHECK(readIn("[1]x", {1}, 1) == std::vector<std::string>{"1", trailing + " at 3"});
}

TEST_CASE("long lists of long elements come through small windows") {
  std::string text = "[";
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 300; ++i) {
    expected.push_back("{\"id\":" + std::to_string(i) + ",\"text\":\"" + std::string(i * 37 % 5000, 'x') + "\\n\"}");
    text += (i > 0 ? "," : "") + expected.back();
  }
  text += "]";
  for (const std::size_t piece : {4096U, 70000U, 1000000U}) CHECK(readIn(text, {piece}, 1U << 12U) == expected);
}

}  // namespace weir::json
