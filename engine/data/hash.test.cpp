// Hash and random numbers: well mixed, and the same on every target.
#include "engine/data/hash.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "engine/data/random.h"

namespace hash = weir::hash;

TEST_CASE("hashes are those of every other target") {
  CHECK(hash::ofBytes("") == 0x17D51736A70ED56U);
  CHECK(hash::ofBytes("weir") == 0xE27F4FF767DE3951U);
  CHECK(hash::ofBytes("a somewhat longer text, of more than forty-eight bytes, that is") == 0xD42C1A32C15524BFU);
  CHECK(hash::ofUint64(42) == 0x83617822ADEFFE5DU);
  CHECK(hash::ofDouble(1.5) == 0x478FB220C1071F40U);
}

TEST_CASE("equal doubles have equal hashes") {
  CHECK(hash::ofDouble(0.0) == hash::ofDouble(-0.0));
  CHECK(hash::ofDouble(std::nan("1")) == hash::ofDouble(-std::nan("2")));
  CHECK(hash::ofDouble(1.0) != hash::ofDouble(-1.0));
}

TEST_CASE("each input bit flips each output bit half of the time") {
  weir::Random random(4);
  constexpr int kTrials = 2000;
  for (unsigned in = 0; in < 64; ++in) {
    std::vector<int> flips(64);
    std::vector<int> flipsOfBytes(64);
    for (int i = 0; i < kTrials; ++i) {
      const std::uint64_t value = random.next();
      const std::uint64_t other = value ^ (std::uint64_t{1} << in);
      const std::uint64_t change = hash::ofUint64(value) ^ hash::ofUint64(other);
      const std::uint64_t bytes = hash::ofBytes(&value, 8) ^ hash::ofBytes(&other, 8);
      for (unsigned out = 0; out < 64; ++out) {
        flips[out] += static_cast<int>((change >> out) & 1U);
        flipsOfBytes[out] += static_cast<int>((bytes >> out) & 1U);
      }
    }
    for (unsigned out = 0; out < 64; ++out) {
      REQUIRE(std::abs(flips[out] - kTrials / 2) < 150);
      REQUIRE(std::abs(flipsOfBytes[out] - kTrials / 2) < 150);
    }
  }
}

TEST_CASE("no collisions among many similar keys") {
  std::vector<std::uint64_t> all;
  std::string zeros;
  for (int i = 0; i < 200000; ++i) {
    all.push_back(hash::ofInt64(i));
    all.push_back(hash::ofBytes("key-" + std::to_string(i)));
    all.push_back(hash::combine(hash::ofInt64(i), hash::ofInt64(i + 1)));
    if (i < 300) all.push_back(hash::ofBytes(zeros));
    zeros.push_back('\0');
  }
  std::ranges::sort(all);
  CHECK(std::ranges::adjacent_find(all) == all.end());
  CHECK(hash::ofBytes("a", 1) != hash::ofBytes("a", 2));
  CHECK(hash::combine(1, 2) != hash::combine(2, 1));
}

TEST_CASE("random numbers are those of every other target") {
  weir::Random random(1);
  CHECK(random.next() == 0xB3F2AF6D0FC710C5U);
  CHECK(random.next() == 0x853B559647364CEAU);
  CHECK(random.normal() == 0x1.4d55c9633557cp+0);
}

TEST_CASE("random numbers have the promised distribution") {
  weir::Random random = weir::Random::forStage(1, 2, 3);
  CHECK(random.next() != weir::Random::forStage(1, 2, 4).next());
  double sum = 0;
  double squares = 0;
  std::vector<int> counts(7);
  constexpr int kTrials = 100000;
  for (int i = 0; i < kTrials; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    ++counts[static_cast<std::size_t>(random.between(-3, 3) + 3)];
  }
  CHECK(std::fabs(sum / kTrials) < 0.02);
  CHECK(std::fabs(squares / kTrials - 1) < 0.03);
  for (const int count : counts) CHECK(std::abs(count - kTrials / 7) < 600);
  CHECK(random.below(0) == 0);
  CHECK(random.between(5, 5) == 5);
}
