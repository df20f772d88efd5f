// Side: the rows of one stream that may still be matched, by key.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "engine/node/keyed-states.h"
#include "engine/node/row-times.h"
#include "engine/node/state.h"

namespace weir::nodes::stream_join {

/// A row that is kept: its batch, and where in it.
struct Kept {
  std::int64_t batch;
  std::uint32_t row;
  Timestamp time;
};

struct HeldBatch {
  Batch rows;               // as they came
  Batch added;              // what of them is put beside others
  std::vector<bool> found;  // had a match
  Timestamp watermark;      // that they met
  std::int64_t bytes;
};

class Side {
 public:
  static constexpr std::int64_t kBatchBytes = 512;  // what a batch takes besides its rows

  /// Keeps rows; those with a null key are nobody's.
  Result<void> keep(HeldBatch batch, std::span<const Column> keys, std::span<const Timestamp> times);
  /// Calls each(row of the keys, kept row) for rows of equal keys whose time is from..to of the asking one.
  template <class Each>
  Result<void> probe(std::span<const Column> keys, std::span<const Timestamp> times, std::int64_t before,
                     std::int64_t after, Each&& each);
  /// Forgets batches all of whose rows happened before `bound`; calls each(batch) before.
  template <class Each>
  Result<void> forget(Timestamp bound, Each&& each);
  [[nodiscard]] HeldBatch& batch(std::int64_t number) { return batches_.at(number); }
  /// The one that was kept last.
  [[nodiscard]] HeldBatch& latest() { return batches_.rbegin()->second; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_ + tableBytes(); }
  /// Without the rows, which are counted where they were made.
  [[nodiscard]] std::int64_t tableBytes() const { return states_.memoryBytes() + (rows_ + gone_) * kKeptBytes; }
  /// The least watermark that kept rows met.
  [[nodiscard]] Timestamp oldestWatermark() const;
  [[nodiscard]] const std::map<std::int64_t, HeldBatch>& batches() const { return batches_; }

 private:
  static constexpr std::int64_t kKeptBytes = static_cast<std::int64_t>(sizeof(Kept));
  void sweep();

  KeyedStates<std::vector<Kept>> states_;
  std::map<std::int64_t, HeldBatch> batches_;                // by number
  std::set<std::pair<Timestamp, std::int64_t>> greatest_;    // latest time and number of each
  std::int64_t next_ = 0, rows_ = 0, bytes_ = 0, gone_ = 0;  // gone: rows that lists still name
  std::vector<std::uint32_t> numbers_;
};

[[nodiscard]] bool anyNull(std::span<const Column> keys, std::int64_t row);

template <class Each>
Result<void> Side::probe(std::span<const Column> keys, std::span<const Timestamp> times, std::int64_t before,
                         std::int64_t after, Each&& each) {
  WEIR_TRY(states_.assign(keys, std::ssize(times), numbers_));
  for (std::size_t row = 0; row < times.size(); ++row) {
    for (const auto& kept : states_[numbers_[row]]) {
      if (kept.time < times[row] - before || kept.time > times[row] + after || !batches_.contains(kept.batch)) continue;
      each(static_cast<std::uint32_t>(row), kept);
    }
  }
  return {};
}

template <class Each>
Result<void> Side::forget(Timestamp bound, Each&& each) {
  while (!greatest_.empty() && greatest_.begin()->first < bound) {
    const auto at = batches_.find(greatest_.begin()->second);
    WEIR_TRY(each(at->second));
    rows_ -= at->second.rows.rows();
    gone_ += at->second.rows.rows();
    bytes_ -= at->second.bytes;
    batches_.erase(at);
    greatest_.erase(greatest_.begin());
  }
  if (gone_ > rows_ + 4096) sweep();
  return {};
}

}  // namespace weir::nodes::stream_join
