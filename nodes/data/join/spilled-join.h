// SpilledJoin: the join when its lookup does not fit into memory: both sides sorted by key, merged, and put back into
// the order of the rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/node/row-sorter.h"
#include "engine/node/step-io.h"
#include "nodes/data/join/lookup-table.h"

namespace weir::nodes::join {

struct JoinPlan {
  std::vector<std::string> keys;  // of the rows
  Added added;                    // its keys are those of the lookup
  Settings::Kind kind;
  Settings::Duplicates duplicates;
  MemoryAccount* account;
  Files* files;  // null: nothing can be spilled
  std::int64_t memoryBytes;
  /// Rows come out as they are, at most once.
  [[nodiscard]] bool plain() const { return kind == Settings::Kind::semi || kind == Settings::Kind::anti; }
  /// Rows without a match leave by `unmatched`.
  [[nodiscard]] bool dropsUnmatched() const { return kind == Settings::Kind::inner || kind == Settings::Kind::semi; }
};

/// Gives the same rows in the same order as the join in memory. Only the lookup rows of one key at a time must fit.
class SpilledJoin {
 public:
  explicit SpilledJoin(const JoinPlan& plan);
  /// Lookup rows without nulls in their keys, as Added gives them. `keys` without their ordinals.
  Result<void> addLookup(const Batch& part, const KeyList& keys);
  Result<void> addRows(const Batch& rows, const std::vector<Column>& keys);
  /// After the last row: joins some more. True: complete. Error `join.duplicate_key`.
  Result<bool> merge(bool wantUnmatched);
  /// After that: true once all is emitted, else there is no room or the budget is spent.
  Result<bool> emit(StepIo& io);

 private:
  Result<void> openBoth();
  Result<bool> readLookup();
  [[nodiscard]] std::string_view lookupKey() const;
  Result<void> seek(std::string_view key);
  Result<void> joinBatch(const Batch& rows, const KeyList& keys, bool wantUnmatched);
  Result<void> addPairs(const Batch& rows, const KeyList& keys, std::uint32_t row);
  Result<void> flush(const Batch& rows);
  Result<void> keep(RowSorter& to, const Batch& rows, const KeyList& keys, std::vector<std::uint32_t>& chosen);
  void noteDuplicates();
  Result<void> checkDuplicates() const;
  Result<bool> emitSorted(SortedRows& from, Port port, StepIo& io);

  const JoinPlan* plan_;
  RowSorterOptions options_;
  std::int64_t lookupCount_ = 0, rowCount_ = 0;
  std::optional<RowSorter> lookupSorter_, rowSorter_, joined_, unmatched_;
  std::optional<SortedRows> lookup_, rows_, joinedRows_, unmatchedRows_;
  Batch shape_;  // no rows: what lookup rows look like
  // The lookup rows being read, and those of the current key.
  Batch here_;
  KeyList hereKeys_;
  std::int64_t at_ = 0;
  bool lookupEnded_ = false;
  std::string key_;
  bool anyKey_ = false;
  Batch matches_;
  // Pairs of the current batch not yet joined; `right` counts through `pool_`, whose last is `matches_`.
  Pairs pairs_;
  KeyList pairKeys_;
  std::vector<Batch> pool_;
  std::int64_t poolRows_ = 0;
  bool pooled_ = false;
  std::vector<std::uint32_t> plainRows_, unmatchedChosen_;
  // The first key with several lookup rows: where its first row stands, and how many there are.
  std::string lastKey_;
  std::int64_t lastFirst_ = 0, lastCount_ = 0;
  std::int64_t duplicateFirst_ = INT64_MAX, duplicateCount_ = 0;
};

}  // namespace weir::nodes::join
