// SortedRun: rows sorted by key, in memory (one batch and the order of its rows) or in a file; and how to read several.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/data/batch.h"
#include "engine/node/row-keys.h"
#include "engine/node/spill.h"
#include "engine/node/state.h"

namespace weir::sorting {

/// `order` lists the rows of `rows` by increasing key.
struct SortedRun {
  Batch rows;
  KeyList keys;
  std::vector<std::uint32_t> order;
  std::int64_t bytes = 0;
  // On disk instead: batches in order, each with its keys as one more column, the last.
  std::shared_ptr<SpillFile> file;
  std::deque<SpillFile::Piece> pieces;
};

/// The order of the keys: by 8 bytes behind the common prefix with a radix sort, then by the rest.
[[nodiscard]] std::vector<std::uint32_t> sortedOrder(const KeyList& keys);

/// A batch with a further column of keys, and back.
[[nodiscard]] Result<Batch> withKeyColumn(const Batch& batch, const KeyList& keys, std::span<const std::uint32_t> order,
                                          MemoryAccount& account);
[[nodiscard]] Result<Batch> withoutKeyColumn(const Batch& batch);

/// Rows and their keys into a checkpoint, and back. Error `state.mismatch`.
Result<void> saveKeyed(const Batch& batch, const KeyList& keys, StateWriter& to, MemoryAccount& account);
[[nodiscard]] Result<Batch> restoreKeyed(StateReader& from, KeyList& keys, MemoryAccount& account);

/// Reads one run from its front.
class RunReader {
 public:
  RunReader(SortedRun run, MemoryAccount& account) : run_(std::move(run)), account_(&account) {}
  /// Makes the first row current. After the last row: false.
  Result<bool> open();
  [[nodiscard]] std::string_view key() const;
  [[nodiscard]] const SchemaRef& schema() const { return schema_; }
  /// Counts the current row as wanted and goes on to the next; false if it is not in memory (fetch what is wanted, then
  /// open again) or there is none.
  bool advance();
  /// The wanted rows, which are then forgotten.
  [[nodiscard]] Result<Batch> fetch();
  [[nodiscard]] std::int64_t wanted() const { return next_ - from_; }

 private:
  [[nodiscard]] std::int64_t rowsHere() const;
  SortedRun run_;
  MemoryAccount* account_;
  Batch piece_;  // of a run on disk, with its keys
  Column keys_;
  SchemaRef schema_;
  std::int64_t from_ = 0, next_ = 0;  // wanted: from_..next_-1 of the rows here
};

/// Merges runs.
class RunMerge {
 public:
  explicit RunMerge(MemoryAccount& account) : account_(&account) {}
  Result<void> add(SortedRun run);
  /// As SortedRows::next.
  [[nodiscard]] Result<std::optional<Batch>> next(std::int64_t maxRows, KeyList* keys);

 private:
  [[nodiscard]] bool less(std::size_t a, std::size_t b) const { return readers_[a].key() < readers_[b].key(); }
  void siftDown();
  Result<Batch> assemble(const std::vector<std::uint32_t>& picks);

  MemoryAccount* account_;
  std::vector<RunReader> readers_;
  std::vector<std::uint32_t> heap_;  // readers by their key, least first
};

}  // namespace weir::sorting
