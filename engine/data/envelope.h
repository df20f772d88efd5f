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

/// Row r has the sequence firstSequence + (offsets ? offsets[r] : r). A lone run is stored inline (`timestampMicros`,
/// `priority`); `detail` exists only if rows differ.
struct Envelope {
  struct Detail {
    std::vector<std::uint32_t> offsets;  // empty: rows are consecutive
    std::vector<EnvelopeRun> runs;       // empty: the inline run holds for all
  };
  std::uint32_t origin = 0;     // index of the source node in the plan
  std::uint32_t partition = 0;  // file, topic partition …
  std::uint64_t firstSequence = 0;
  std::int64_t timestampMicros = 0;
  std::int32_t priority = 0;
  std::shared_ptr<const Detail> detail{};

  [[nodiscard]] std::uint64_t sequence(std::int64_t row) const noexcept;
  [[nodiscard]] EnvelopeRun at(std::int64_t row) const noexcept;
  [[nodiscard]] Envelope slice(std::int64_t from, std::int64_t rows) const;
  /// The rows of `indices`, in that order.
  [[nodiscard]] Envelope select(const std::uint32_t* indices, std::int64_t count) const;
};

/// Puts envelopes end to end (what concat does with those of its batches).
class EnvelopeJoin {
 public:
  void add(const Envelope& envelope, std::int64_t rows);
  [[nodiscard]] Envelope finish() &&;

 private:
  void addOffsets(const Envelope& envelope, std::int64_t rows);
  Envelope joined_;
  std::vector<std::uint32_t> offsets_;  // empty while sequences are consecutive
  std::vector<EnvelopeRun> runs_;
  std::int64_t rows_ = 0;
  bool numbered_ = false;  // sequences could not be kept
};

}  // namespace weir
