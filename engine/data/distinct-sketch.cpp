// HyperLogLog with an exact start.
#include "engine/data/distinct-sketch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

#include "engine/data/portable-math.h"
#include "engine/data/state-bytes.h"

namespace weir {
namespace {

// The bits of a hash that do not choose the register; a register holds 0 to kBits + 1.
constexpr int kBits = 64 - DistinctSketch::kPrecision;

// Ertl 2017, "New cardinality estimation algorithms for HyperLogLog sketches", sigma and tau of section 2.
double sigma(double x) noexcept {
  if (x == 1) return HUGE_VAL;
  double y = 1;
  double z = x;
  for (double previous = -1; z != previous;) {
    previous = z;
    x *= x;
    z += x * y;
    y += y;
  }
  return z;
}

double tau(double x) noexcept {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double previous = -1; z != previous;) {
    previous = z;
    x = std::sqrt(x);
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

void DistinctSketch::raise(std::uint64_t hash) noexcept {
  const auto index = static_cast<std::size_t>(hash >> kBits);
  // The marker bit ends the run of zeros.
  const std::uint64_t tail = (hash << kPrecision) | (std::uint64_t{1} << (kPrecision - 1));
  const auto rank = static_cast<std::uint8_t>(std::countl_zero(tail) + 1);
  registers_[index] = std::max(registers_[index], rank);
}

void DistinctSketch::becomeDense() {
  registers_.assign(static_cast<std::size_t>(kRegisters), 0);
  for (const std::uint64_t hash : hashes_) raise(hash);
  hashes_ = {};
}

void DistinctSketch::addHash(std::uint64_t hash) {
  if (!registers_.empty()) {
    raise(hash);
    return;
  }
  const auto place = std::ranges::lower_bound(hashes_, hash);
  if (place != hashes_.end() && *place == hash) return;
  hashes_.insert(place, hash);
  if (static_cast<std::int64_t>(hashes_.size()) > kExact) becomeDense();
}

void DistinctSketch::merge(const DistinctSketch& other) {
  if (this == &other) return;
  if (other.registers_.empty()) {
    for (const std::uint64_t hash : other.hashes_) addHash(hash);
    return;
  }
  if (registers_.empty()) becomeDense();
  for (std::size_t i = 0; i < registers_.size(); ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

std::int64_t DistinctSketch::estimate() const {
  if (registers_.empty()) return static_cast<std::int64_t>(hashes_.size());
  std::array<std::int64_t, kBits + 2> histogram{};
  for (const std::uint8_t rank : registers_) ++histogram[rank];
  constexpr auto kCount = static_cast<double>(kRegisters);
  double z = kCount * tau(1 - static_cast<double>(histogram[kBits + 1]) / kCount);
  for (std::size_t k = kBits; k >= 1; --k) z = 0.5 * (z + static_cast<double>(histogram[k]));
  z += kCount * sigma(static_cast<double>(histogram[0]) / kCount);
  const double estimate = kCount * kCount / (2 * math::log(2.0) * z);
  return estimate < 0x1p62 ? static_cast<std::int64_t>(std::rint(estimate)) : std::int64_t{1} << 62;
}

void DistinctSketch::serialize(std::vector<std::uint8_t>& out) const {
  if (registers_.empty()) {
    writeStateWord(out, hashes_.size());
    for (const std::uint64_t hash : hashes_) writeStateWord(out, hash);
    return;
  }
  writeStateWord(out, ~std::uint64_t{0});
  out.insert(out.end(), registers_.begin(), registers_.end());
}

Result<DistinctSketch> DistinctSketch::deserialize(std::span<const std::uint8_t>& bytes) {
  constexpr const char* kDamaged = "A saved distinct count is damaged. Start the run again without its saved state.";
  DistinctSketch sketch;
  std::uint64_t size = 0;
  if (!readStateWord(bytes, size)) return fail("state.bad_sketch", kDamaged);
  if (size == ~std::uint64_t{0}) {
    constexpr auto kCount = static_cast<std::size_t>(kRegisters);
    if (bytes.size() < kCount) return fail("state.bad_sketch", kDamaged);
    const auto registers = bytes.first(kCount);
    if (std::ranges::any_of(registers, [](std::uint8_t rank) { return rank > kBits + 1; })) {
      return fail("state.bad_sketch", kDamaged);
    }
    sketch.registers_.assign(registers.begin(), registers.end());
    bytes = bytes.subspan(kCount);
    return sketch;
  }
  if (size > static_cast<std::uint64_t>(kExact)) return fail("state.bad_sketch", kDamaged);
  for (std::uint64_t i = 0; i < size; ++i) {
    std::uint64_t hash = 0;
    if (!readStateWord(bytes, hash) || (!sketch.hashes_.empty() && sketch.hashes_.back() >= hash)) {
      return fail("state.bad_sketch", kDamaged);
    }
    sketch.hashes_.push_back(hash);
  }
  return sketch;
}

}  // namespace weir
