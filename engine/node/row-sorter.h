// RowSorter: rows in the order of their keys, more of them than fit into memory; what sort, distinct, join and group
// fall back on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/data/batch.h"
#include "engine/node/row-keys.h"
#include "engine/node/spill.h"
#include "engine/node/state.h"

namespace weir {

struct RowSorterOptions {
  /// Past this many bytes of rows and keys, sorted runs go to a temporary file.
  std::int64_t memoryBytes = std::int64_t{64} << 20;
  /// Only so many rows are wanted (the first in order); the others are dropped early.
  std::int64_t limit = INT64_MAX;
  /// Null: nothing can be spilled; past the bound memory is used as the account allows.
  Files* files = nullptr;
};

/// Collects rows with keys that are all different (end them with appendKeyNumber of the row's ordinal).
class RowSorter {
 public:
  RowSorter(RowSorterOptions options, MemoryAccount& account);
  ~RowSorter();
  RowSorter(RowSorter&&) noexcept;
  RowSorter& operator=(RowSorter&&) noexcept;

  /// `keys[i]` is the key of row i of `batch`. Errors `memory.limit`, `disk.limit`, `files.*`.
  Result<void> add(const Batch& batch, const KeyList& keys);
  /// All rows and keys, for a checkpoint (what their envelopes say is not saved); and back, into an empty sorter.
  /// Errors `state.too_large` once something is spilled, `state.mismatch`.
  Result<void> save(StateWriter& to);
  Result<void> restore(StateReader& from);
  [[nodiscard]] std::int64_t rows() const noexcept;
  [[nodiscard]] std::int64_t memoryBytes() const noexcept;
  [[nodiscard]] std::int64_t spilledBytes() const noexcept;

  struct Impl;
  /// What SortedRows takes over.
  [[nodiscard]] Impl& parts() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// The rows of one or several sorters (of several workers) in the order of their keys.
class SortedRows {
 public:
  [[nodiscard]] static Result<SortedRows> of(std::vector<RowSorter> sorters, MemoryAccount& account);
  ~SortedRows();
  SortedRows(SortedRows&&) noexcept;
  SortedRows& operator=(SortedRows&&) noexcept;
  /// The next rows, at most maxRows, all of one schema; nothing after the last. `keys`, if given, gets their keys.
  [[nodiscard]] Result<std::optional<Batch>> next(std::int64_t maxRows, KeyList* keys = nullptr);

  struct Impl;

 private:
  explicit SortedRows(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
