// The sine of moderate arguments without a branch: one text for the scalar function and the vector loops.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "engine/data/portable-math-tables.h"

#define WEIR_MATH_INLINE [[gnu::always_inline]] inline

namespace weir::math {

// Up to here quotients by pi/2 have at most 20 bits.
inline constexpr double kModerate = 0x1p19;

struct Reduced {
  Pair rest;  // in [-pi/4, pi/4]
  std::int64_t quadrant;
};

/// Cody and Waite's reduction with pi/2 in four parts; |x| at most kModerate.
WEIR_MATH_INLINE Reduced reduceModerate(double x) noexcept {
  constexpr double kRounder = 6755399441055744.0;
  const double shifted = x * kTwoOverPiDouble + kRounder;
  const double n = shifted - kRounder;
  const Pair first = twoSum(x - n * kHalfPi1, -n * kHalfPi2);
  const Pair third = twoProduct(n, kHalfPi3.hi);
  const Pair rest = add(first, Pair{-third.hi, -(third.lo + n * kHalfPi3.lo)});
  return {rest, std::bit_cast<std::int64_t>(shifted)};
}

/// What has to be added to r.hi to give sin(r).
WEIR_MATH_INLINE double sineRest(Pair r) noexcept {
  const double z = r.hi * r.hi;
  const double p =
      1.0 / 120 +
      z * (-1.0 / 5040 +
           z * (1.0 / 362880 + z * (-1.0 / 39916800 + z * (1.0 / 6227020800.0 + z * (-1.0 / 1307674368000.0 +
                                                                                     z * (1.0 / 355687428096000.0))))));
  return r.hi * z * (-1.0 / 6 + z * p) + r.lo * (1.0 - 0.5 * z);
}

WEIR_MATH_INLINE Pair cosinePair(Pair r) noexcept {
  const Pair z = twoProduct(r.hi, r.hi);
  const double p =
      1.0 / 24 +
      z.hi * (-1.0 / 720 +
              z.hi * (1.0 / 40320 +
                      z.hi * (-1.0 / 3628800 + z.hi * (1.0 / 479001600.0 + z.hi * (-1.0 / 87178291200.0 +
                                                                                   z.hi * (1.0 / 20922789888000.0))))));
  const Pair high = fastTwoSum(1.0, -0.5 * z.hi);
  return {high.hi, high.lo + (z.hi * z.hi * p - 0.5 * z.lo - r.hi * r.lo)};
}

WEIR_MATH_INLINE double sineModerate(double x) noexcept {
  const Reduced reduced = reduceModerate(x);
  const double sine = reduced.rest.hi + sineRest(reduced.rest);
  const Pair cosine = cosinePair(reduced.rest);
  const double size = (reduced.quadrant & 1) != 0 ? cosine.hi + cosine.lo : sine;
  const double value = (reduced.quadrant & 2) != 0 ? -size : size;
  return std::fabs(x) < 0x1p-27 ? x : value;
}

}  // namespace weir::math
