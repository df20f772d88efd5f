// LookupTable: the lookup of a join: its rows by key, and what the joined rows look like.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/batch.h"
#include "engine/node/key-table.h"
#include "engine/node/state.h"
#include "nodes/data/join/join.gen.h"
#include "nodes/data/joined-rows.h"

namespace weir::nodes::join {

/// `join.duplicate_key` of `count` rows, `first` rows behind the first of the lookup that has no null in its key.
[[nodiscard]] std::unexpected<Error> duplicateKey(std::int64_t count, std::int64_t first);

/// The rows of a lookup batch that have no null in their keys: which, and as Added gives them, pinning no more.
struct LookupPart {
  [[nodiscard]] static Result<LookupPart> of(const Batch& lookup, const std::vector<Column>& keys, const Added& added,
                                             MemoryAccount& account);
  Batch rows;
  std::vector<std::uint32_t> good;
};

class LookupTable {
 public:
  explicit LookupTable(MemoryAccount& account) : account_(&account) {}
  /// Rows with a null in their key match nothing and are dropped.
  Result<void> add(const Batch& lookup, const std::vector<Column>& keys, const Added& added);
  /// No more rows come. Error `join.duplicate_key` where there are several and `unique` is asked for.
  Result<void> seal(Settings::Duplicates duplicates);
  /// Matches of the rows of a batch, in its order, then in that of the lookup. `keepUnmatched` adds them with kNoMatch.
  Result<void> probe(const std::vector<Column>& keys, std::int64_t rows, bool keepUnmatched, Pairs& to);
  [[nodiscard]] const Batch& rows() const { return rows_; }
  [[nodiscard]] std::int64_t memoryBytes() const;
  /// Without the rows, which are counted where they were made.
  [[nodiscard]] std::int64_t tableBytes() const { return memoryBytes() - bytes_; }
  /// Until sealed: each part with the keys of its rows. Then there is nothing here any more.
  template <class Each>
  Result<void> drain(Each&& each);
  /// All rows and their keys, for a checkpoint; and back, before anything is added. Errors `state.mismatch`.
  Result<void> save(StateWriter& to) const;
  Result<void> restore(StateReader& from);

 private:
  MemoryAccount* account_;
  KeyTable table_;
  std::vector<Batch> parts_;
  std::vector<std::uint32_t> keyOf_;  // of each lookup row, until sealed
  std::int64_t bytes_ = 0;
  Batch rows_;
  std::vector<std::uint32_t> first_;  // of key k: rows_ first_[k] .. first_[k + 1] - 1 of `order_`
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> numbers_;
};

template <class Each>
Result<void> LookupTable::drain(Each&& each) {
  std::size_t row = 0;
  for (const auto& part : std::exchange(parts_, {})) {
    KeyList keys;
    for (std::int64_t i = 0; i < part.rows(); ++i) keys.append(table_.key(keyOf_[row++]));
    WEIR_TRY(each(part, keys));
  }
  *this = LookupTable(*account_);
  return {};
}

}  // namespace weir::nodes::join
