// Envelope: where the rows of a batch come from, and when; stored in runs, derived where it can be.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace weir {

struct TraceId {
  std::uint64_t high = 0, low = 0;
  [[nodiscard]] friend bool operator==(const TraceId&, const TraceId&) noexcept = default;
};

/// From `firstRow` on (until the next run) these values hold.
struct EnvelopeRun {
  std::int64_t firstRow = 0;
  std::int64_t timestampMicros = 0;  // ingest time
  std::int32_t priority = 0;
  TraceId trace{};  // zero: derived, hash(run, origin, partition, sequence)
};

/// Where a row came from; from `firstRow` on (until the next place) sequences are consecutive.
struct EnvelopePlace {
  std::int64_t firstRow = 0;
  std::uint32_t origin = 0, partition = 0;
  std::uint64_t sequence = 0;
};

/// Row r has the sequence firstSequence + (offsets ? offsets[r] : r). What is the same for all rows is stored inline
/// (`origin`, `partition`, `timestampMicros`, `priority`); `detail` exists only if rows differ.
struct Envelope {
  struct Detail {
    std::vector<std::uint32_t> offsets;  // empty: rows are consecutive
    std::vector<EnvelopeRun> runs;       // empty: the inline values hold for all
    std::vector<EnvelopePlace> places;   // empty: the inline origin and partition hold for all; else no offsets
    // Plain columns, in place of runs or places that are more than an eighth of the rows; of these, a column that is
    // empty is the inline value of all rows.
    std::vector<std::int64_t> timestamps;
    std::vector<std::int32_t> priorities;
    std::vector<TraceId> traces;
    std::vector<std::uint32_t> origins, partitions;
    std::vector<std::uint64_t> sequences;
  };
  std::uint32_t origin = 0;     // index in the plan of the node that made the rows, plus one; 0: nobody has said so yet
  std::uint32_t partition = 0;  // file, topic partition …
  std::uint64_t firstSequence = 0;
  std::int64_t timestampMicros = 0;
  std::int32_t priority = 0;
  std::shared_ptr<const Detail> detail{};

  [[nodiscard]] std::uint64_t sequence(std::int64_t row) const noexcept;
  [[nodiscard]] EnvelopeRun at(std::int64_t row) const noexcept;
  /// With the row's own sequence.
  [[nodiscard]] EnvelopePlace place(std::int64_t row) const noexcept;
  [[nodiscard]] Envelope slice(std::int64_t from, std::int64_t rows) const;
  /// The rows of `indices`, in that order.
  [[nodiscard]] Envelope select(const std::uint32_t* indices, std::int64_t count) const;
};

/// Puts envelopes end to end (what concat does with those of its batches); every row keeps what its envelope said.
class EnvelopeJoin {
 public:
  void add(const Envelope& envelope, std::int64_t rows) { add(envelope, 0, rows); }
  void add(const Envelope& envelope, std::int64_t from, std::int64_t rows);
  /// One more row.
  void add(const EnvelopePlace& place, const EnvelopeRun& run);
  /// The rows of `indices`, in that order, and nothing else.
  void select(const Envelope& from, const std::uint32_t* indices, std::int64_t count);
  [[nodiscard]] Envelope finish() &&;

 private:
  void addPlace(EnvelopePlace place);
  void addRun(EnvelopeRun run);
  void addPlaces(const Envelope& envelope, std::int64_t from, std::int64_t rows);
  void addRuns(const Envelope& envelope, std::int64_t from, std::int64_t rows);
  void storePlaces(Envelope& made, Envelope::Detail& detail);
  void storeRuns(Envelope& made, Envelope::Detail& detail);
  [[nodiscard]] bool many(std::size_t runs) const { return static_cast<std::int64_t>(runs) > rows_ / 8; }

  std::vector<EnvelopePlace> places_;
  std::vector<EnvelopeRun> runs_;
  Envelope::Detail plain_;  // places as plain columns, if they come so
  std::int64_t rows_ = 0;
};

}  // namespace weir
