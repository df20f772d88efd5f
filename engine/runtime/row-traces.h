// RowTraces: which node executions the sampled rows of a run passed through, and what became of them there.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "engine/data/batch.h"
#include "engine/data/lock.h"

namespace weir {

struct TraceContext;

/// What one execution of a node did with sampled rows. Times are Clock::steadyNanos.
struct TraceStep {
  struct Given {
    TraceId row;
    std::uint8_t port = 0;
  };
  std::int32_t node = 0;  // index into the plan
  std::int32_t tries = 1;
  std::int64_t startNanos = 0, endNanos = 0, rowsIn = 0;
  std::vector<TraceId> taken{}, failed{};
  std::vector<Given> given{};
  /// Rows that the node made anew (sums, windows), and the sampled rows that it had taken since it made the last ones:
  /// as many as are kept, and how many more there were.
  std::vector<TraceId> made{}, parents{};
  std::int64_t parentsBeyond = 0;
};

struct TracedRun {
  std::vector<TraceStep> steps;  // oldest first
  std::int64_t forgotten = 0;    // older ones that had no room
  std::int64_t epochNanos = 0;   // add to a step's time for nanoseconds since 1970
  /// By trace id: the span outside that a sampled row was brought by.
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> callers{};
};

/// A stretch of one place's sequences among which no row is sampled, as a look has found: rows there need no other.
struct TraceGap {
  std::uint64_t generation = 0, from = 0, until = 0;  // 0: there is none
  std::uint32_t origin = 0, partition = 0;
};

/// Samples 1 in `every` rows. Which ones is a matter of where a row comes from (run, origin, partition, sequence), so
/// all nodes agree, and those of a batch are found without looking at each; a row whose trace came from outside is
/// sampled by that. A few of the rows that a node makes of sampled rows are sampled too, so that a trace goes on.
///
/// Where that would be more than some thousand rows a second, fewer are sampled: 1 in `every` times a power of two, the
/// same for all nodes. At 1 in 1 all are, whatever it costs.
class RowTraces {
 public:
  static constexpr std::int64_t kRowsPerSecond = 1000, kBurstRows = 4000;
  RowTraces(std::int64_t every, std::uint64_t runHash, std::int64_t boundBytes);

  // Thread-safe.
  /// Whether no row of the batch is sampled; false may also mean that this is not seen at once. `gap` is the asker's
  /// own.
  [[nodiscard]] bool passes(const Batch& batch, TraceGap& gap) const {
    const auto& envelope = batch.envelope();
    const auto end = envelope.firstSequence + static_cast<std::uint64_t>(batch.rows());
    const bool known = envelope.firstSequence >= gap.from && end <= gap.until && envelope.origin == gap.origin &&
                       envelope.partition == gap.partition &&
                       gap.generation == generation_.load(std::memory_order_relaxed);
    if (envelope.detail != nullptr || batch.hasSelection()) return false;
    return known || findGap(envelope, end, gap);
  }
  /// One row in so many is sampled now.
  [[nodiscard]] std::int64_t every() const { return static_cast<std::int64_t>(every_.load(std::memory_order_relaxed)); }
  /// Appends the trace ids of the sampled rows of a batch.
  void collect(const Batch& batch, std::vector<TraceId>& into) const;
  [[nodiscard]] bool sampled(const EnvelopePlace& place, TraceId stored) const;
  /// The batch was made anew by the node from `taken` (and what the node took before): if there is any, its first rows
  /// are sampled. Their trace ids.
  [[nodiscard]] std::vector<TraceId> follow(std::int32_t node, const Batch& batch, bool tookSome);

  /// From now on an error packet with this trace id is sampled, wherever it goes.
  void followFailed(TraceId row);
  /// Remembered if the trace is sampled; of many the newest.
  void noteCaller(const TraceContext& caller);

  // Under the run's lock.
  /// Completes the step with its parents. True: from now on another share of the rows is sampled.
  bool add(TraceStep step, bool ofSource);
  [[nodiscard]] TracedRun all() const;
  /// Steps from this one on, counted from the run's first; `forgotten` is the number of the first that is given. Of
  /// what is left at most so many.
  [[nodiscard]] TracedRun from(std::int64_t step, std::size_t most) const;

 private:
  using Sequences = std::vector<std::uint64_t>;
  [[nodiscard]] std::uint64_t phaseOf(std::uint32_t origin, std::uint32_t partition, std::uint64_t every) const;
  bool findGap(const Envelope& envelope, std::uint64_t end, TraceGap& gap) const;
  /// A source has given so many sampled rows.
  bool spend(std::int64_t rows, std::int64_t nowNanos);
  void collectRange(const EnvelopePlace& first, std::int64_t rows, const Batch& batch,
                    std::vector<TraceId>& into) const;
  [[nodiscard]] bool followed(const EnvelopePlace& place) const;
  [[nodiscard]] bool followsAny(std::uint32_t origin) const {
    return (followedOrigins_.load(std::memory_order_relaxed) >> (origin & 63U) & 1U) != 0;
  }
  [[nodiscard]] TraceId idOf(const EnvelopePlace& place) const;

  struct Parents {
    std::deque<TraceId> rows;
    std::int64_t beyond = 0;
  };
  static constexpr std::size_t kParents = 64, kChildren = 8, kFollowed = 4096;

  std::uint64_t least_;  // as it was asked for
  std::atomic<std::uint64_t> every_;
  std::atomic<std::uint64_t> generation_ = 1;  // of gaps: what they were found by still holds
  std::uint64_t runHash_;
  double rowsLeft_ = kBurstRows;
  std::int64_t spentNanos_ = -1;
  std::int64_t boundBytes_, bytes_ = 0, forgotten_ = 0;
  std::deque<TraceStep> steps_;
  mutable Lock lock_;  // of what follows
  std::map<std::int32_t, Parents> parents_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Sequences> followed_;  // by origin and partition, ascending
  std::set<std::pair<std::uint64_t, std::uint64_t>> followedIds_;
  std::size_t followedCount_ = 0;
  std::atomic<std::uint64_t> followedOrigins_ = 0;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> callers_;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> callersInOrder_;
};

}  // namespace weir
