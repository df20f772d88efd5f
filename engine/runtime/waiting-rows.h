// WaitingRows: the batches that wait on an edge with rules: kept in the order in which they came, taken in the order
// that the edge names, and cut by rows.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "engine/flow/plan.h"
#include "engine/runtime/entry-queue.h"

namespace weir::runtime {

/// Rows and their logical bytes.
struct Amount {
  std::int64_t rows = 0, bytes = 0;
  void add(const Entry& entry) {
    rows += entry.rows;
    bytes += entry.bytes;
  }
};

class WaitingRows {
 public:
  /// `ranked`: rows are looked for by priority.
  WaitingRows(QueueOrder order, bool ranked) : order_(order), ranked_(ranked || order == QueueOrder::priority) {}

  [[nodiscard]] bool empty() const { return count_ == 0 && fixed_.empty(); }
  [[nodiscard]] std::size_t size() const { return count_ + fixed_.size(); }
  /// Of what can be cut.
  [[nodiscard]] const Amount& amount() const { return amount_; }
  /// The first one that can be cut, or nullptr.
  [[nodiscard]] const Entry* oldest() const { return items_.empty() ? nullptr : &items_.front().entry; }
  /// Of all that wait; INT64_MAX if none does.
  [[nodiscard]] std::int64_t firstRow() const;

  /// Behind all others. A batch of several priorities that is to be taken by priority is cut into one batch for each.
  /// Error `memory.limit`.
  Result<void> push(Entry entry);
  /// Back to where they were; what a step still works on comes first again, and is not cut.
  void giveBack(std::span<Entry> entries);
  /// The one that the order names among those before row `fence`, no more than `rows` rows of it; nullopt if there is
  /// none.
  [[nodiscard]] std::optional<Entry> take(std::int64_t fence, std::int64_t rows = INT64_MAX);
  void clear();
  template <class Each>
  void each(Each&& call) const {
    for (const auto& entry : fixed_) call(entry);
    for (const auto& item : items_)
      if (!item.gone) call(item.entry);
  }

  // Cutting. Each gives what went; an entry is cut in two where that is exact.
  /// Whole entries that were queued before `sinceNanos`, the oldest first, until at most `rest` is left.
  Amount cutOlder(std::int64_t sinceNanos, Amount rest);
  /// The oldest, or newest, rows until at most `rest` is left.
  Amount cutOldest(Amount rest);
  Amount cutNewest(Amount rest);
  /// The rows of the lowest priority, the oldest of them first; only entries that were queued before `sinceNanos`.
  /// Where memory is too short to pick rows, the whole batch goes.
  Amount cutLowest(Amount rest, std::int64_t sinceNanos = INT64_MAX);
  /// Every second row, again and again; where memory is too short to pick them, the first half of a batch.
  Amount thin(Amount rest);

 private:
  struct Item {
    Entry entry;
    std::int32_t lowest = 0;  // priority of its rows, if ranked
    bool gone = false;        // taken or cut; kept until it stands at an end
  };
  using Rank = std::pair<std::int32_t, std::int64_t>;  // priority, first row

  [[nodiscard]] bool over(const Amount& rest) const {
    return amount_.rows > rest.rows || (amount_.bytes > rest.bytes && amount_.rows > 1);
  }
  /// How many rows of an entry have to go so that no more than `rest` is left.
  [[nodiscard]] std::int64_t excessIn(const Entry& entry, const Amount& rest) const;
  [[nodiscard]] Item& at(std::int64_t firstRow);
  [[nodiscard]] Item* next(std::int64_t fence);
  void insert(Entry entry);
  [[nodiscard]] Entry remove(Item& item);
  Amount replace(Item& item, Batch batch, std::int64_t firstRow);
  Amount cutFront(Item& item, std::int64_t rows);
  Amount cutBack(Item& item, std::int64_t rows);
  Amount cutPriority(Item& item, std::int64_t rows);
  void rank(Item& item);
  void unrank(const Item& item);
  void trim();

  QueueOrder order_;
  bool ranked_;
  std::deque<Item> items_;   // by first row
  std::set<Rank> ranks_;     // of those that are not gone
  std::deque<Entry> fixed_;  // a step still works on them: first, whatever the order; not in amount_
  std::size_t count_ = 0;
  Amount amount_;
};

/// The priority of logical row `row`.
[[nodiscard]] std::int32_t priorityOf(const Batch& batch, std::int64_t row);

}  // namespace weir::runtime
