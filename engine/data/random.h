// A seeded random generator with a stream of its own per run, node and stage: xoshiro256** (Blackman and Vigna 2018).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "engine/data/hash.h"

namespace weir {

/// Same seed, same numbers on every target. Not for secrets.
class Random {
 public:
  /// Fills the state by splitmix64 (Steele, Lea, Flood 2014), so that near seeds give unrelated streams.
  constexpr explicit Random(std::uint64_t seed) noexcept {
    for (auto& word : state_) {
      seed += 0x9E3779B97F4A7C15U;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
      word = z ^ (z >> 31);
    }
  }

  /// The stream of one stage of one node in one run; `node` is the hash of its id.
  [[nodiscard]] static constexpr Random forStage(std::uint64_t run, std::uint64_t node, std::uint64_t stage) noexcept {
    return Random(hash::combine(hash::combine(hash::ofUint64(run), node), hash::ofUint64(stage)));
  }

  /// All 64 bits are random.
  constexpr std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// In [0, 1), 53 random bits.
  constexpr double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// In [0, bound), without bias (Lemire 2019); 0 for bound 0.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept {
    WideProduct product = wideMultiply(next(), bound);
    if (product.low < bound) {
      const std::uint64_t threshold = bound == 0 ? 0 : (0 - bound) % bound;
      while (product.low < threshold) product = wideMultiply(next(), bound);
    }
    return product.high;
  }

  /// In [low, high], both ends possible; low when the range is empty.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    if (high <= low) return low;
    const std::uint64_t width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    const std::uint64_t offset = width == 0 ? next() : below(width);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
  }

  /// Standard normal (Marsaglia's polar method), from portable-math only.
  double normal() noexcept;

  /// A generator whose stream is unrelated to what this one gives afterwards.
  constexpr Random fork() noexcept { return Random(next()); }

  using State = std::array<std::uint64_t, 4>;
  [[nodiscard]] constexpr const State& state() const noexcept { return state_; }
  /// Continues where state() was taken; the second value of a normal pair is not kept.
  constexpr void restore(const State& state) noexcept {
    state_ = state;
    hasSpare_ = false;
  }

 private:
  State state_{};
  double spare_ = 0;
  bool hasSpare_ = false;
};

}  // namespace weir
