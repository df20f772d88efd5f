// HeldRows: rows that wait for a checkpoint, and how they are kept in it.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/data/batch.h"
#include "engine/node/state.h"

namespace weir {

/// Bounded; `state.too_large` past it.
class HeldRows {
 public:
  HeldRows(MemoryAccount& account, std::int64_t limitBytes) : account_(&account), limitBytes_(limitBytes) {}

  Result<void> add(const Batch& batch);
  [[nodiscard]] bool empty() const { return batches_.empty(); }
  /// They stay charged until forget().
  [[nodiscard]] const std::vector<Batch>& batches() const { return batches_; }

  void forget();

  Result<void> save(StateWriter& state) const;
  Result<void> load(StateReader& state);

 private:
  MemoryAccount* account_;
  std::int64_t limitBytes_;
  std::int64_t bytes_ = 0;
  std::vector<Batch> batches_;
};

}  // namespace weir
