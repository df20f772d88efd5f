// Metrics: what a run counts, per node and edge; plain numbers, copied out as a snapshot.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

namespace weir {

/// Durations by power of two with four steps each: quantiles within 25 %, 1 ns to 2^40 ns.
class LatencyHistogram {
 public:
  void add(std::int64_t nanos, std::int64_t times = 1) noexcept {
    counts_[bucketOf(nanos)] += times;
    total_ += times;
  }
  void add(const LatencyHistogram& other) noexcept {
    for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
  }
  /// Upper bound of the bucket that holds the quantile (0..1); 0 if empty.
  [[nodiscard]] std::int64_t quantile(double q) const noexcept;
  [[nodiscard]] std::int64_t count() const noexcept { return total_; }
  /// What was added since it was `earlier`.
  [[nodiscard]] LatencyHistogram since(const LatencyHistogram& earlier) const noexcept {
    LatencyHistogram added;
    for (std::size_t i = 0; i < kBuckets; ++i) added.counts_[i] = counts_[i] - earlier.counts_[i];
    added.total_ = total_ - earlier.total_;
    return added;
  }

 private:
  [[nodiscard]] static std::size_t bucketOf(std::int64_t nanos) noexcept {
    if (nanos < 4) return nanos < 0 ? 0 : static_cast<std::size_t>(nanos);
    const auto value = static_cast<std::uint64_t>(nanos);
    const auto power = static_cast<unsigned>(std::bit_width(value)) - 1U;
    const auto step = static_cast<unsigned>(value >> (power - 2U)) & 3U;
    const std::size_t bucket = std::size_t{power - 1U} * 4U + step;
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }
  static constexpr std::size_t kBuckets = 160;
  std::array<std::int64_t, kBuckets> counts_{};
  std::int64_t total_ = 0;
};

/// Rows that an edge shed, by the reason why these and not others went.
struct DroppedRows {
  std::int64_t oldest = 0, newest = 0, lowestPriority = 0, sampled = 0;  // by the rule in whenFull
  std::int64_t tooOld = 0, waitedTooLong = 0;                            // by buffer.ageMs, by whenFull.maxWaitMs
  void add(const DroppedRows& other) {
    oldest += other.oldest;
    newest += other.newest;
    lowestPriority += other.lowestPriority;
    sampled += other.sampled;
    tooOld += other.tooOld;
    waitedTooLong += other.waitedTooLong;
  }
  [[nodiscard]] std::int64_t total() const {
    return oldest + newest + lowestPriority + sampled + tooOld + waitedTooLong;
  }
};

/// `offered = taken + filtered + dropped + discarded + failed + held` (semantics.md, Conservation).
struct EdgeMetrics {
  std::string id, source, target;  // of the edge and the nodes it joins
  std::int64_t offered = 0, taken = 0, filtered = 0, filteredNull = 0, dropped = 0, discarded = 0, failed = 0, held = 0;
  DroppedRows droppedByRule;                    // `dropped` is their sum
  std::int64_t pressureEvents = 0;              // how often it came under pressure
  bool pressed = false;                         // is now
  double threshold = 0.8, dropThreshold = 0.9;  // as they are now
  std::int64_t heldBytes = 0, highWaterRows = 0, capacityRows = 0, capacityBytes = 0, spilledBytes = 0;
  LatencyHistogram wait;
};

/// `taken = processed + failed + heldInState`.
struct NodeMetrics {
  std::string id, typeId;
  std::int64_t rowsIn = 0, rowsOut = 0, bytesOut = 0, failed = 0, steps = 0, retries = 0;
  std::int64_t busyNanos = 0, allocatedBytes = 0;
  std::vector<std::int64_t> outPerPort;
  std::string waitsFor;  // input names, output names, wake, time: from the last Progress
  bool done = false;
  // What was tried again and then succeeded: how often, and how long after its first failure.
  std::int64_t recovered = 0;
  LatencyHistogram recovery;
  std::string breaker;  // of io nodes: closed, open, halfOpen; empty: it has none
  std::int64_t breakerOpenings = 0, breakerRefused = 0;
  std::int64_t progressDone = 0, progressTotal = 0;  // bytes of a source, if it says so
  LatencyHistogram step;

  /// Of an older node with the same id: what it counted.
  void add(const NodeMetrics& other);
};

struct RunMetrics {
  std::vector<NodeMetrics> nodes;
  std::vector<EdgeMetrics> edges;
  /// What changes of the running flow have taken out of it, oldest first. A node that was replaced under its id is
  /// counted in `nodes`, with the new one.
  std::vector<NodeMetrics> removedNodes{};
  std::vector<EdgeMetrics> removedEdges{};
  std::int64_t elapsedMicros = 0, usedBytes = 0, peakBytes = 0, deadLetters = 0, errors = 0;
};

}  // namespace weir
