// The bounded queue behind an edge.
#include "engine/runtime/link.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/durable-edge.h"

namespace weir::runtime {

Room Link::room() const {
  if (closed()) return {INT64_MAX / 4, INT64_MAX / 4};
  const auto own = ownRoom();
  if (durable == nullptr) return own;
  if (durable->refilling()) return {0, 0};
  return {own.rows, std::min(own.bytes, std::max<std::int64_t>(0, durable->roomBytes()))};
}

Room Link::ownRoom() const {
  if (bounds_.spill) return {INT64_MAX / 4, INT64_MAX / 4};
  if (policy_) {
    const auto left = policy_->room({rows_, bytes_});
    return {left.rows, left.bytes};
  }
  return {std::max<std::int64_t>(0, bounds_.rows - rows_), std::max<std::int64_t>(0, bounds_.bytes - bytes_)};
}

bool Link::journalTakes() const { return !durable->refilling() && durable->roomBytes() > 0; }
bool Link::refilling() const { return durable->refilling(); }

Result<void> Link::push(std::vector<Entry>& entries, std::int64_t nowNanos, Files* spillFiles, MemoryAccount& account) {
  if (durable != nullptr && !closed()) WEIR_TRY(durable->admit(entries));
  return pushAgain(entries, nowNanos, spillFiles, account);
}

Result<void> Link::pushAgain(std::vector<Entry>& entries, std::int64_t nowNanos, Files* spillFiles,
                             MemoryAccount& account) {
  const bool begins = !begun();
  if (begins && !entries.empty()) begun_.store(true, std::memory_order_relaxed);
  const auto afterFirst = entries.begin() + (begins && !entries.empty() ? 1 : 0);
  entries.erase(std::remove_if(afterFirst, entries.end(), [](const Entry& entry) { return entry.rows == 0; }),
                entries.end());
  const auto before = offeredRows_;
  std::int64_t bytes = 0;
  for (auto& entry : entries) {
    entry.firstRow = offeredRows_;
    entry.sinceNanos = nowNanos;
    offeredRows_ += entry.rows;
    bytes += entry.bytes;
  }
  metrics_.offered += offeredRows_ - before;
  if (watch != nullptr) [[unlikely]]
    watch->offered(entries);
  if (closed() || bounds_.spill) {
    for (auto& entry : entries) WEIR_TRY(pushOne(std::move(entry), spillFiles, account));
    entries.clear();
    return {};
  }
  rows_ += offeredRows_ - before;
  bytes_ += bytes;
  if (policy_) return pushByRules(entries);
  if (rows_ >= pressureRows_ || bytes_ >= pressureBytes_) notePressure();
  metrics_.highWaterRows = std::max(metrics_.highWaterRows, rows_);
  queue_.append(entries);
  return {};
}

Result<void> Link::pushOne(Entry entry, Files* spillFiles, MemoryAccount& account) {
  if (closed()) {
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
  queue_.push(std::move(entry));
  return {};
}

void Link::pushMark(Mark::Kind kind, std::int64_t value) {
  if (closed()) return;
  // A barrier of a change is no checkpoint's.
  if (durable != nullptr && kind == Mark::Kind::barrier && value > 0) durable->mark(static_cast<CheckpointId>(value));
  marks_.push(Mark{kind, value, offeredRows_});
}

Mark Link::takeMark() {
  const auto mark = marks_.pop();
  if (mark.kind == Mark::Kind::watermark) watermark_ = std::max(watermark_, mark.value);
  return mark;
}

bool Link::waitingAtMark() const {
  if ((!queue_.empty() || spilled()) && headRow() < marks_.front().at) return true;
  const auto* mark = markAtHead();
  return mark != nullptr && mark->kind == Mark::Kind::watermark;
}

Result<void> Link::takeUpTo(std::int64_t rows, std::size_t entries, std::vector<Entry>& into, MemoryAccount& account) {
  if (watch != nullptr) [[unlikely]]
    return takeWatched(rows, entries, into, account);
  return takeNow(rows, entries, into, account);
}

Result<void> Link::takeNow(std::int64_t rows, std::size_t entries, std::vector<Entry>& into, MemoryAccount& account) {
  entries = std::min(entries, stepEntries());
  if (policy_) {
    takeByRules(rows, entries, into);
    return {};
  }
  const auto end = marks_.empty() ? INT64_MAX : marks_.front().at;
  const bool all = marks_.empty() || end >= offeredRows_;
  if (all && into.empty() && rows_ <= rows && queue_.size() <= entries && !spilled()) {
    queue_.drainInto(into);
    outstanding_ += static_cast<std::int64_t>(into.size());
    if (watched())
      for (const auto& entry : into) heldFirst_.push_back(entry.firstRow);
    return {};
  }
  std::int64_t taken = 0;
  while (taken < rows && into.size() < entries && (!queue_.empty() || spilled()) && headRow() < end) {
    if (queue_.empty()) {
      WEIR_ASSIGN(auto back, spill_->pop(account));
      Entry entry{std::move(back.batch), back.rows, 0, back.firstRow, back.sinceNanos, this, false};
      entry.bytes = entry.batch.logicalBytes();
      rows_ += entry.rows;
      bytes_ += entry.bytes;
      queue_.push(std::move(entry));
    }
    taken += queue_.front().rows;
    into.push_back(queue_.pop());
    ++outstanding_;
    if (watched()) heldFirst_.push_back(into.back().firstRow);
  }
  return {};
}

void Link::forget(const Entry& entry) {
  --outstanding_;
  if (!watched()) return;
  const auto at = std::ranges::find(heldFirst_, entry.firstRow);
  if (at != heldFirst_.end()) heldFirst_.erase(at);
}

void Link::settle(std::span<const Entry> entries, std::int64_t nowNanos) {
  if (policy_) nowNanos = ruleNanos();
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::int64_t alike = 0;  // entries before this one that were queued at the same time
  auto since = entries.front().sinceNanos;
  for (const auto& entry : entries) {
    rows += entry.rows;
    bytes += entry.bytes;
    if (watched()) forget(entry);
    if (entry.sinceNanos != since) {
      metrics_.wait.add(nowNanos - since, std::exchange(alike, 0));
      since = entry.sinceNanos;
    }
    ++alike;
  }
  metrics_.wait.add(nowNanos - since, alike);
  if (policy_) policy_->adaptive().waited((nowNanos - since) / 1000);
  if (!watched()) outstanding_ -= static_cast<std::int64_t>(entries.size());
  rows_ -= rows;
  bytes_ -= bytes;
  metrics_.taken += rows;
}

void Link::settlePart(std::span<const Entry> taken, const Entry& rest, std::int64_t nowNanos) {
  std::int64_t rows = -rest.rows;
  for (const auto& entry : taken) {
    forget(entry);
    rows += entry.rows;
    bytes_ -= entry.bytes;
  }
  bytes_ += rest.bytes;
  rows_ -= rows;
  metrics_.taken += rows;
  ++outstanding_;
  if (watched()) heldFirst_.push_back(rest.firstRow);
  if (rows == 0) return;
  const auto waited = (policy_ ? ruleNanos() : nowNanos) - rest.sinceNanos;
  metrics_.wait.add(waited);
  if (policy_) policy_->adaptive().waited(waited / 1000);
}

void Link::giveBack(std::span<Entry> entries) {
  for (const auto& entry : entries) forget(entry);
  if (!closed() && policy_) return policy_->waiting().giveBack(entries);
  if (!closed()) return queue_.pushFront(entries);
  for (const auto& entry : entries) {
    metrics_.discarded += entry.rows;
    rows_ -= entry.rows;
    bytes_ -= entry.bytes;
  }
}

std::int64_t Link::settledBefore() const {
  const bool none = queue_.empty() && !spilled() && (!policy_ || policy_->waiting().empty());
  if (producersLeft_ == 0 && none && outstanding_ == 0) return INT64_MAX;
  auto least = offeredRows_;
  for (const auto first : heldFirst_) least = std::min(least, first);
  for (const auto& entry : queue_.all()) least = std::min(least, entry.firstRow);
  if (spilled()) least = std::min(least, spill_->firstRow());
  if (policy_) least = std::min(least, policy_->waiting().firstRow());
  return least;
}

void Link::close() {
  closed_.store(true, std::memory_order_relaxed);
  if (watch != nullptr) discardWatched();
  const auto discard = [this](const Entry& entry) {
    metrics_.discarded += entry.rows;
    rows_ -= entry.rows;
    bytes_ -= entry.bytes;
  };
  std::ranges::for_each(queue_.all(), discard);
  queue_.clear();
  if (policy_) {
    policy_->waiting().each(discard);
    policy_->waiting().clear();
  }
  marks_.clear();
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
  out.pressureEvents = gauge_.events();
  out.pressed = gauge_.raised();
  out.threshold = threshold_;
  out.droppedByRule = droppedBefore_;
  if (policy_) {
    out.droppedByRule = policy_->dropped();
    out.droppedByRule.add(droppedBefore_);
    out.threshold = policy_->thresholds().slow;
    out.dropThreshold = policy_->thresholds().drop;
  }
  return out;
}

}  // namespace weir::runtime
