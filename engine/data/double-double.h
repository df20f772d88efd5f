// Pairs of doubles whose unevaluated sum carries about 106 bits: the extra precision behind portable-math and
// exact-sum.
#pragma once

namespace weir::math {

/// hi + lo, |lo| at most half a last place of hi.
struct Pair {
  double hi = 0;
  double lo = 0;
};

/// The exact sum, given |a| >= |b| or a == 0 (Dekker 1971).
constexpr Pair fastTwoSum(double a, double b) noexcept {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// The exact sum of any two (Knuth, TAOCP 2, 4.2.2).
constexpr Pair twoSum(double a, double b) noexcept {
  const double sum = a + b;
  const double other = sum - a;
  return {sum, (a - (sum - other)) + (b - other)};
}

/// The high 26 bits and the rest (Veltkamp 1968); |a| below 2^996.
constexpr Pair split(double a) noexcept {
  const double scaled = 134217729.0 * a;
  const double high = scaled - (scaled - a);
  return {high, a - high};
}

/// The exact product without fused multiply-add (Dekker 1971), where nothing overflows or gets subnormal.
constexpr Pair twoProduct(double a, double b) noexcept {
  const double product = a * b;
  const Pair left = split(a);
  const Pair right = split(b);
  return {product, ((left.hi * right.hi - product) + left.hi * right.lo + left.lo * right.hi) + left.lo * right.lo};
}

constexpr Pair add(Pair a, Pair b) noexcept {
  const Pair high = twoSum(a.hi, b.hi);
  const Pair low = twoSum(a.lo, b.lo);
  const Pair middle = fastTwoSum(high.hi, high.lo + low.hi);
  return fastTwoSum(middle.hi, middle.lo + low.lo);
}

constexpr Pair add(Pair a, double b) noexcept {
  const Pair high = twoSum(a.hi, b);
  return fastTwoSum(high.hi, high.lo + a.lo);
}

constexpr Pair negate(Pair a) noexcept { return {-a.hi, -a.lo}; }

constexpr Pair multiply(Pair a, Pair b) noexcept {
  const Pair product = twoProduct(a.hi, b.hi);
  return fastTwoSum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

constexpr Pair multiply(Pair a, double b) noexcept {
  const Pair product = twoProduct(a.hi, b);
  return fastTwoSum(product.hi, product.lo + a.lo * b);
}

constexpr Pair divide(Pair a, Pair b) noexcept {
  const double first = a.hi / b.hi;
  const Pair rest = add(a, negate(multiply(b, first)));
  const double second = rest.hi / b.hi;
  const Pair rest2 = add(rest, negate(multiply(b, second)));
  const Pair quotient = fastTwoSum(first, second);
  return fastTwoSum(quotient.hi, quotient.lo + rest2.hi / b.hi);
}

}  // namespace weir::math
