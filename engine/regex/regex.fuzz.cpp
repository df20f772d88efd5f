// No pattern and no text crash or hang, and all ways of asking agree.
#include "engine/regex/regex.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/data/check.h"
#include "engine/regex/line-search.h"

namespace {

using namespace weir::regex;

void checkLines(const Regex& regex, std::string_view text, Regex::Scratch& scratch) {
  std::vector<LineSpan> matching;
  std::vector<LineSpan> others;
  const auto lines = LineMatcher(regex, false).match(text, scratch, matching);
  WEIR_CHECK(LineMatcher(regex, true).match(text, scratch, others) == lines);
  WEIR_CHECK(lines == static_cast<std::int64_t>(matching.size() + others.size()));
  for (const auto& line : matching) WEIR_CHECK(regex.search(Span{line.begin, line.end}.in(text), scratch));
}

}  // namespace

/// The first byte is the options, then the pattern up to the first NUL, then the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto cut = input.find('\0');
  const auto pattern = input.substr(0, cut);
  const auto text = cut == std::string_view::npos ? std::string_view{} : input.substr(cut + 1);
  const auto regex = Regex::compile(pattern, {.ignoreCase = (data[0] & 1) != 0,
                                              .multiLine = (data[0] & 2) != 0,
                                              .dotAll = (data[0] & 4) != 0,
                                              .ungreedy = (data[0] & 8) != 0,
                                              .literal = (data[0] & 16) != 0,
                                              .maxInstructions = 5'000});
  if (!regex) return 0;
  Regex::Scratch scratch;
  std::vector<Span> groups(static_cast<std::size_t>(regex->groupCount()) + 1);
  const bool found = regex->captures(text, 0, scratch, groups);
  WEIR_CHECK(regex->search(text, scratch) == found);
  WEIR_CHECK(!found || (groups[0].begin <= groups[0].end && groups[0].end <= static_cast<std::int64_t>(text.size())));
  if (regex->fullMatch(text, scratch)) WEIR_CHECK(found && regex->fullCaptures(text, scratch, groups));
  WEIR_CHECK(regex->replace(text, "<\\0>", scratch, 50).has_value());
  checkLines(*regex, text, scratch);
  return 0;
}
