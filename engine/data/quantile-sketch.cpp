// DDSketch with a linearly interpolated index: exponent and mantissa give the bin.
#include "engine/data/quantile-sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include "engine/data/state-bytes.h"

namespace weir {
namespace {

// A bin is at most 1/50 wide relative to its lower end: its middle is within 1 %.
constexpr std::int64_t kBinsPerOctave = 50;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// Above every finite double: infinities have a bin of their own.
constexpr std::int64_t kInfinityIndex = 1026 * kBinsPerOctave;
constexpr std::int64_t kLowestIndex = -1080 * kBinsPerOctave;

std::int64_t indexOf(double size) noexcept {
  if (std::isinf(size)) return kInfinityIndex;
  int exponent = 0;
  const double mantissa = std::frexp(size, &exponent);
  const auto part = static_cast<std::int64_t>((2 * mantissa - 1) * static_cast<double>(kBinsPerOctave));
  return exponent * kBinsPerOctave + part;
}

/// The harmonic middle of the bin: the same relative distance to both ends.
double valueOf(std::int64_t index) noexcept {
  if (index >= kInfinityIndex) return std::numeric_limits<double>::infinity();
  std::int64_t exponent = index / kBinsPerOctave;
  std::int64_t part = index % kBinsPerOctave;
  if (part < 0) {
    part += kBinsPerOctave;
    --exponent;
  }
  const double low = 1 + static_cast<double>(part) / static_cast<double>(kBinsPerOctave);
  const double high = 1 + static_cast<double>(part + 1) / static_cast<double>(kBinsPerOctave);
  return std::ldexp(low * high / (low + high), static_cast<int>(exponent));
}

}  // namespace

void QuantileSketch::Bins::add(std::int64_t index, std::int64_t amount) {
  total += amount;
  if (counts.empty()) {
    first = index;
    counts.push_back(amount);
    return;
  }
  const std::int64_t last = first + static_cast<std::int64_t>(counts.size()) - 1;
  if (index > last) {
    // Only as many new bins as may be kept: a far larger value empties the window.
    if (index - first >= kMaxBins) {
      const std::int64_t newFirst = index - kMaxBins + 1;
      const std::int64_t gone = std::min(newFirst - first, static_cast<std::int64_t>(counts.size()));
      std::int64_t collapsed = 0;
      for (std::int64_t i = 0; i < gone; ++i) collapsed += counts[static_cast<std::size_t>(i)];
      counts.erase(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(gone));
      first = newFirst;
      counts.resize(std::max<std::size_t>(counts.size(), 1));
      counts.front() += collapsed;
    }
    counts.resize(static_cast<std::size_t>(index - first + 1));
  } else if (index < first) {
    const std::int64_t lowest = std::max(index, last - kMaxBins + 1);
    counts.insert(counts.begin(), static_cast<std::size_t>(first - lowest), 0);
    first = lowest;
    index = lowest;
  }
  counts[static_cast<std::size_t>(index - first)] += amount;
}

void QuantileSketch::Bins::trim() {
  std::size_t empty = 0;
  while (empty < counts.size() && counts[empty] == 0) ++empty;
  counts.erase(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(empty));
  first += static_cast<std::int64_t>(empty);
}

void QuantileSketch::add(double x) {
  if (std::isnan(x)) return;
  x += 0.0;  // -0 is 0
  const bool none = count() == 0;
  min_ = none ? x : std::min(min_, x);
  max_ = none ? x : std::max(max_, x);
  if (x == 0) {
    ++zeros_;
  } else {
    (x > 0 ? positive_ : negative_).add(indexOf(std::fabs(x)), 1);
  }
}

void QuantileSketch::merge(const QuantileSketch& other) {
  if (other.count() == 0) return;
  const QuantileSketch copy = other;  // merging with itself is allowed
  const bool none = count() == 0;
  min_ = none ? copy.min_ : std::min(min_, copy.min_);
  max_ = none ? copy.max_ : std::max(max_, copy.max_);
  zeros_ += copy.zeros_;
  for (const bool isPositive : {true, false}) {
    const Bins& from = isPositive ? copy.positive_ : copy.negative_;
    Bins& to = isPositive ? positive_ : negative_;
    for (std::size_t i = from.counts.size(); i-- > 0;) {
      if (from.counts[i] != 0) to.add(from.first + static_cast<std::int64_t>(i), from.counts[i]);
    }
  }
}

double QuantileSketch::min() const noexcept { return count() == 0 ? kNan : min_; }
double QuantileSketch::max() const noexcept { return count() == 0 ? kNan : max_; }

double QuantileSketch::quantile(double q) const noexcept {
  const std::int64_t all = count();
  if (all == 0 || !(q >= 0 && q <= 1)) return kNan;
  if (q == 0) return min_;
  if (q == 1) return max_;
  auto rank = static_cast<std::int64_t>(q * static_cast<double>(all - 1));
  const auto clamp = [this](double x) { return std::min(std::max(x, min_), max_); };
  for (std::size_t i = negative_.counts.size(); i-- > 0;) {
    rank -= negative_.counts[i];
    if (rank < 0) return clamp(-valueOf(negative_.first + static_cast<std::int64_t>(i)));
  }
  rank -= zeros_;
  if (rank < 0) return 0.0;
  for (std::size_t i = 0; i < positive_.counts.size(); ++i) {
    rank -= positive_.counts[i];
    if (rank < 0) return clamp(valueOf(positive_.first + static_cast<std::int64_t>(i)));
  }
  return max_;
}

void QuantileSketch::serialize(std::vector<std::uint8_t>& out) const {
  writeStateWord(out, static_cast<std::uint64_t>(zeros_));
  writeStateWord(out, std::bit_cast<std::uint64_t>(min_));
  writeStateWord(out, std::bit_cast<std::uint64_t>(max_));
  for (Bins bins : {positive_, negative_}) {
    bins.trim();
    writeStateWord(out, static_cast<std::uint64_t>(bins.counts.empty() ? 0 : bins.first));
    writeStateWord(out, bins.counts.size());
    for (const std::int64_t amount : bins.counts) writeStateWord(out, static_cast<std::uint64_t>(amount));
  }
}

Result<QuantileSketch> QuantileSketch::deserialize(std::span<const std::uint8_t>& bytes) {
  constexpr const char* kDamaged = "A saved quantile sketch is damaged. Start the run again without its saved state.";
  // More values than any run has seen, and few enough that a thousand such sketches can be merged.
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  QuantileSketch sketch;
  std::uint64_t zeros = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (!readStateWord(bytes, zeros) || !readStateWord(bytes, low) || !readStateWord(bytes, high) || zeros > kMost) {
    return fail("state.bad_sketch", kDamaged);
  }
  sketch.zeros_ = static_cast<std::int64_t>(zeros);
  sketch.min_ = std::bit_cast<double>(low);
  sketch.max_ = std::bit_cast<double>(high);
  std::int64_t all = sketch.zeros_;
  for (Bins* bins : {&sketch.positive_, &sketch.negative_}) {
    std::uint64_t first = 0;
    std::uint64_t size = 0;
    if (!readStateWord(bytes, first) || !readStateWord(bytes, size) || size > kMaxBins || bytes.size() < size * 8) {
      return fail("state.bad_sketch", kDamaged);
    }
    bins->first = static_cast<std::int64_t>(first);
    if (bins->first < kLowestIndex || bins->first > kInfinityIndex) return fail("state.bad_sketch", kDamaged);
    for (std::uint64_t i = 0; i < size; ++i) {
      std::uint64_t amount = 0;
      if (!readStateWord(bytes, amount) || amount > static_cast<std::uint64_t>(kMost - all)) {
        return fail("state.bad_sketch", kDamaged);
      }
      bins->counts.push_back(static_cast<std::int64_t>(amount));
      bins->total += static_cast<std::int64_t>(amount);
      all += static_cast<std::int64_t>(amount);
    }
  }
  return sketch;
}

}  // namespace weir
