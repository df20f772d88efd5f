// Exact sums: the batch path, and mean and deviation from exact integers.
#include "engine/data/exact-sum.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include "engine/data/state-bytes.h"

namespace weir {
namespace {

constexpr std::size_t kBlock = 512;
// 2^10 is at least kBlock + 2, as the extraction needs.
constexpr int kBlockBits = 10;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// 2^e, at least 2^-1020: below, the extraction takes everything anyway.
double powerOfTwo(int e) noexcept {
  return std::bit_cast<double>(static_cast<std::uint64_t>(std::max(e, -1020) + 1023) << 52);
}

struct Extracted {
  double first = 0;
  double second = 0;
  double rest = 0;  // the largest of what is left
};

/// Splits each value at fixed bits, so that sums of the upper parts are exact; what is left goes to `rest`.
Extracted extract(const double* values, std::size_t count, double sigma1, double sigma2, double* rest) noexcept {
  constexpr std::size_t kLanes = 4;
  std::array<double, kLanes> first{};
  std::array<double, kLanes> second{};
  std::array<double, kLanes> most{};
  for (std::size_t i = 0; i < count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double x = values[i + lane];
      const double upper = (sigma1 + x) - sigma1;
      const double middle = x - upper;
      const double lower = (sigma2 + middle) - sigma2;
      const double left = middle - lower;
      first[lane] += upper;
      second[lane] += lower;
      rest[i + lane] = left;
      most[lane] += std::fabs(left);
    }
  }
  Extracted result;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    result.first += first[lane];
    result.second += second[lane];
    result.rest += most[lane];
  }
  return result;
}

/// The largest magnitude; NaN may be missed (the sums then show it).
double largest(const double* values, std::size_t count) noexcept {
  std::array<double, 4> most{};
  for (std::size_t i = 0; i < count; i += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      const double size = std::fabs(values[i + lane]);
      most[lane] = most[lane] > size ? most[lane] : size;
    }
  }
  return std::max(std::max(most[0], most[1]), std::max(most[2], most[3]));
}

/// A block of a multiple of four values; `values` and the buffer may be the same.
void addBlock(ExactSum& sum, const double* values, std::size_t count) noexcept {
  std::array<double, kBlock> buffer;
  for (int round = 0; round < 4; ++round) {
    const double most = largest(values, count);
    if (!(most < 0x1p1000)) break;
    const int exponent = static_cast<int>((std::bit_cast<std::uint64_t>(most) >> 52) & 2047U) - 1022 + kBlockBits;
    const double sigma1 = powerOfTwo(exponent);
    const double sigma2 = powerOfTwo(exponent - 53 + kBlockBits);
    const Extracted parts = extract(values, count, sigma1, sigma2, buffer.data());
    if (std::isnan(parts.first)) break;
    sum.add(parts.first);
    sum.add(parts.second);
    if (parts.rest == 0) return;
    values = buffer.data();
  }
  for (std::size_t i = 0; i < count; ++i) sum.add(values[i]);
}

bool squareIsSafe(double x) noexcept {
  const double size = std::fabs(x);
  return (size > 0x1p-480 && size < 0x1p480) || size == 0;
}

}  // namespace

WideSum& ExactSum::ownWide() noexcept {
  if (wide_ == nullptr) wide_ = std::make_unique<WideSum>();
  return *wide_;
}

void ExactSum::spill(double x) noexcept {
  WideSum& wide = ownWide();
  wide.add(high_);
  wide.add(low_);
  wide.add(x);
  high_ = 0;
  low_ = 0;
}

void ExactSum::add(std::span<const double> values) noexcept {
  while (values.size() >= 16) {
    const std::size_t count = std::min(kBlock, values.size() & ~std::size_t{3});
    addBlock(*this, values.data(), count);
    values = values.subspan(count);
  }
  for (const double value : values) add(value);
}

void ExactSum::addSquare(double x) noexcept {
  if (!squareIsSafe(x)) {
    ownWide().addSquare(x);
    return;
  }
  const math::Pair square = math::twoProduct(x, x);
  add(square.hi);
  add(square.lo);
}

void ExactSum::addSquares(std::span<const double> values) noexcept {
  std::array<double, kBlock> high;
  std::array<double, kBlock> low;
  while (!values.empty()) {
    const std::size_t count = std::min(kBlock, values.size());
    bool safe = true;
    for (std::size_t i = 0; i < count; ++i) {
      const double x = values[i];
      safe &= squareIsSafe(x);
      const math::Pair square = math::twoProduct(x, x);
      high[i] = square.hi;
      low[i] = square.lo;
    }
    if (safe) {
      add(std::span<const double>(high.data(), count));
      add(std::span<const double>(low.data(), count));
    } else {
      for (std::size_t i = 0; i < count; ++i) addSquare(values[i]);
    }
    values = values.subspan(count);
  }
}

void ExactSum::merge(const ExactSum& other) noexcept {
  const double high = other.high_;
  const double low = other.low_;
  if (other.wide_ != nullptr) ownWide().merge(*other.wide_);
  add(high);
  add(low);
}

WideSum ExactSum::wide() const {
  WideSum result = wide_ == nullptr ? WideSum() : *wide_;
  result.add(high_);
  result.add(low_);
  return result;
}

double ExactSum::round() const {
  // One addition of two doubles is correctly rounded; adding 0 turns -0 into 0.
  if (wide_ == nullptr) return high_ + low_ + 0.0;
  return wide().round();
}

void ExactSum::serialize(std::vector<std::uint8_t>& out) const { wide().serialize(out); }

Result<ExactSum> ExactSum::deserialize(std::span<const std::uint8_t>& bytes) {
  ExactSum sum;
  if (!sum.ownWide().deserialize(bytes)) {
    return fail("state.bad_sum", "A saved sum is damaged. Start the run again without its saved state.");
  }
  return sum;
}

void ExactMoments::add(std::span<const double> values) noexcept {
  count_ += static_cast<std::int64_t>(values.size());
  sum_.add(values);
  squares_.addSquares(values);
}

void ExactMoments::merge(const ExactMoments& other) noexcept {
  count_ += other.count_;
  sum_.merge(other.sum_);
  squares_.merge(other.squares_);
}

double ExactMoments::mean() const { return count_ == 0 ? kNan : sum_.round() / static_cast<double>(count_); }

namespace {

using Limbs = std::vector<std::uint32_t>;

Limbs product(const Limbs& a, const Limbs& b) {
  Limbs result(a.size() + b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == 0) continue;
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      carry += std::uint64_t{a[i]} * b[j] + result[i + j];
      result[i + j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    result[i + b.size()] = static_cast<std::uint32_t>(carry);
  }
  return result;
}

/// a -= b * 2^(-32 shift); a is at least that, and b is a multiple of 2^(32 shift).
void subtractShifted(Limbs& a, const Limbs& b, std::size_t shift) {
  std::int64_t borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::int64_t other = i + shift < b.size() ? std::int64_t{b[i + shift]} : 0;
    const std::int64_t value = std::int64_t{a[i]} - other + borrow;
    a[i] = static_cast<std::uint32_t>(value);
    borrow = value < 0 ? -1 : 0;
  }
}

}  // namespace

double ExactMoments::variance(bool sample) const {
  const std::int64_t divisor = sample ? count_ - 1 : count_;
  if (divisor <= 0) return kNan;
  const WideSum sum = sum_.wide();
  const WideSum squares = squares_.wide();
  if (!sum.isFinite() || !squares.isFinite()) return kNan;
  // count * (sum of squares) - (sum)^2, in integers. Units: 2^-2176 left, 2^-4352 right, 68 limbs finer.
  const auto count = static_cast<std::uint64_t>(count_);
  const Limbs factor = {static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(count >> 32)};
  const Limbs root = sum.integer().limbs;
  Limbs difference = product(squares.integer().limbs, factor);
  subtractShifted(difference, product(root, root), 68);
  while (!difference.empty() && difference.back() == 0) difference.pop_back();
  if (difference.empty()) return 0.0;
  double value = 0;
  const std::size_t top = difference.size();
  for (std::size_t i = 0; i < std::min<std::size_t>(top, 4); ++i) {
    value = value * 0x1p32 + static_cast<double>(difference[top - 1 - i]);
  }
  const std::int64_t below = static_cast<std::int64_t>(top) - static_cast<std::int64_t>(std::min<std::size_t>(top, 4));
  const double quotient = value / static_cast<double>(count_) / static_cast<double>(divisor);
  return std::ldexp(quotient, static_cast<int>(below * 32 + WideSum::kLowestExponent));
}

double ExactMoments::deviation(bool sample) const { return std::sqrt(variance(sample)); }

namespace {

Result<std::uint64_t> readWord(std::span<const std::uint8_t>& bytes) {
  std::uint64_t value = 0;
  if (!readStateWord(bytes, value)) {
    return fail("state.bad_sum", "A saved sum is cut off. Start the run again without its saved state.");
  }
  return value;
}

}  // namespace

void ExactMoments::serialize(std::vector<std::uint8_t>& out) const {
  writeStateWord(out, static_cast<std::uint64_t>(count_));
  sum_.serialize(out);
  squares_.serialize(out);
}

Result<ExactMoments> ExactMoments::deserialize(std::span<const std::uint8_t>& bytes) {
  ExactMoments moments;
  WEIR_ASSIGN(const std::uint64_t count, readWord(bytes));
  moments.count_ = static_cast<std::int64_t>(count);
  if (moments.count_ < 0) {
    return fail("state.bad_sum", "A saved sum has a negative count. Start the run again without its saved state.");
  }
  WEIR_ASSIGN(moments.sum_, ExactSum::deserialize(bytes));
  WEIR_ASSIGN(moments.squares_, ExactSum::deserialize(bytes));
  return moments;
}

std::optional<std::int64_t> IntegerSum::value() const noexcept {
  const auto narrow = static_cast<std::int64_t>(sum_);
  if (narrow != sum_) return std::nullopt;
  return narrow;
}

double IntegerSum::toDouble() const noexcept {
  ExactSum sum;
  const auto bits = static_cast<unsigned __int128>(sum_);
  const auto low = static_cast<std::uint64_t>(bits);
  sum.add(static_cast<double>(static_cast<std::int32_t>(bits >> 96)) * 0x1p96);
  sum.add(static_cast<double>(static_cast<std::uint32_t>(bits >> 64)) * 0x1p64);
  sum.add(static_cast<double>(low >> 32) * 0x1p32);
  sum.add(static_cast<double>(low & 0xFFFFFFFFU));
  return sum.round();
}

void IntegerSum::serialize(std::vector<std::uint8_t>& out) const {
  const auto bits = static_cast<unsigned __int128>(sum_);
  writeStateWord(out, static_cast<std::uint64_t>(bits));
  writeStateWord(out, static_cast<std::uint64_t>(bits >> 64));
}

Result<IntegerSum> IntegerSum::deserialize(std::span<const std::uint8_t>& bytes) {
  IntegerSum sum;
  WEIR_ASSIGN(const std::uint64_t low, readWord(bytes));
  WEIR_ASSIGN(const std::uint64_t high, readWord(bytes));
  sum.sum_ = static_cast<__int128>((static_cast<unsigned __int128>(high) << 64) | low);
  return sum;
}

}  // namespace weir
