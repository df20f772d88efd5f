// How many different values there are, approximately and in bounded memory: HyperLogLog (Flajolet et al. 2007).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/data/error.h"

namespace weir {

/// Takes 64-bit hashes (hash.h, default seed). Exact up to kExact different hashes, which are kept sorted; then 2^14
/// registers: standard error 0.81 %. The estimate is Ertl's (2017), without tables of corrections. The state, and so
/// the estimate, depends on the set of hashes only.
class DistinctSketch {
 public:
  static constexpr int kPrecision = 14;
  static constexpr std::int64_t kRegisters = std::int64_t{1} << kPrecision;
  static constexpr std::int64_t kExact = 512;

  void addHash(std::uint64_t hash);
  void merge(const DistinctSketch& other);

  [[nodiscard]] bool isExact() const noexcept { return registers_.empty(); }
  [[nodiscard]] std::int64_t estimate() const;

  void serialize(std::vector<std::uint8_t>& out) const;
  [[nodiscard]] static Result<DistinctSketch> deserialize(std::span<const std::uint8_t>& bytes);

 private:
  void raise(std::uint64_t hash) noexcept;
  void becomeDense();

  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint8_t> registers_;
};

}  // namespace weir
