// Sums of doubles that are exact until the last rounding, so they depend neither on order nor on how work was divided.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/data/double-double.h"
#include "engine/data/error.h"

namespace weir {

/// A fixed-point number wide enough for any sum of doubles and of their squares (Neal 2015, "Fast exact summation using
/// small and large superaccumulators": the small one). Chunks of 32 bits in 64-bit words, carried on seldom.
class WideSum {
 public:
  /// Chunk 0 starts at 2^-2176; the last leaves room for 2^63 of the largest squares.
  static constexpr std::int64_t kChunks = 136;
  static constexpr std::int64_t kLowestExponent = -2176;

  WideSum() : chunks_(static_cast<std::size_t>(kChunks)) {}

  /// Any double; infinities and NaN are remembered apart.
  void add(double x) noexcept;
  /// Adds x * x exactly.
  void addSquare(double x) noexcept;
  void merge(const WideSum& other) noexcept;

  /// The nearest double, ties to even; infinity beyond the range, NaN for NaN or inf - inf.
  [[nodiscard]] double round() const;

  /// Sign and magnitude, little-endian base 2^32; the magnitude is normalised.
  struct Integer {
    bool negative = false;
    std::vector<std::uint32_t> limbs;
  };
  [[nodiscard]] Integer integer() const;
  [[nodiscard]] bool isFinite() const noexcept { return special_ == 0; }

  void serialize(std::vector<std::uint8_t>& out) const;
  /// Takes its bytes off the front of `bytes`; false if they are not what serialize wrote.
  [[nodiscard]] bool deserialize(std::span<const std::uint8_t>& bytes);

 private:
  void addBits(std::uint64_t low, std::uint64_t high, std::int64_t position, bool negative) noexcept;
  void addSpecial(double x) noexcept;
  void carry() noexcept;

  std::vector<std::int64_t> chunks_;
  std::int32_t pending_ = 0;
  std::uint8_t special_ = 0;
};

/// The exact sum of doubles. 24 bytes while two doubles hold the sum exactly (the usual case), a WideSum from then on.
class ExactSum {
 public:
  void add(double x) noexcept {
    const math::Pair high = math::twoSum(high_, x);
    const math::Pair low = math::twoSum(low_, high.lo);
    if (!(low.lo == 0)) [[unlikely]] {
      spill(x);
      return;
    }
    high_ = high.hi;
    low_ = low.hi;
  }
  /// The same as adding each, several at a time (Rump, Ogita, Oishi 2008: error-free extraction).
  void add(std::span<const double> values) noexcept;
  /// Adds x * x exactly.
  void addSquare(double x) noexcept;
  void addSquares(std::span<const double> values) noexcept;
  void merge(const ExactSum& other) noexcept;

  /// The correctly rounded sum; 0 (never -0) for nothing.
  [[nodiscard]] double round() const;
  [[nodiscard]] WideSum wide() const;

  /// The same bytes for the same sum, however it came about.
  void serialize(std::vector<std::uint8_t>& out) const;
  [[nodiscard]] static Result<ExactSum> deserialize(std::span<const std::uint8_t>& bytes);

 private:
  void spill(double x) noexcept;
  WideSum& ownWide() noexcept;

  double high_ = 0;
  double low_ = 0;
  std::unique_ptr<WideSum> wide_;
};

/// Count, mean and deviation, independent of order.
class ExactMoments {
 public:
  void add(double x) noexcept {
    ++count_;
    sum_.add(x);
    squares_.addSquare(x);
  }
  void add(std::span<const double> values) noexcept;
  void merge(const ExactMoments& other) noexcept;

  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  [[nodiscard]] double sum() const { return sum_.round(); }
  /// The rounded sum divided by the count; NaN for nothing.
  [[nodiscard]] double mean() const;
  /// Squared deviation over the count, or over count - 1 (`sample`); from integers, so without cancellation. NaN where
  /// undefined.
  [[nodiscard]] double variance(bool sample) const;
  [[nodiscard]] double deviation(bool sample) const;

  void serialize(std::vector<std::uint8_t>& out) const;
  [[nodiscard]] static Result<ExactMoments> deserialize(std::span<const std::uint8_t>& bytes);

 private:
  std::int64_t count_ = 0;
  ExactSum sum_;
  ExactSum squares_;
};

/// The exact sum of integers in 128 bits.
class IntegerSum {
 public:
  void add(std::int64_t x) noexcept { sum_ += x; }
  void add(std::span<const std::int64_t> values) noexcept {
    for (const std::int64_t value : values) sum_ += value;
  }
  void merge(const IntegerSum& other) noexcept { sum_ += other.sum_; }

  /// Nothing when the sum does not fit into int64.
  [[nodiscard]] std::optional<std::int64_t> value() const noexcept;
  [[nodiscard]] double toDouble() const noexcept;

  void serialize(std::vector<std::uint8_t>& out) const;
  [[nodiscard]] static Result<IntegerSum> deserialize(std::span<const std::uint8_t>& bytes);

 private:
  __int128 sum_ = 0;
};

}  // namespace weir
