// Prints nanoseconds a value of number texts, exact sums, sketches and hashes.
#include "engine/data/number-text.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/data/distinct-sketch.h"
#include "engine/data/exact-sum.h"
#include "engine/data/hash.h"
#include "engine/data/quantile-sketch.h"
#include "engine/data/random.h"

namespace {

volatile double sink;  // keeps results alive

template <class F>
void measure(const char* name, std::size_t count, F work) {
  double best = 1e300;
  for (int round = 0; round < 15; ++round) {
    const auto start = std::chrono::steady_clock::now();
    sink = static_cast<double>(work());
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = took.count() < best ? took.count() : best;
  }
  std::printf("%-28s %7.2f ns\n", name, best / static_cast<double>(count));
}

void measureSums(const std::vector<double>& values) {
  const auto count = values.size();
  measure("ExactSum span", count, [&] {
    weir::ExactSum sum;
    sum.add(values);
    return sum.round();
  });
  measure("ExactSum one by one", count, [&] {
    weir::ExactSum sum;
    for (double x : values) sum.add(x);
    return sum.round();
  });
  measure("ExactSum 16 groups", count, [&] {
    std::vector<weir::ExactSum> sums(16);
    std::size_t i = 0;
    for (double x : values) sums[i++ & 15].add(x);
    return sums[3].round();
  });
  measure("ExactMoments span", count, [&] {
    weir::ExactMoments all;
    all.add(values);
    return all.deviation(true);
  });
  measure("ExactMoments one by one", count, [&] {
    weir::ExactMoments all;
    for (double x : values) all.add(x);
    return all.deviation(true);
  });
}

void measureSketches(const std::vector<double>& values) {
  const auto count = values.size();
  measure("QuantileSketch", count, [&] {
    weir::QuantileSketch all;
    all.add(values);
    return all.quantile(0.5);
  });
  measure("DistinctSketch", count, [&] {
    weir::DistinctSketch all;
    for (double x : values) all.addHash(weir::hash::ofDouble(x));
    return all.estimate();
  });
}

}  // namespace

int main() {
  constexpr std::size_t kCount = 100000;
  weir::Random random(1);
  std::vector<std::string> integers;
  std::vector<std::string> prices;
  std::vector<std::string> longs;
  std::vector<double> values;
  for (std::size_t i = 0; i < kCount; ++i) {
    integers.push_back(std::to_string(random.between(10000000, 99999999)));
    prices.push_back(std::to_string(random.between(10, 99)) + "." + std::to_string(random.between(10, 99)));
    values.push_back(random.normal() * 1000);
    longs.emplace_back();
    weir::appendDouble(longs.back(), values.back());
  }
  const auto each = [](const auto& texts, auto f) {
    double sum = 0;
    for (const auto& text : texts) sum += static_cast<double>(f(text));
    return sum;
  };
  measure("parseInt64 8 digits", kCount,
          [&] { return each(integers, [](auto& t) { return weir::parseInt64(t).value; }); });
  measure("parseDouble 12.34", kCount,
          [&] { return each(prices, [](auto& t) { return weir::parseDouble(t).value; }); });
  measure("parseDouble 17 digits", kCount,
          [&] { return each(longs, [](auto& t) { return weir::parseDouble(t).value; }); });
  measure("shapeOfNumber 12.34", kCount, [&] { return each(prices, [](auto& t) { return weir::shapeOfNumber(t); }); });
  std::vector<char> buffer(static_cast<std::size_t>(weir::kNumberTextBytes));
  measure("writeDouble 17 digits", kCount,
          [&] { return each(values, [&](double x) { return weir::writeDouble(buffer.data(), x) - buffer.data(); }); });
  measure("writeInt64", kCount, [&] {
    return each(values, [&](double x) {
      return weir::writeInt64(buffer.data(), static_cast<std::int64_t>(x * 1e4)) - buffer.data();
    });
  });
  measureSums(values);
  measureSketches(values);
  measure("hash 8 bytes", kCount, [&] { return each(integers, [](auto& t) { return weir::hash::ofBytes(t) & 7; }); });
  return 0;
}
