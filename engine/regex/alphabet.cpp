// Partition refinement over the boundaries of all sets of a pattern.
#include <algorithm>

#include "engine/regex/program.h"

namespace weir::regex {
namespace {

constexpr std::size_t kMaxWork = 40'000'000;
constexpr std::size_t kMaxMemberBits = 64U * 1024 * 1024;

// Splits the classes of `ids` so that no class lies partly inside a set.
class Refiner {
 public:
  Refiner(std::span<const std::uint32_t> starts) : starts_(starts), ids_(starts.size(), 0), sizes_{starts.size()} {}

  [[nodiscard]] bool refine(const CharSet& set) {
    inside_.resize(sizes_.size(), 0);
    renamed_.resize(sizes_.size(), 0);
    touched_.clear();
    forEachInterval(set, [&](std::size_t interval) {
      if (inside_[ids_[interval]]++ == 0) touched_.push_back(ids_[interval]);
    });
    for (const auto id : touched_) {
      renamed_[id] = id;
      if (inside_[id] < sizes_[id]) {
        renamed_[id] = static_cast<std::uint32_t>(sizes_.size());
        sizes_.push_back(inside_[id]);
        sizes_[id] -= inside_[id];
      }
      inside_[id] = 0;
    }
    forEachInterval(set, [&](std::size_t interval) { ids_[interval] = renamed_[ids_[interval]]; });
    return work_ <= kMaxWork;
  }

  template <class Visit>
  void forEachInterval(const CharSet& set, Visit visit) {
    for (const auto range : set.ranges()) {
      auto at = static_cast<std::size_t>(std::lower_bound(starts_.begin(), starts_.end(), range.low) - starts_.begin());
      for (; at < starts_.size() && starts_[at] <= range.high; ++at, ++work_) visit(at);
      work_ += 8;
    }
  }

  [[nodiscard]] const std::vector<std::uint32_t>& ids() const { return ids_; }
  [[nodiscard]] std::size_t count() const { return sizes_.size(); }

 private:
  std::span<const std::uint32_t> starts_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::size_t> sizes_;
  std::vector<std::size_t> inside_;
  std::vector<std::uint32_t> renamed_;
  std::vector<std::uint32_t> touched_;
  std::size_t work_ = 0;
};

std::unexpected<Error> tooLarge() {
  return fail("regex.too_large", "the pattern has too many different character classes; use fewer of them");
}

}  // namespace

Result<Unit> Alphabet::build(std::span<const CharSet> sets, bool assertions) {
  std::vector<CharSet> all(sets.begin(), sets.end());
  wordSet_ = static_cast<std::int32_t>(all.size());
  CharSet word;
  CharSet newline;
  if (assertions) {
    for (const CodeRange range : {CodeRange{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}})
      word.add(range.low, range.high);
    newline.add('\n', '\n');
  }
  all.push_back(word);
  all.push_back(newline);
  starts_ = {0};
  for (const auto& set : all) {
    for (const auto range : set.ranges()) {
      starts_.push_back(range.low);
      if (range.high < kMaxCodePoint) starts_.push_back(range.high + 1);
    }
  }
  std::sort(starts_.begin(), starts_.end());
  starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
  Refiner refiner(starts_);
  for (const auto& set : all)
    if (!refiner.refine(set)) return tooLarge();
  count_ = static_cast<std::int32_t>(refiner.count());
  wordsPerSet_ = refiner.count() / 64 + 1;
  if (refiner.count() > 60'000 || wordsPerSet_ * 64 * all.size() > kMaxMemberBits) return tooLarge();
  symbols_.assign(refiner.ids().begin(), refiner.ids().end());
  members_.assign(wordsPerSet_ * all.size(), 0);
  for (std::size_t index = 0; index < all.size(); ++index)
    refiner.forEachInterval(all[index], [&](std::size_t interval) {
      members_[index * wordsPerSet_ + symbols_[interval] / 64U] |= std::uint64_t{1} << (symbols_[interval] % 64U);
    });
  fillTables();
  return Unit{};
}

std::uint16_t Alphabet::search(std::uint32_t code) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), code);
  return symbols_[static_cast<std::size_t>(after - starts_.begin()) - 1];
}

void Alphabet::fillTables() {
  for (std::uint32_t code = 0; code < 128; ++code) ascii_[code] = search(code);
  // Neighbours of one class need no boundary between them.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    if (kept > 0 && symbols_[kept - 1] == symbols_[i]) continue;
    starts_[kept] = starts_[i];
    symbols_[kept++] = symbols_[i];
  }
  starts_.resize(kept);
  symbols_.resize(kept);
  // 128 KiB buy a direct look-up for patterns that tell many characters apart.
  const auto wideIntervals = starts_.end() - std::upper_bound(starts_.begin(), starts_.end(), 128U);
  if (wideIntervals <= 16) return;
  wide_.resize(0x10000);
  for (std::size_t i = 0; i < starts_.size() && starts_[i] < 0x10000; ++i) {
    const std::uint32_t stop = i + 1 < starts_.size() ? std::min(starts_[i + 1], 0x10000U) : 0x10000U;
    std::fill_n(wide_.data() + starts_[i], stop - starts_[i], symbols_[i]);
  }
}

}  // namespace weir::regex
