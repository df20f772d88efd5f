// Set algebra over code points and the reading of the generated Unicode tables.
#include "engine/regex/char-set.h"

#include <algorithm>

#include "engine/regex/unicode-tables.h"

namespace weir::regex {

void CharSet::add(const CharSet& other) { ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end()); }

void CharSet::normalize() {
  std::sort(ranges_.begin(), ranges_.end(), [](CodeRange a, CodeRange b) { return a.low < b.low; });
  std::size_t kept = 0;
  for (const auto range : ranges_) {
    if (kept > 0 && range.low <= ranges_[kept - 1].high + 1)
      ranges_[kept - 1].high = std::max(ranges_[kept - 1].high, range.high);
    else
      ranges_[kept++] = range;
  }
  ranges_.resize(kept);
}

void CharSet::negate() {
  normalize();
  std::vector<CodeRange> gaps;
  std::uint32_t next = 0;
  for (const auto range : ranges_) {
    if (range.low > next) gaps.push_back({next, range.low - 1});
    next = range.high + 1;
  }
  if (next <= kMaxCodePoint) gaps.push_back({next, kMaxCodePoint});
  ranges_ = std::move(gaps);
}

bool CharSet::contains(std::uint32_t code) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), code,
                                      [](std::uint32_t value, CodeRange range) { return value < range.low; });
  return after != ranges_.begin() && code <= std::prev(after)->high;
}

namespace {

// Adds the successors of the members that lie in `run`.
void addFolded(const FoldRun& run, const std::vector<CodeRange>& members, CharSet& out) {
  const std::uint32_t last = run.low + (run.count - 1U) * run.stride;
  auto at = std::lower_bound(members.begin(), members.end(), run.low,
                             [](CodeRange range, std::uint32_t value) { return range.high < value; });
  const auto shift = static_cast<std::uint32_t>(run.delta);
  for (; at != members.end() && at->low <= last; ++at) {
    std::uint32_t low = std::max(at->low, run.low);
    const std::uint32_t high = std::min(at->high, last);
    if (run.stride == 1) {
      out.add(low + shift, high + shift);
      continue;
    }
    low += (low - run.low) % run.stride;
    for (; low <= high; low += run.stride) out.add(low + shift, low + shift);
  }
}

}  // namespace

void CharSet::closeUnderFolding() {
  // The longest circle has four members, so three rounds reach all of them.
  for (int round = 0; round < 3; ++round) {
    normalize();
    const auto members = ranges_;
    for (const auto& run : unicodeFoldRuns()) addFolded(run, members, *this);
  }
  normalize();
}

bool addUnicodeGroup(std::string_view name, CharSet& set) {
  if (name == "Any") {
    set.add(0, kMaxCodePoint);
    return true;
  }
  bool found = false;
  for (const auto& table : {unicodeCategories(), unicodeScripts()}) {
    std::vector<bool> wanted;
    bool any = false;
    for (const auto known : table.names) {
      // A one-letter name stands for all categories that begin with it.
      const bool want = known == name || (name.size() == 1 && known.size() == 2 && known[0] == name[0]);
      wanted.push_back(want && known != "Cn");
      any = any || wanted.back();
    }
    if (!any) continue;
    found = true;
    std::uint32_t code = 0;
    for (std::size_t at = 0; at < table.runs.size(); ++at) {
      std::uint32_t length = 0;
      for (unsigned shift = 0;; shift += 7) {
        const std::uint32_t byte = table.runs[at++];
        length |= (byte & 127U) << shift;
        if (byte < 128) break;
      }
      if (wanted[table.runs[at]]) set.add(code, code + length - 1);
      code += length;
    }
  }
  set.normalize();
  return found;
}

std::uint32_t nextFold(std::uint32_t code) {
  // Runs with stride 2 may interleave, so look at the few that begin just before.
  const auto runs = unicodeFoldRuns();
  auto at = std::upper_bound(runs.begin(), runs.end(), code,
                             [](std::uint32_t value, const FoldRun& run) { return value < run.low; });
  for (int looked = 0; at != runs.begin() && looked < 4; ++looked) {
    --at;
    const std::uint32_t distance = code - at->low;
    if (distance % at->stride == 0 && distance / at->stride < at->count)
      return code + static_cast<std::uint32_t>(at->delta);
  }
  return code;
}

}  // namespace weir::regex
