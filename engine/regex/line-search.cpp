// Candidates first, line bounds second, verification last.
#include "engine/regex/line-search.h"

#include <algorithm>

namespace weir::regex {
namespace {

// The line that begins at `begin` and whose "\n" (or the chunk's end) is at `stop`.
LineSpan lineOf(std::string_view chunk, std::int64_t begin, std::int64_t stop) {
  auto end = stop;
  if (stop < static_cast<std::int64_t>(chunk.size()) && end > begin && chunk[static_cast<std::size_t>(end - 1)] == '\r')
    --end;
  return {begin, end};
}

std::int64_t lineStop(std::string_view chunk, std::int64_t from) {
  const auto size = static_cast<std::int64_t>(chunk.size());
  const auto found = findByte(chunk.data() + from, size - from, '\n');
  return found < 0 ? size : from + found;
}

std::string_view textOf(std::string_view chunk, LineSpan line) {
  return chunk.substr(static_cast<std::size_t>(line.begin), static_cast<std::size_t>(line.end - line.begin));
}

void appendLines(std::string_view chunk, std::int64_t begin, std::int64_t end, std::vector<LineSpan>& out) {
  while (begin < end) {
    const auto stop = lineStop(chunk, begin);
    out.push_back(lineOf(chunk, begin, stop));
    begin = stop + 1;
  }
}

}  // namespace

std::int64_t LineMatcher::match(std::string_view chunk, Regex::Scratch& scratch, std::vector<LineSpan>& out,
                                bool* ascii) const {
  if (ascii != nullptr) *ascii = false;
  if (const auto* literals = regex_.requiredLiterals(); literals != nullptr)
    return matchByLiterals(*literals, regex_.isLiteralSet(), chunk, scratch, out, ascii);
  return matchByLines(chunk, scratch, out);
}

std::int64_t LineMatcher::matchByLiterals(const LiteralSearcher& searcher, bool exact, std::string_view chunk,
                                          Regex::Scratch& scratch, std::vector<LineSpan>& out, bool* ascii) const {
  // A literal with a line end in it may be found where no line has it.
  for (const auto& literal : searcher.literals()) exact = exact && literal.find_first_of("\r\n") == std::string::npos;
  const auto size = static_cast<std::int64_t>(chunk.size());
  CandidateBlock blocks[64];
  ScanTotals totals;
  std::int64_t decided = 0;  // all lines before are decided
  std::int64_t listed = 0;   // when inverting: all lines before are listed or match
  for (std::int64_t at = 0; at < size;) {
    std::int32_t count = 0;
    at = searcher.scan(chunk, at, blocks, count, totals);
    for (std::int32_t i = 0; i < count; ++i) {
      for (auto bits = blocks[i].bits; bits != 0; bits &= bits - 1) {
        const auto position = blocks[i].begin + __builtin_ctzll(bits);
        if (position < decided || searcher.literalAt(chunk, position) < 0) continue;
        const auto begin = decided + findLastByte(chunk.data() + decided, position - decided, '\n') + 1;
        const auto stop = lineStop(chunk, position);
        const auto line = lineOf(chunk, begin, stop);
        decided = stop + 1;
        if (!exact && !regex_.search(textOf(chunk, line), scratch)) continue;
        if (!invert_) {
          out.push_back(line);
          continue;
        }
        appendLines(chunk, listed, begin, out);
        listed = decided;
      }
    }
  }
  if (invert_) appendLines(chunk, listed, size, out);
  if (ascii != nullptr) *ascii = totals.ascii;
  return totals.newlines + (size > 0 && chunk.back() != '\n' ? 1 : 0);
}

std::int64_t LineMatcher::matchByLines(std::string_view chunk, Regex::Scratch& scratch,
                                       std::vector<LineSpan>& out) const {
  const auto size = static_cast<std::int64_t>(chunk.size());
  std::int64_t lines = 0;
  for (std::int64_t begin = 0; begin < size; ++lines) {
    const auto stop = lineStop(chunk, begin);
    const auto line = lineOf(chunk, begin, stop);
    if (regex_.search(textOf(chunk, line), scratch) != invert_) out.push_back(line);
    begin = stop + 1;
  }
  return lines;
}

}  // namespace weir::regex
