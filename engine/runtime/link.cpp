// The bounded queue behind an edge.
#include "engine/runtime/link.h"

#include <algorithm>
#include <utility>

namespace weir::runtime {

Room Link::room() const {
  if (closed_ || bounds_.spill) return {INT64_MAX / 4, INT64_MAX / 4};
  return {std::max<std::int64_t>(0, bounds_.rows - rows_), std::max<std::int64_t>(0, bounds_.bytes - bytes_)};
}

Result<void> Link::push(Entry entry, Files* spillFiles, MemoryAccount& account) {
  metrics_.offered += entry.rows;
  entry.firstRow = offeredRows_;
  entry.link = this;
  offeredRows_ += entry.rows;
  if (closed_) {
    metrics_.discarded += entry.rows;
    return {};
  }
  const bool past = bounds_.spill && (spilled() || rows_ >= bounds_.rows || bytes_ >= bounds_.bytes);
  if (past && spillFiles != nullptr) {
    if (!spill_) {
      WEIR_ASSIGN(auto queue, SpillQueue::make(*spillFiles));
      spill_ = std::make_unique<SpillQueue>(std::move(queue));
    }
    WEIR_TRY(spill_->push(entry.batch, entry.rows, entry.firstRow, entry.sinceNanos, account));
    metrics_.spilledBytes = spill_->bytesWritten();
    return {};
  }
  rows_ += entry.rows;
  bytes_ += entry.bytes;
  metrics_.highWaterRows = std::max(metrics_.highWaterRows, rows_);
  queue_.push_back(std::move(entry));
  return {};
}

Result<void> Link::takeUpTo(std::int64_t rows, std::size_t entries, std::vector<Entry>& into, MemoryAccount& account) {
  std::int64_t taken = 0;
  while (taken < rows && into.size() < entries && (!queue_.empty() || spilled())) {
    if (queue_.empty()) {
      WEIR_ASSIGN(auto back, spill_->pop(account));
      Entry entry{std::move(back.batch), back.rows, 0, back.firstRow, back.sinceNanos, this};
      entry.bytes = entry.batch.logicalBytes();
      rows_ += entry.rows;
      bytes_ += entry.bytes;
      queue_.push_back(std::move(entry));
    }
    taken += queue_.front().rows;
    into.push_back(std::move(queue_.front()));
    queue_.pop_front();
    ++outstanding_;
  }
  return {};
}

void Link::settle(std::int64_t rows, std::int64_t bytes, std::int64_t entries, std::int64_t nowNanos,
                  std::int64_t sinceNanos) {
  rows_ -= rows;
  bytes_ -= bytes;
  outstanding_ -= entries;
  metrics_.taken += rows;
  if (entries > 0) metrics_.wait.add(nowNanos - sinceNanos, entries);
}

void Link::giveBack(std::vector<Entry>& entries, std::size_t from) {
  for (std::size_t i = entries.size(); i > from; --i) {
    auto& entry = entries[i - 1];
    --outstanding_;
    if (closed_) {
      metrics_.discarded += entry.rows;
      rows_ -= entry.rows;
      bytes_ -= entry.bytes;
    } else {
      queue_.push_front(std::move(entry));
    }
  }
  entries.resize(from);
}

void Link::close() {
  closed_ = true;
  for (const auto& entry : queue_) {
    metrics_.discarded += entry.rows;
    rows_ -= entry.rows;
    bytes_ -= entry.bytes;
  }
  queue_.clear();
  if (spill_) {
    metrics_.discarded += spill_->rows();
    spill_.reset();
  }
}

EdgeMetrics Link::snapshot() const {
  auto out = metrics_;
  out.held = rows_ + (spill_ ? spill_->rows() : 0);
  out.heldBytes = bytes_;
  out.capacityRows = bounds_.rows;
  out.capacityBytes = bounds_.bytes;
  return out;
}

}  // namespace weir::runtime
