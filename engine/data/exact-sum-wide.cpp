// The wide fixed-point accumulator: Neal's small superaccumulator.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include "engine/data/exact-sum.h"
#include "engine/data/wide-multiply.h"

namespace weir {
namespace {

constexpr std::uint8_t kPositive = 1;
constexpr std::uint8_t kNegative = 2;
constexpr std::uint8_t kNan = 4;
// Each addition puts less than 2^53 into a word.
constexpr std::int32_t kBeforeCarry = 1000;
constexpr std::uint64_t kLow32 = 0xFFFFFFFFU;
// Where the lowest bit of the smallest double and of its square are.
constexpr std::int64_t kPositionOfDouble = -1074 - WideSum::kLowestExponent;
constexpr std::int64_t kPositionOfSquare = -2148 - WideSum::kLowestExponent;

struct Parts {
  std::uint64_t mantissa;
  std::int64_t offset;  // in bits from 2^-1074
};

Parts partsOf(std::uint64_t bits) noexcept {
  const auto field = static_cast<std::int64_t>((bits >> 52) & 2047U);
  const std::uint64_t mantissa = bits & 0x000FFFFFFFFFFFFFU;
  return field == 0 ? Parts{mantissa, 0} : Parts{mantissa | 0x0010000000000000U, field - 1};
}

}  // namespace

void WideSum::addSpecial(double x) noexcept {
  special_ = static_cast<std::uint8_t>(special_ | (x > 0 ? kPositive : x < 0 ? kNegative : kNan));
}

void WideSum::addBits(std::uint64_t low, std::uint64_t high, std::int64_t position, bool negative) noexcept {
  auto chunk = static_cast<std::size_t>(position >> 5);
  const auto shift = static_cast<unsigned>(position & 31);
  const std::int64_t sign = negative ? -1 : 1;
  // Five 32-bit digits of (high:low) << shift.
  const std::uint64_t first = low << shift;
  const std::uint64_t spilt = shift == 0 ? 0 : low >> (64 - shift);
  const std::uint64_t second = (high << shift) | spilt;
  chunks_[chunk] += sign * static_cast<std::int64_t>(first & kLow32);
  chunks_[chunk + 1] += sign * static_cast<std::int64_t>(first >> 32);
  chunks_[chunk + 2] += sign * static_cast<std::int64_t>(second & kLow32);
  if (high != 0) {
    chunks_[chunk + 3] += sign * static_cast<std::int64_t>(second >> 32);
    if (shift != 0) chunks_[chunk + 4] += sign * static_cast<std::int64_t>(high >> (64 - shift));
  }
  if (++pending_ >= kBeforeCarry) carry();
}

void WideSum::add(double x) noexcept {
  if (!std::isfinite(x)) {
    addSpecial(x);
    return;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const Parts parts = partsOf(bits);
  addBits(parts.mantissa, 0, parts.offset + kPositionOfDouble, (bits >> 63) != 0);
}

void WideSum::addSquare(double x) noexcept {
  if (!std::isfinite(x)) {
    addSpecial(x * x);
    return;
  }
  const Parts parts = partsOf(std::bit_cast<std::uint64_t>(x));
  const WideProduct square = wideMultiply(parts.mantissa, parts.mantissa);
  addBits(square.low, square.high, 2 * parts.offset + kPositionOfSquare, false);
}

void WideSum::carry() noexcept {
  std::int64_t over = 0;
  for (std::size_t i = 0; i + 1 < chunks_.size(); ++i) {
    const std::int64_t value = chunks_[i] + over;
    over = value >> 32;
    chunks_[i] = value - over * 0x100000000;
  }
  chunks_.back() += over;
  pending_ = 0;
}

void WideSum::merge(const WideSum& other) noexcept {
  carry();
  WideSum copy = other;
  copy.carry();
  for (std::size_t i = 0; i < chunks_.size(); ++i) chunks_[i] += copy.chunks_[i];
  carry();
  special_ |= other.special_;
}

WideSum::Integer WideSum::integer() const {
  WideSum copy = *this;
  copy.carry();
  Integer result;
  result.negative = copy.chunks_.back() < 0;
  if (result.negative) {
    for (auto& chunk : copy.chunks_) chunk = -chunk;
    copy.carry();
  }
  for (const std::int64_t chunk : copy.chunks_) result.limbs.push_back(static_cast<std::uint32_t>(chunk));
  while (!result.limbs.empty() && result.limbs.back() == 0) result.limbs.pop_back();
  return result;
}

double WideSum::round() const {
  if (special_ == kPositive) return std::numeric_limits<double>::infinity();
  if (special_ == kNegative) return -std::numeric_limits<double>::infinity();
  if (special_ != 0) return std::numeric_limits<double>::quiet_NaN();
  const Integer number = integer();
  if (number.limbs.empty()) return 0.0;
  const auto& limbs = number.limbs;
  const auto top = static_cast<std::int64_t>(limbs.size()) * 32 - std::countl_zero(limbs.back()) - 1;
  // The lowest bit that the result keeps: 53 bits, fewer among the subnormal.
  const std::int64_t keep = std::max(top - 52, kPositionOfDouble);
  const auto bit = [&limbs](std::int64_t i) -> std::uint64_t {
    return (limbs[static_cast<std::size_t>(i >> 5)] >> (i & 31)) & 1U;
  };
  std::uint64_t mantissa = 0;
  for (std::int64_t i = top; i >= keep; --i) mantissa = mantissa * 2 + bit(i);
  bool sticky = false;
  for (std::int64_t i = 0; i < keep - 1 && !sticky; ++i) sticky = bit(i) != 0;
  const bool half = keep - 1 <= top && bit(keep - 1) != 0;
  if (half && (sticky || (mantissa & 1) != 0)) ++mantissa;
  const double size = std::ldexp(static_cast<double>(mantissa), static_cast<int>(keep + kLowestExponent));
  return number.negative ? -size : size;
}

void WideSum::serialize(std::vector<std::uint8_t>& out) const {
  const Integer number = integer();
  std::size_t first = 0;
  while (first < number.limbs.size() && number.limbs[first] == 0) ++first;
  out.push_back(static_cast<std::uint8_t>(special_ | (number.negative ? 8 : 0)));
  out.push_back(static_cast<std::uint8_t>(first));
  out.push_back(static_cast<std::uint8_t>(number.limbs.size() - first));
  for (std::size_t i = first; i < number.limbs.size(); ++i) {
    for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(number.limbs[i] >> shift));
  }
}

bool WideSum::deserialize(std::span<const std::uint8_t>& bytes) {
  if (bytes.size() < 3 || bytes[0] > 15) return false;
  const std::size_t first = bytes[1];
  const std::size_t count = bytes[2];
  if (first + count > chunks_.size() || bytes.size() < 3 + 4 * count) return false;
  const std::int64_t sign = (bytes[0] & 8U) != 0 ? -1 : 1;
  *this = WideSum();
  special_ = bytes[0] & 7U;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t limb = 0;
    for (std::size_t byte = 0; byte < 4; ++byte) limb |= std::uint32_t{bytes[3 + 4 * i + byte]} << (8 * byte);
    chunks_[first + i] = sign * std::int64_t{limb};
  }
  bytes = bytes.subspan(3 + 4 * count);
  return true;
}

}  // namespace weir
