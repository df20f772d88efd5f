// Approximate quantiles in bounded memory, the same whatever the order: DDSketch (Masson, Rim, Lee 2019).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/data/error.h"

namespace weir {

/// Each quantile is within 1 % of the value of that rank. Bins are cut by frexp, 50 to a power of two, so no logarithm
/// is needed. Per sign at most kMaxBins bins (24 decades); beyond, the smallest magnitudes share a bin and only they
/// lose the promise. Minimum, maximum and count are exact. NaN is not counted.
class QuantileSketch {
 public:
  static constexpr std::int64_t kMaxBins = 4096;

  void add(double x);
  void add(std::span<const double> values) {
    for (const double value : values) add(value);
  }
  void merge(const QuantileSketch& other);

  [[nodiscard]] std::int64_t count() const noexcept { return zeros_ + positive_.total + negative_.total; }
  /// q in [0, 1], 0 the minimum, 1 the maximum; NaN for an empty sketch or a q outside.
  [[nodiscard]] double quantile(double q) const noexcept;
  [[nodiscard]] double min() const noexcept;
  [[nodiscard]] double max() const noexcept;

  /// The same bytes for the same values, in whatever order they came.
  void serialize(std::vector<std::uint8_t>& out) const;
  [[nodiscard]] static Result<QuantileSketch> deserialize(std::span<const std::uint8_t>& bytes);

 private:
  struct Bins {
    std::int64_t first = 0;  // index of counts[0]
    std::int64_t total = 0;
    std::vector<std::int64_t> counts;

    void add(std::int64_t index, std::int64_t amount);
    void trim();
  };

  Bins positive_;
  Bins negative_;
  std::int64_t zeros_ = 0;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace weir
