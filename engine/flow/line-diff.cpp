// Lines that differ, by Myers' greedy algorithm.
#include "engine/flow/line-diff.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace weir::flow {
namespace {

using Lines = std::span<const std::string_view>;

constexpr std::int64_t kMost = 2'000;

/// The furthest reaching places of each step, for the way back. Diagonal k of step d is at [d][k + d].
class Search {
 public:
  Search(Lines before, Lines after)
      : before_(before),
        after_(after),
        rows_(static_cast<std::int64_t>(before.size())),
        columns_(static_cast<std::int64_t>(after.size())) {}

  /// The number of lines to remove and add, or -1 if it is more than kMost.
  std::int64_t run() {
    for (std::int64_t d = 0; d <= std::min(kMost, rows_ + columns_); ++d) {
      steps_.emplace_back(static_cast<std::size_t>(2 * d + 1), -1);
      for (std::int64_t k = -d; k <= d; k += 2) {
        auto x = d == 0 ? 0 : from(d, k);
        while (x < rows_ && x - k < columns_ && before_[at(x)] == after_[at(x - k)]) ++x;
        reached(d, k) = x;
        if (x >= rows_ && x - k >= columns_) return d;
      }
    }
    return -1;
  }

  /// Lines that are removed and added, one by one, last first.
  [[nodiscard]] std::vector<LineHunk> way(std::int64_t d) {
    std::vector<LineHunk> single;
    auto x = rows_, y = columns_;
    for (; d > 0; --d) {
      const auto k = x - y;
      const bool added = comesFromAbove(d, k);
      const auto before = added ? k + 1 : k - 1;
      x = reached(d - 1, before);
      y = x - before;
      single.push_back(added ? LineHunk{at(x), at(x), at(y), at(y + 1)} : LineHunk{at(x), at(x + 1), at(y), at(y)});
    }
    return single;
  }

 private:
  static std::size_t at(std::int64_t place) { return static_cast<std::size_t>(place); }
  std::int64_t& reached(std::int64_t d, std::int64_t k) { return steps_[at(d)][at(k + d)]; }

  bool comesFromAbove(std::int64_t d, std::int64_t k) {
    return k == -d || (k != d && reached(d - 1, k - 1) < reached(d - 1, k + 1));
  }

  std::int64_t from(std::int64_t d, std::int64_t k) {
    return comesFromAbove(d, k) ? reached(d - 1, k + 1) : reached(d - 1, k - 1) + 1;
  }

  Lines before_, after_;
  std::int64_t rows_, columns_;
  std::vector<std::vector<std::int64_t>> steps_;
};

}  // namespace

std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

std::vector<LineHunk> diffLines(Lines before, Lines after) {
  std::size_t head = 0, tail = 0;
  const auto shorter = std::min(before.size(), after.size());
  while (head < shorter && before[head] == after[head]) ++head;
  while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  const LineHunk whole{head, before.size() - tail, head, after.size() - tail};
  if (whole.beforeBegin == whole.beforeEnd && whole.afterBegin == whole.afterEnd) return {};
  Search search(before.subspan(head, whole.beforeEnd - head), after.subspan(head, whole.afterEnd - head));
  const auto distance = search.run();
  if (distance < 0) return {whole};
  auto single = search.way(distance);
  std::vector<LineHunk> hunks;
  for (auto at = single.rbegin(); at != single.rend(); ++at) {
    const LineHunk hunk{at->beforeBegin + head, at->beforeEnd + head, at->afterBegin + head, at->afterEnd + head};
    if (!hunks.empty() && hunks.back().beforeEnd == hunk.beforeBegin && hunks.back().afterEnd == hunk.afterBegin) {
      hunks.back().beforeEnd = hunk.beforeEnd;
      hunks.back().afterEnd = hunk.afterEnd;
    } else {
      hunks.push_back(hunk);
    }
  }
  return hunks;
}

}  // namespace weir::flow
