// Trigonometric functions and their inverses: Cody and Waite's reduction for moderate arguments, Payne and Hanek's for
// the rest, Taylor polynomials on [-pi/4, pi/4], and a table of arctangents (Tang 1991) for the inverses.
#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include "engine/data/portable-math-sine.h"
#include "engine/data/portable-math.h"
#include "engine/data/wide-multiply.h"
#include "engine/simd/simd.h"
// The order of the regions matters.
// clang-format off
#include "engine/simd/base-begin.h"
#include "engine/data/portable-math-sine.kernel.h"
#include "engine/simd/base-end.h"
#if WEIR_SIMD_HAS_AVX2
#include "engine/simd/avx2-begin.h"
#include "engine/data/portable-math-sine.kernel.h"
#include "engine/simd/avx2-end.h"
#endif
// clang-format on

namespace weir::math {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

using Words = std::array<std::uint64_t, 4>;  // most significant first

/// 64 bits of 2/pi from bit `position` behind the point.
std::uint64_t bitsOfTwoOverPi(std::int64_t position) noexcept {
  const auto word = static_cast<std::size_t>(position / 64);
  const auto shift = static_cast<unsigned>(position % 64);
  const std::uint64_t high = kTwoOverPi[word] << shift;
  return shift == 0 ? high : high | (kTwoOverPi[word + 1] >> (64 - shift));
}

/// value * (three words of 2/pi from `start`), 256 bits.
Words multiplyTwoOverPi(std::uint64_t value, std::int64_t start) noexcept {
  Words product{};
  std::uint64_t carry = 0;
  for (int i = 2; i >= 0; --i) {
    const WideProduct part = wideMultiply(value, bitsOfTwoOverPi(start + std::int64_t{64} * i));
    const std::uint64_t low = part.low + carry;
    carry = part.high + (low < carry ? 1U : 0U);
    product[static_cast<std::size_t>(i) + 1] = low;
  }
  product[0] = carry;
  return product;
}

Words shiftLeft(const Words& words, unsigned bits) noexcept {
  Words result{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t next = i + 1 < 4 ? words[i + 1] : 0;
    result[i] = bits == 64 ? next : (words[i] << bits) | (next >> (64 - bits));
  }
  return result;
}

/// Payne and Hanek (1983): only the bits of 2/pi that matter for the quadrant and 130 bits behind it. `x` is positive,
/// finite and at least 2^19.
Reduced reduceLarge(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const std::int64_t exponent = static_cast<std::int64_t>(bits >> 52) - 1075;
  const std::uint64_t mantissa = (bits & 0x000FFFFFFFFFFFFFU) | 0x0010000000000000U;
  const std::int64_t start = exponent > 2 ? exponent - 2 : 0;
  // The point goes 254 bits from the bottom: two bits of quadrant above it.
  const auto shift = static_cast<unsigned>(62 + exponent - start);
  Words words = shiftLeft(multiplyTwoOverPi(mantissa, start), shift);
  auto quadrant = static_cast<std::int64_t>(words[0] >> 62);
  words[0] &= 0x3FFFFFFFFFFFFFFFU;
  const bool negative = (words[0] >> 61) != 0;
  if (negative) {
    ++quadrant;
    // One minus the fraction; the unit lost at the very bottom is beyond the precision.
    for (auto& word : words) word = ~word;
    words[0] &= 0x3FFFFFFFFFFFFFFFU;
  }
  Pair fraction{};
  double weight = 0x1p-30;
  for (std::size_t i = 0; i < 3; ++i) {
    fraction = add(fraction, static_cast<double>(words[i] >> 32) * weight);
    fraction = add(fraction, static_cast<double>(words[i] & 0xFFFFFFFFU) * (weight * 0x1p-32));
    weight *= 0x1p-64;
  }
  const Pair rest = multiply(fraction, kHalfPi);
  return {negative ? negate(rest) : rest, quadrant};
}

Reduced reduce(double x) noexcept {
  if (std::fabs(x) <= kModerate) return reduceModerate(x);
  const Reduced reduced = reduceLarge(std::fabs(x));
  return x > 0 ? reduced : Reduced{negate(reduced.rest), -reduced.quadrant};
}

Pair sinePair(Pair r) noexcept { return fastTwoSum(r.hi, sineRest(r)); }

double round(Pair x) noexcept { return x.hi + x.lo; }

double pick(const Reduced& reduced, std::int64_t quadrant) noexcept {
  const double size = (quadrant & 1) != 0 ? round(cosinePair(reduced.rest)) : reduced.rest.hi + sineRest(reduced.rest);
  return (quadrant & 2) != 0 ? -size : size;
}

/// atan(y / x) for 0 <= y <= x, x in [0.5, 4): atan(c) + atan((y - cx) / (x + cy)) with c the nearest 64th.
Pair atanPair(Pair y, Pair x) noexcept {
  const double scaled = std::min(std::rint(y.hi / x.hi * 64.0), 64.0);
  const double c = scaled / 64.0;
  const Pair t = divide(add(y, negate(multiply(x, c))), add(x, multiply(y, c)));
  const double z = t.hi * t.hi;
  const double tail = t.hi * z * (-1.0 / 3 + z * (0.2 + z * (-1.0 / 7 + z * (1.0 / 9))));
  return add(kAtanTable[static_cast<std::size_t>(scaled)], add(t, tail));
}

/// The angle of (x, y), y >= 0, both moderate and not both 0.
Pair anglePair(Pair y, Pair x) noexcept {
  const Pair size = x.hi < 0 ? negate(x) : x;
  const Pair half = y.hi <= size.hi ? atanPair(y, size) : add(kHalfPi, negate(atanPair(size, y)));
  return x.hi < 0 ? add(kPi, negate(half)) : half;
}

/// sqrt(1 - x^2) for |x| < 1.
Pair cofactor(double x) noexcept {
  const Pair square = multiply(twoSum(1.0, -x), twoSum(1.0, x));
  const double root = std::sqrt(square.hi);
  const Pair rest = add(square, negate(twoProduct(root, root)));
  return fastTwoSum(root, rest.hi / (2 * root));
}

}  // namespace

double sin(double x) noexcept {
  if (std::fabs(x) <= kModerate) return sineModerate(x);
  if (!std::isfinite(x)) return kNan;
  const Reduced reduced = reduce(x);
  return pick(reduced, reduced.quadrant);
}

double cos(double x) noexcept {
  if (!std::isfinite(x)) return kNan;
  const Reduced reduced = reduce(x);
  return pick(reduced, reduced.quadrant + 1);
}

double tan(double x) noexcept {
  if (!std::isfinite(x)) return kNan;
  if (std::fabs(x) < 0x1p-27) return x;
  const Reduced reduced = reduce(x);
  const Pair sine = sinePair(reduced.rest);
  const Pair cosine = cosinePair(reduced.rest);
  const Pair ordered = fastTwoSum(cosine.hi, cosine.lo);
  return round((reduced.quadrant & 1) != 0 ? divide(negate(ordered), sine) : divide(sine, ordered));
}

double asin(double x) noexcept {
  const double size = std::fabs(x);
  if (!(size <= 1)) return kNan;
  if (size < 0x1p-27) return x;
  if (size == 1) return std::copysign(kHalfPi.hi, x);
  return std::copysign(round(anglePair({size, 0}, cofactor(size))), x);
}

double acos(double x) noexcept {
  if (!(std::fabs(x) <= 1)) return kNan;
  if (x == 1) return 0.0;
  if (x == -1) return kPi.hi;
  return round(anglePair(cofactor(x), {x, 0}));
}

double atan(double x) noexcept {
  const double size = std::fabs(x);
  if (std::isnan(x) || size < 0x1p-27) return x;
  if (size > 0x1p60) return std::copysign(kHalfPi.hi, x);
  return std::copysign(
      round(size <= 1 ? atanPair({size, 0}, {1.0, 0}) : add(kHalfPi, negate(atanPair({1.0, 0}, {size, 0})))), x);
}

double atan2(double y, double x) noexcept {
  if (std::isnan(x) || std::isnan(y)) return kNan;
  if (y == 0) return std::copysign(std::signbit(x) ? kPi.hi : 0.0, y);
  if (std::isinf(x)) {
    const double size = std::isinf(y) ? (x > 0 ? kQuarterPi.hi : 3 * kQuarterPi.hi) : (x > 0 ? 0.0 : kPi.hi);
    return std::copysign(size, y);
  }
  if (std::isinf(y) || x == 0) return std::copysign(kHalfPi.hi, y);
  int exponentX = 0;
  int exponentY = 0;
  const double mantissaX = std::frexp(x, &exponentX);
  const double mantissaY = std::frexp(std::fabs(y), &exponentY);
  const int difference = exponentY - exponentX;
  if (difference > 64) return std::copysign(kHalfPi.hi, y);
  if (difference < -64) return std::copysign(x > 0 ? std::fabs(y) / x : kPi.hi, y);
  return std::copysign(round(anglePair({std::ldexp(mantissaY, difference), 0}, {mantissaX, 0})), y);
}

void sin(std::span<const double> in, std::span<double> out) noexcept {
  constexpr std::size_t kBlock = 256;
  for (std::size_t start = 0; start < in.size(); start += kBlock) {
    const std::size_t count = std::min(kBlock, in.size() - start);
    const double* from = in.data() + start;
    double* to = out.data() + start;
    const auto length = static_cast<std::int64_t>(count);
    if (base::largest(from, length) > kModerate) {
      for (std::size_t i = 0; i < count; ++i) to[i] = sin(from[i]);
      continue;
    }
#if WEIR_SIMD_HAS_AVX2
    if (simd::hasAvx2()) {
      avx2::sineLoop(from, to, length);
      continue;
    }
#endif
    base::sineLoop(from, to, length);
  }
}

}  // namespace weir::math
