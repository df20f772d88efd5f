// Sketches: within their promised error, the same in any order, and safe against damaged states.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/data/distinct-sketch.h"
#include "engine/data/hash.h"
#include "engine/data/quantile-sketch.h"
#include "engine/data/random.h"

namespace {

template <class Sketch>
std::vector<std::uint8_t> bytesOf(const Sketch& sketch) {
  std::vector<std::uint8_t> bytes;
  sketch.serialize(bytes);
  return bytes;
}

}  // namespace

TEST_CASE("quantiles are within one percent of the value of that rank") {
  weir::Random random(5);
  std::vector<double> values;
  for (int i = 0; i < 20001; ++i)
    values.push_back(random.normal() * std::ldexp(1.0, static_cast<int>(random.below(20))));
  weir::QuantileSketch sketch;
  sketch.add(values);
  std::ranges::sort(values);
  for (int percent = 0; percent <= 100; ++percent) {
    const double exact = values[static_cast<std::size_t>(percent * 200)];
    CHECK(std::fabs(sketch.quantile(percent / 100.0) - exact) <= 0.0101 * std::fabs(exact) + 1e-9);
  }
  CHECK(sketch.quantile(0) == values.front());
  CHECK(sketch.quantile(1) == values.back());
}

TEST_CASE("a quantile sketch does not depend on order or merges, even when bins collapse") {
  weir::Random random(6);
  for (const int spread : {5, 1000}) {
    std::vector<double> values;
    for (int i = 0; i < 5000; ++i) {
      values.push_back(std::ldexp(random.uniform() - 0.5, static_cast<int>(random.between(-spread, spread))));
    }
    weir::QuantileSketch whole;
    whole.add(values);
    std::ranges::sort(values);
    weir::QuantileSketch left;
    weir::QuantileSketch right;
    for (std::size_t i = 0; i < values.size(); ++i) (i % 3 == 0 ? left : right).add(values[i]);
    left.merge(right);
    CHECK(bytesOf(left) == bytesOf(whole));
    const auto bytes = bytesOf(whole);
    std::span<const std::uint8_t> rest(bytes);
    const auto restored = weir::QuantileSketch::deserialize(rest);
    REQUIRE(restored);
    CHECK(rest.empty());
    CHECK(bytesOf(*restored) == bytes);
    for (std::size_t length = 0; length < bytes.size(); length += 97) {
      std::span<const std::uint8_t> part(bytes.data(), length);
      CHECK_FALSE(weir::QuantileSketch::deserialize(part));
    }
  }
}

TEST_CASE("an empty quantile sketch answers NaN and infinities have their place") {
  weir::QuantileSketch sketch;
  CHECK(std::isnan(sketch.quantile(0.5)));
  sketch.add(std::nan(""));
  CHECK(sketch.count() == 0);
  for (const double x : {-HUGE_VAL, -1.0, 0.0, 1.0, HUGE_VAL}) sketch.add(x);
  CHECK(sketch.min() == -HUGE_VAL);
  CHECK(sketch.max() == HUGE_VAL);
  CHECK(sketch.quantile(0.5) == 0.0);
}

TEST_CASE("distinct counts are exact when few and within three percent when many") {
  weir::DistinctSketch sketch;
  std::int64_t next = 0;
  for (const std::int64_t limit : {0, 1, 100, 512, 1000, 20000, 300000}) {
    for (; next < limit; ++next) {
      sketch.addHash(weir::hash::ofInt64(next));
      sketch.addHash(weir::hash::ofInt64(next / 2));
    }
    const auto expected = static_cast<double>(limit);
    CHECK(sketch.isExact() == (limit <= 512));
    CHECK(std::fabs(static_cast<double>(sketch.estimate()) - expected) <= (limit <= 512 ? 0 : 0.03 * expected));
  }
}

TEST_CASE("a distinct sketch does not depend on order or merges") {
  for (const std::int64_t count : {50, 700, 50000}) {
    weir::DistinctSketch whole;
    weir::DistinctSketch left;
    weir::DistinctSketch right;
    for (std::int64_t i = 0; i < count; ++i) whole.addHash(weir::hash::ofInt64(i));
    for (std::int64_t i = count; i-- > 0;) (i % 10 == 0 ? left : right).addHash(weir::hash::ofInt64(i));
    left.merge(right);
    CHECK(bytesOf(left) == bytesOf(whole));
    const auto bytes = bytesOf(whole);
    std::span<const std::uint8_t> rest(bytes);
    const auto restored = weir::DistinctSketch::deserialize(rest);
    REQUIRE(restored);
    CHECK(bytesOf(*restored) == bytes);
    std::span<const std::uint8_t> part(bytes.data(), bytes.size() - 1);
    CHECK_FALSE(weir::DistinctSketch::deserialize(part));
  }
}
