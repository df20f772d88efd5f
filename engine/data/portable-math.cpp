// Exponentials, logarithms, powers and roots: table-driven reduction (Tang 1989, 1990) with double-double arithmetic
// (Dekker 1971) where the result would otherwise lose its last bit.
#include "engine/data/portable-math.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "engine/data/portable-math-tables.h"

namespace weir::math {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// Adding and subtracting 1.5 * 2^52 rounds to an integer, to even, without a library call.
constexpr double kRounder = 6755399441055744.0;

struct Rounded {
  double value;
  std::int64_t integer;
};

Rounded roundSmall(double x) noexcept {
  const double shifted = x + kRounder;
  const auto bits = std::bit_cast<std::int64_t>(shifted) - std::bit_cast<std::int64_t>(kRounder);
  return {shifted - kRounder, bits};
}

double scale(double x, std::int64_t exponent) noexcept {
  if (exponent >= -1000 && exponent <= 1000) {
    return x * std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
  }
  return std::ldexp(x, static_cast<int>(exponent));
}

/// value * 2^exponent, value near [0.9, 2.1).
struct Scaled {
  Pair value;
  std::int64_t exponent;
};

/// exp(x.hi + x.lo) to about 66 bits; |x| below 800.
Scaled expPair(Pair x) noexcept {
  const Rounded k = roundSmall(x.hi * k64OverLn2);
  Pair r = twoSum(x.hi - k.value * kLn2Over64Hi, -k.value * kLn2Over64Lo);
  r = fastTwoSum(r.hi, r.lo + x.lo);
  const double z = r.hi;
  const Pair square = twoProduct(z, z);
  const double tail = z * square.hi * (1.0 / 6 + z * (1.0 / 24 + z * (1.0 / 120 + z * (1.0 / 720 + z / 5040))));
  Pair p = add(r, Pair{0.5 * square.hi, 0.5 * square.lo + z * r.lo});
  p = add(p, tail);
  const Pair power = kExp2Table[static_cast<std::size_t>(k.integer & 63)];
  return {add(power, multiply(power, p)), k.integer >> 6};
}

double expTail(double r, std::int64_t k) noexcept {
  const double p = r + r * r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720)))));
  const Pair power = kExp2Table[static_cast<std::size_t>(k & 63)];
  return scale(power.hi + (power.lo + power.hi * p), k >> 6);
}

/// log(1 + r) to about 68 bits; |r| below 1/100.
Pair logNearOne(Pair r) noexcept {
  const double z = r.hi;
  const Pair square = twoProduct(z, z);
  const double cube = z * square.hi;
  const double tail =
      cube * (1.0 / 3 - z * (0.25 - z * (0.2 - z * (1.0 / 6 - z * (1.0 / 7 - z * (0.125 - z * (1.0 / 9)))))));
  const Pair second = add(r, Pair{-0.5 * square.hi, -0.5 * square.lo - z * r.lo});
  return add(second, tail);
}

/// log(x + low) for finite x > 0, |low| at most a last place of x.
Pair logPair(double x, double low) noexcept {
  auto bits = std::bit_cast<std::uint64_t>(x);
  std::int64_t exponent = 0;
  if (bits < 0x0010000000000000U) {
    x *= 0x1p64;
    low *= 0x1p64;
    bits = std::bit_cast<std::uint64_t>(x);
    exponent = -64;
  }
  // The mantissa is taken in [0.75, 1.5), so that values beside 1 keep their exponent 0.
  const std::uint64_t offset = bits - 0x3FE8000000000000U;
  const std::int64_t k = static_cast<std::int64_t>(offset) >> 52;
  const double m = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(k) << 52));
  const auto j = static_cast<std::size_t>(static_cast<std::int64_t>(m * 128.0) - 96);
  const double inverse = kReciprocal[j];
  const Pair parts = split(m);
  Pair r = twoSum(parts.hi * inverse - 1.0, parts.lo * inverse);
  if (low != 0) r = fastTwoSum(r.hi, r.lo + scale(low, -k) * inverse);
  const auto factor = static_cast<double>(k + exponent);
  const Pair base = add(Pair{factor * kLn2Hi, 0}, add(multiply(kLn2Lo, factor), kLogTable[j]));
  return add(base, logNearOne(r));
}

/// NaN for a non-positive argument, -inf at 0, x itself for inf and NaN.
double logSpecial(double x) noexcept {
  if (x == 0) return -kInfinity;
  if (x < 0) return kNan;
  return x;
}

bool isOrdinary(double x) noexcept { return x > 0 && x < kInfinity; }

double round(Pair x) noexcept { return x.hi + x.lo; }

}  // namespace

double exp(double x) noexcept {
  if (!(std::fabs(x) < 800)) return x > 0 ? kInfinity : x < 0 ? 0.0 : x;
  const Rounded k = roundSmall(x * k64OverLn2);
  return expTail((x - k.value * kLn2Over64Hi) - k.value * kLn2Over64Lo, k.integer);
}

double exp2(double x) noexcept {
  if (!(std::fabs(x) < 1100)) return x > 0 ? kInfinity : x < 0 ? 0.0 : x;
  const Rounded k = roundSmall(x * 64);
  return expTail((x - k.value * 0.015625) * kLn2.hi, k.integer);
}

double expm1(double x) noexcept {
  if (!(x < 710)) return exp(x);
  if (x < -40) return -1.0;
  if (std::fabs(x) < 0x1p-54) return x;
  if (std::fabs(x) < 0x1p-7) {
    const Pair square = twoProduct(x, x);
    const double tail = x * square.hi * (1.0 / 6 + x * (1.0 / 24 + x * (1.0 / 120 + x * (1.0 / 720 + x / 5040))));
    return round(add(add(Pair{x, 0}, Pair{0.5 * square.hi, 0.5 * square.lo}), tail));
  }
  const Scaled power = expPair({x, 0});
  if (power.exponent > 1000) return scale(round(power.value), power.exponent);
  return round(add(Pair{scale(power.value.hi, power.exponent), scale(power.value.lo, power.exponent)}, -1.0));
}

double log(double x) noexcept { return isOrdinary(x) ? round(logPair(x, 0)) : logSpecial(x); }

double log2(double x) noexcept { return isOrdinary(x) ? round(multiply(logPair(x, 0), kInverseLn2)) : logSpecial(x); }

double log10(double x) noexcept { return isOrdinary(x) ? round(multiply(logPair(x, 0), kInverseLn10)) : logSpecial(x); }

double log1p(double x) noexcept {
  if (!(x > -1) || x == kInfinity) return x == -1 ? -kInfinity : x < -1 ? kNan : x;
  if (std::fabs(x) < 0x1p-54) return x;
  if (std::fabs(x) < 0x1p-7) return round(logNearOne({x, 0}));
  const Pair sum = twoSum(1.0, x);
  return round(logPair(sum.hi, sum.lo));
}

namespace {

enum class Parity { kNotInteger, kEven, kOdd };

Parity parityOf(double y) noexcept {
  if (std::fabs(y) >= 0x1p53) return Parity::kEven;
  if (std::trunc(y) != y) return Parity::kNotInteger;
  return (static_cast<std::int64_t>(y) & 1) != 0 ? Parity::kOdd : Parity::kEven;
}

/// x is 0 or an infinity, or y is an infinity; neither is NaN, y is not 0 and x is not 1.
double powOfSpecial(double x, double y) noexcept {
  if (std::isinf(y)) {
    const double size = std::fabs(x);
    if (size == 1) return 1.0;
    return (size > 1) == (y > 0) ? kInfinity : 0.0;
  }
  const double size = (x == 0) == (y > 0) ? 0.0 : kInfinity;
  return std::signbit(x) && parityOf(y) == Parity::kOdd ? -size : size;
}

}  // namespace

double pow(double x, double y) noexcept {
  if (y == 0 || x == 1) return 1.0;
  if (std::isnan(x) || std::isnan(y)) return kNan;
  if (x == 0 || std::isinf(x) || std::isinf(y)) return powOfSpecial(x, y);
  double sign = 1.0;
  if (x < 0) {
    const Parity parity = parityOf(y);
    if (parity == Parity::kNotInteger) return kNan;
    if (parity == Parity::kOdd) sign = -1.0;
    x = -x;
    if (x == 1) return sign;
  }
  const Pair logarithm = logPair(x, 0);
  const double rough = logarithm.hi * y;
  if (!(std::fabs(rough) < 750)) return rough > 0 ? sign * kInfinity : sign * 0.0;
  if (std::fabs(rough) < 0x1p-60) return sign;  // also keeps the split of a huge or tiny y out of trouble
  // |y| is below 750 * 2^53 here, as |log x| is at least 2^-53.
  const Scaled power = expPair(multiply(logarithm, y));
  return sign * scale(round(power.value), power.exponent);
}

double sinh(double x) noexcept {
  const double size = std::fabs(x);
  if (!(size < 712)) return x * kInfinity;
  if (size < 0x1p-28) return x;
  if (size < 0.5) {
    const double z = x * x;
    const double p =
        1.0 / 6 +
        z * (1.0 / 120 +
             z * (1.0 / 5040 +
                  z * (1.0 / 362880 + z * (1.0 / 39916800 + z * (1.0 / 6227020800 + z * (1.0 / 1307674368000))))));
    return x + x * z * p;
  }
  const Scaled power = expPair({size, 0});
  Pair result = power.value;
  if (size < 40) result = add(result, negate(divide({scale(1.0, -2 * power.exponent), 0}, power.value)));
  return std::copysign(scale(round(result), power.exponent - 1), x);
}

double cosh(double x) noexcept {
  const double size = std::fabs(x);
  if (!(size < 712)) return size * kInfinity;
  const Scaled power = expPair({size, 0});
  Pair result = power.value;
  if (size < 40) result = add(result, divide({scale(1.0, -2 * power.exponent), 0}, power.value));
  return scale(round(result), power.exponent - 1);
}

double tanh(double x) noexcept {
  const double size = std::fabs(x);
  if (!(size < 20)) return std::isnan(x) ? x : std::copysign(1.0, x);
  if (size < 0x1p-28) return x;
  if (size < 0.0625) {
    const double z = x * x;
    const double p =
        -1.0 / 3 +
        z * (2.0 / 15 + z * (-17.0 / 315 + z * (62.0 / 2835 + z * (-1382.0 / 155925 + z * (21844.0 / 6081075)))));
    return x + x * z * p;
  }
  const Scaled power = expPair({2 * size, 0});
  const Pair value = {scale(power.value.hi, power.exponent), scale(power.value.lo, power.exponent)};
  return std::copysign(round(divide(add(value, -1.0), add(value, 1.0))), x);
}

namespace {

/// sqrt(x) as a pair; x.hi > 0.
Pair sqrtPair(Pair x) noexcept {
  const double root = std::sqrt(x.hi);
  const Pair rest = add(x, negate(twoProduct(root, root)));
  return fastTwoSum(root, rest.hi / (2 * root));
}

}  // namespace

double asinh(double x) noexcept {
  const double size = std::fabs(x);
  if (!(size < kInfinity)) return x;
  if (size < 0x1p-28) return x;
  Pair result;
  if (size > 0x1p60) {
    result = add(logPair(size, 0), kLn2);
  } else {
    // log1p(size + (sqrt(1 + size^2) - 1)), the bracket as size^2 / (1 + sqrt(1 + size^2)).
    const Pair square = twoProduct(size, size);
    const Pair extra = divide(square, add(sqrtPair(add(square, 1.0)), 1.0));
    const Pair argument = add(extra, size);
    if (argument.hi < 0x1p-7) {
      result = logNearOne(argument);
    } else {
      const Pair sum = add(argument, 1.0);
      result = logPair(sum.hi, sum.lo);
    }
  }
  return std::copysign(round(result), x);
}

double acosh(double x) noexcept {
  if (!(x >= 1)) return kNan;
  if (x == kInfinity) return x;
  if (x > 0x1p60) return round(add(logPair(x, 0), kLn2));
  if (x == 1) return 0.0;
  const double t = x - 1;
  if (t < 0x1p-20) {
    // sqrt(2t) * (1 - t/12 + 3t^2/160 - ...)
    const Pair root = sqrtPair({2 * t, 0});
    return root.hi + (root.lo - root.hi * t * (1.0 / 12 - t * (3.0 / 160)));
  }
  const Pair root = sqrtPair(add(twoProduct(x, x), -1.0));
  const Pair argument = add(root, twoSum(x, -1.0));
  if (argument.hi < 0x1p-7) return round(logNearOne(argument));
  const Pair sum = add(argument, 1.0);
  return round(logPair(sum.hi, sum.lo));
}

double atanh(double x) noexcept {
  const double size = std::fabs(x);
  if (!(size < 1)) return size == 1 ? x * kInfinity : kNan;
  if (size < 0x1p-28) return x;
  // half of log1p(2x / (1 - x))
  const Pair argument = divide({2 * size, 0}, twoSum(1.0, -size));
  Pair result;
  if (argument.hi < 0x1p-7) {
    result = logNearOne(argument);
  } else {
    const Pair sum = add(argument, 1.0);
    result = logPair(sum.hi, sum.lo);
  }
  return std::copysign(0.5 * round(result), x);
}

double cbrt(double x) noexcept {
  if (!std::isfinite(x) || x == 0) return x;
  int exponent = 0;
  double m = std::frexp(std::fabs(x), &exponent);
  // The exponent becomes a multiple of three, m is in [0.125, 1).
  const int rest = ((exponent % 3) + 3) % 3;
  if (rest != 0) {
    m = std::ldexp(m, rest - 3);
    exponent += 3 - rest;
  }
  // A rough root, three steps of Newton in double, one with the rest taken exactly.
  double root = 0.40238 + m * (1.0 - m * 0.40238);
  for (int step = 0; step < 4; ++step) root = (2 * root + m / (root * root)) * (1.0 / 3);
  const Pair cube = multiply(twoProduct(root, root), root);
  const Pair error = add(cube, -m);
  root -= error.hi / (3 * root * root);
  return std::copysign(std::ldexp(root, exponent / 3), x);
}

double hypot(double x, double y) noexcept {
  if (std::isinf(x) || std::isinf(y)) return kInfinity;
  if (std::isnan(x) || std::isnan(y)) return kNan;
  double large = std::fabs(x);
  double small = std::fabs(y);
  if (large < small) {
    const double other = large;
    large = small;
    small = other;
  }
  if (small == 0) return large;
  int exponent = 0;
  large = std::frexp(large, &exponent);
  small = std::ldexp(small, -exponent);
  if (small < 0x1p-60) return std::ldexp(large, exponent);
  return std::ldexp(round(sqrtPair(add(twoProduct(large, large), twoProduct(small, small)))), exponent);
}

}  // namespace weir::math
