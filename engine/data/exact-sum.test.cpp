// Exact sums: order, division of work and representation must not show.
#include "engine/data/exact-sum.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/data/random.h"

namespace {

using weir::ExactMoments;
using weir::ExactSum;

std::vector<double> wildValues(std::uint64_t seed, int count, int spread) {
  weir::Random random(seed);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(std::ldexp(2 * random.uniform() - 1, static_cast<int>(random.between(-spread, spread))));
  }
  return values;
}

double sumOf(const std::vector<double>& values) {
  ExactSum sum;
  for (const double value : values) sum.add(value);
  return sum.round();
}

std::vector<std::uint8_t> bytesOf(const ExactSum& sum) {
  std::vector<std::uint8_t> bytes;
  sum.serialize(bytes);
  return bytes;
}

}  // namespace

TEST_CASE("cancellation loses nothing") {
  CHECK(sumOf({1e308, 1e308, -1e308, -1e308, 1.0}) == 1.0);
  CHECK(sumOf({1e100, 1.0, -1e100}) == 1.0);
  CHECK(sumOf({5e-324, 1e300, -1e300}) == 5e-324);
  CHECK(sumOf({}) == 0.0);
  CHECK(sumOf({0.1, 0.2, 0.3}) == 0.6);
  CHECK(std::isinf(sumOf({1e308, 1e308})));
}

TEST_CASE("a tie rounds to even and the smallest addend breaks it") {
  CHECK(sumOf({1.0, 0x1p-53}) == 1.0);
  CHECK(sumOf({1.0, 0x1p-53, 5e-324}) == 1.0 + 0x1p-52);
  CHECK(sumOf({1.0, 0x1p-53, -5e-324}) == 1.0);
  CHECK(sumOf({1.0 + 0x1p-52, 0x1p-53, 0x1p-1000, -0x1p-1000}) == 1.0 + 0x1p-51);
}

TEST_CASE("infinities and NaN come through") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(sumOf({1, inf, 2}) == inf);
  CHECK(sumOf({1, -inf, 2}) == -inf);
  CHECK(std::isnan(sumOf({inf, -inf})));
  CHECK(std::isnan(sumOf({1, std::nan(""), 2})));
  std::vector<double> many(1000, 1.0);
  many[500] = std::nan("");
  ExactSum sum;
  sum.add(many);
  CHECK(std::isnan(sum.round()));
}

TEST_CASE("order, batches and merges give the same bytes") {
  for (const int spread : {0, 10, 60, 1000}) {
    auto values = wildValues(static_cast<std::uint64_t>(spread) + 7, 5003, spread);
    ExactSum single;
    for (const double value : values) single.add(value);
    ExactSum batch;
    batch.add(values);
    std::ranges::sort(values);
    ExactSum left;
    ExactSum right;
    for (std::size_t i = 0; i < values.size(); ++i) (i % 3 == 0 ? left : right).add(values[i]);
    left.merge(right);
    CHECK(std::bit_cast<std::uint64_t>(single.round()) == std::bit_cast<std::uint64_t>(batch.round()));
    CHECK(std::bit_cast<std::uint64_t>(single.round()) == std::bit_cast<std::uint64_t>(left.round()));
    CHECK(bytesOf(single) == bytesOf(batch));
    CHECK(bytesOf(single) == bytesOf(left));
    const auto bytes = bytesOf(single);
    std::span<const std::uint8_t> rest(bytes);
    const auto restored = ExactSum::deserialize(rest);
    REQUIRE(restored);
    CHECK(rest.empty());
    CHECK(bytesOf(*restored) == bytes);
  }
}

TEST_CASE("damaged sums are refused") {
  const auto bytes = bytesOf(ExactSum());
  for (std::size_t length = 0; length < 3; ++length) {
    std::span<const std::uint8_t> part(bytes.data(), length);
    CHECK_FALSE(ExactSum::deserialize(part));
  }
  const std::vector<std::uint8_t> beyond = {0, 136, 1, 1, 1, 1, 1};
  std::span<const std::uint8_t> part(beyond);
  CHECK_FALSE(ExactSum::deserialize(part));
}

TEST_CASE("the variance does not suffer from a large mean") {
  ExactMoments moments;
  for (const double x : {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) moments.add(x);
  CHECK(moments.variance(true) == 30.0);
  CHECK(moments.variance(false) == 22.5);
  CHECK(moments.mean() == 1e9 + 10);
  ExactMoments constant;
  for (int i = 0; i < 1000; ++i) constant.add(0.1);
  CHECK(constant.variance(true) == 0.0);
  CHECK(std::isnan(ExactMoments().mean()));
}

TEST_CASE("moments by batch, one by one and merged are the same") {
  for (const int spread : {3, 300, 1000}) {
    const auto values = wildValues(11, 3001, spread);
    ExactMoments single;
    for (const double value : values) single.add(value);
    ExactMoments batch;
    batch.add(std::span(values).first(1000));
    ExactMoments rest;
    rest.add(std::span(values).subspan(1000));
    batch.merge(rest);
    std::vector<std::uint8_t> one;
    std::vector<std::uint8_t> two;
    single.serialize(one);
    batch.serialize(two);
    CHECK(one == two);
    CHECK(std::bit_cast<std::uint64_t>(single.deviation(true)) == std::bit_cast<std::uint64_t>(batch.deviation(true)));
    std::span<const std::uint8_t> bytes(one);
    REQUIRE(ExactMoments::deserialize(bytes));
  }
}

TEST_CASE("integer sums say when they do not fit") {
  weir::IntegerSum sum;
  sum.add(std::numeric_limits<std::int64_t>::max());
  CHECK(sum.value() == std::numeric_limits<std::int64_t>::max());
  sum.add(1);
  CHECK_FALSE(sum.value());
  CHECK(sum.toDouble() == 0x1p63);
  sum.add(-1);
  CHECK(sum.value());
}
