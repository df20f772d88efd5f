// Batches that wait on an edge with rules.
#include "engine/runtime/waiting-rows.h"

#include <algorithm>
#include <map>

namespace weir::runtime {
namespace {

/// What keeps this much, and four times what it is charged for, is copied.
constexpr std::int64_t kPinnedBytes = 256 << 10;

/// A source may have filtered for the node behind it: such a batch stands for more rows than it has, and goes whole.
bool cuttable(const Entry& entry) { return entry.rows == entry.batch.rows(); }

bool samePriority(const Batch& batch) {
  const auto& detail = batch.envelope().detail;
  if (detail == nullptr) return true;
  if (!detail->priorities.empty() || detail->runs.size() > 1) return false;
  return true;
}

std::int32_t lowestOf(const Batch& batch) {
  if (batch.rows() == 0) return 0;
  auto lowest = priorityOf(batch, 0);
  if (samePriority(batch)) return lowest;
  for (std::int64_t row = 1; row < batch.rows(); ++row) lowest = std::min(lowest, priorityOf(batch, row));
  return lowest;
}

}  // namespace

std::int32_t priorityOf(const Batch& batch, std::int64_t row) {
  const auto physical = batch.hasSelection() ? batch.selection()[static_cast<std::size_t>(row)] : row;
  return batch.envelope().at(physical).priority;
}

std::int64_t WaitingRows::firstRow() const {
  auto first = items_.empty() ? INT64_MAX : items_.front().entry.firstRow;
  for (const auto& entry : fixed_) first = std::min(first, entry.firstRow);
  return first;
}

WaitingRows::Item& WaitingRows::at(std::int64_t firstRow) {
  auto found = std::ranges::lower_bound(items_, firstRow, {}, [](const Item& item) { return item.entry.firstRow; });
  while (found->gone) ++found;
  return *found;
}

void WaitingRows::rank(Item& item) {
  if (!ranked_) return;
  item.lowest = lowestOf(item.entry.batch);
  ranks_.emplace(item.lowest, item.entry.firstRow);
}

void WaitingRows::unrank(const Item& item) {
  if (ranked_) ranks_.erase({item.lowest, item.entry.firstRow});
}

Result<void> WaitingRows::push(Entry entry) {
  // It only tells the schema.
  if (entry.rows == 0) {
    fixed_.push_back(std::move(entry));
    return {};
  }
  if (order_ != QueueOrder::priority || samePriority(entry.batch) || !cuttable(entry)) {
    insert(std::move(entry));
    return {};
  }
  std::map<std::int32_t, std::vector<std::uint32_t>, std::greater<>> byPriority;
  for (std::int64_t row = 0; row < entry.batch.rows(); ++row)
    byPriority[priorityOf(entry.batch, row)].push_back(static_cast<std::uint32_t>(row));
  if (byPriority.size() == 1) {
    insert(std::move(entry));
    return {};
  }
  auto firstRow = entry.firstRow;
  std::vector<Entry> pieces;
  for (const auto& [priority, rows] : byPriority) {
    auto& piece = pieces.emplace_back(entry);
    WEIR_ASSIGN(piece.batch, entry.batch.gather(rows));
    piece.rows = piece.batch.rows();
    piece.bytes = piece.batch.logicalBytes();
    piece.firstRow = firstRow;
    firstRow += piece.rows;
  }
  for (auto& piece : pieces) insert(std::move(piece));
  return {};
}

void WaitingRows::insert(Entry entry) {
  amount_.add(entry);
  ++count_;
  const auto where =
      std::ranges::upper_bound(items_, entry.firstRow, {}, [](const Item& item) { return item.entry.firstRow; });
  rank(*items_.insert(where, Item{std::move(entry)}));
}

void WaitingRows::giveBack(std::span<Entry> entries) {
  for (auto i = entries.size(); i-- > 0;) {
    if (entries[i].fixed || entries[i].rows == 0) {
      fixed_.push_front(std::move(entries[i]));
    } else {
      insert(std::move(entries[i]));
    }
  }
}

Entry WaitingRows::remove(Item& item) {
  unrank(item);
  item.gone = true;
  --count_;
  amount_.rows -= item.entry.rows;
  amount_.bytes -= item.entry.bytes;
  const auto firstRow = item.entry.firstRow;
  auto entry = std::move(item.entry);
  item.entry.firstRow = firstRow;
  return entry;
}

void WaitingRows::trim() {
  while (!items_.empty() && items_.front().gone) items_.pop_front();
  while (!items_.empty() && items_.back().gone) items_.pop_back();
}

std::optional<Entry> WaitingRows::take(std::int64_t fence, std::int64_t rows) {
  if (!fixed_.empty()) {
    auto entry = std::move(fixed_.front());
    fixed_.pop_front();
    return entry;
  }
  auto* item = next(fence);
  if (item == nullptr) return std::nullopt;
  if (rows < item->entry.rows && cuttable(item->entry)) {
    auto part = item->entry;
    part.batch = item->entry.batch.slice(0, rows);
    part.rows = rows;
    part.bytes = cutFront(*item, rows).bytes;
    return part;
  }
  auto entry = remove(*item);
  trim();
  return entry;
}

WaitingRows::Item* WaitingRows::next(std::int64_t fence) {
  if (items_.empty() || items_.front().entry.firstRow >= fence) return nullptr;
  switch (order_) {
    case QueueOrder::fifo:
      return &items_.front();
    case QueueOrder::newest: {
      auto last = std::ranges::lower_bound(items_, fence, {}, [](const Item& item) { return item.entry.firstRow; });
      do --last;
      while (last->gone);
      return &*last;
    }
    case QueueOrder::priority:
      break;
  }
  // The oldest of the highest priority, of the next one where those all stand behind the fence.
  for (auto end = ranks_.end(); end != ranks_.begin();) {
    const auto first = ranks_.lower_bound({std::prev(end)->first, INT64_MIN});
    if (first->second < fence) return &at(first->second);
    end = first;
  }
  return nullptr;
}

void WaitingRows::clear() {
  items_.clear();
  ranks_.clear();
  fixed_.clear();
  count_ = 0;
  amount_ = {};
}

std::int64_t WaitingRows::excessIn(const Entry& entry, const Amount& rest) const {
  auto rows = amount_.rows - rest.rows;
  // Rows are taken to weigh alike; what is still too much then goes in the next round. One row is kept however heavy.
  if (const auto bytes = amount_.bytes - rest.bytes; bytes > 0 && entry.bytes > 0) {
    const auto share = static_cast<double>(bytes) * static_cast<double>(entry.rows) / static_cast<double>(entry.bytes);
    const auto heavy = share >= static_cast<double>(entry.rows) ? entry.rows : static_cast<std::int64_t>(share) + 1;
    rows = std::max(rows, std::min(heavy, amount_.rows - 1));
  }
  // What weighs nothing and is in the way of what does goes whole.
  rows = std::clamp<std::int64_t>(rows, entry.bytes > 0 ? 1 : entry.rows, entry.rows);
  return cuttable(entry) ? rows : entry.rows;
}

Amount WaitingRows::replace(Item& item, Batch batch, std::int64_t firstRow) {
  if (batch.mayPin(kPinnedBytes) && batch.pinnedBytes() / 4 > batch.logicalBytes()) {
    if (auto copied = batch.compact(batch.account())) batch = std::move(*copied);
  }
  auto& entry = item.entry;
  const Amount before{entry.rows, entry.bytes};
  unrank(item);
  entry.batch = std::move(batch);
  entry.rows = entry.batch.rows();
  entry.bytes = entry.batch.logicalBytes();
  entry.firstRow = firstRow;
  rank(item);
  const Amount went{before.rows - entry.rows, before.bytes - entry.bytes};
  amount_.rows -= went.rows;
  amount_.bytes -= went.bytes;
  return went;
}

Amount WaitingRows::cutFront(Item& item, std::int64_t rows) {
  auto& entry = item.entry;
  if (rows < entry.rows) return replace(item, entry.batch.slice(rows, entry.rows - rows), entry.firstRow + rows);
  const Amount went{entry.rows, entry.bytes};
  static_cast<void>(remove(item));
  return went;
}

Amount WaitingRows::cutBack(Item& item, std::int64_t rows) {
  auto& entry = item.entry;
  if (rows < entry.rows) return replace(item, entry.batch.slice(0, entry.rows - rows), entry.firstRow);
  return cutFront(item, rows);
}

namespace {

void addTo(Amount& sum, const Amount& part) {
  sum.rows += part.rows;
  sum.bytes += part.bytes;
}

}  // namespace

Amount WaitingRows::cutOlder(std::int64_t sinceNanos, Amount rest) {
  Amount went;
  while (!items_.empty() && over(rest) && items_.front().entry.sinceNanos <= sinceNanos) {
    addTo(went, cutFront(items_.front(), excessIn(items_.front().entry, rest)));
    trim();
  }
  return went;
}

Amount WaitingRows::cutOldest(Amount rest) { return cutOlder(INT64_MAX, rest); }

Amount WaitingRows::cutNewest(Amount rest) {
  Amount went;
  while (!items_.empty() && over(rest)) {
    addTo(went, cutBack(items_.back(), excessIn(items_.back().entry, rest)));
    trim();
  }
  return went;
}

Amount WaitingRows::cutPriority(Item& item, std::int64_t rows) {
  auto& entry = item.entry;
  if (samePriority(entry.batch) || !cuttable(entry)) return cutFront(item, rows);
  std::vector<std::uint32_t> kept;
  for (std::int64_t row = 0; row < entry.rows; ++row) {
    if (rows > 0 && priorityOf(entry.batch, row) == item.lowest) {
      --rows;
    } else {
      kept.push_back(static_cast<std::uint32_t>(row));
    }
  }
  if (kept.empty()) return cutFront(item, entry.rows);
  auto batch = entry.batch.gather(kept);
  return batch ? replace(item, std::move(*batch), entry.firstRow) : cutFront(item, entry.rows);
}

Amount WaitingRows::cutLowest(Amount rest, std::int64_t sinceNanos) {
  Amount went;
  while (!ranks_.empty() && over(rest)) {
    auto& item = at(ranks_.begin()->second);
    // Those behind it are younger still.
    if (item.entry.sinceNanos > sinceNanos) break;
    addTo(went, cutPriority(item, excessIn(item.entry, rest)));
    trim();
  }
  return went;
}

Amount WaitingRows::thin(Amount rest) {
  Amount went;
  while (!items_.empty() && over(rest)) {
    // Of each two rows the older one goes.
    bool goes = true;
    for (auto& item : items_) {
      if (item.gone) continue;
      auto& entry = item.entry;
      std::vector<std::uint32_t> kept;
      const bool whole = !cuttable(entry) || entry.rows == 1;
      for (std::int64_t row = 0; row < (whole ? 1 : entry.rows); ++row, goes = !goes)
        if (!goes) kept.push_back(static_cast<std::uint32_t>(row));
      if (kept.empty()) {
        addTo(went, cutFront(item, entry.rows));
      } else if (!whole) {
        auto batch = entry.batch.gather(kept);
        addTo(went, batch ? replace(item, std::move(*batch), entry.firstRow) : cutFront(item, (entry.rows + 1) / 2));
      }
    }
    trim();
  }
  return went;
}

}  // namespace weir::runtime
