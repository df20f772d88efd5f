// EntryQueue: the batches that wait on a link, first come, first gone; whole runs of them go in and out at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "engine/data/batch.h"

namespace weir::runtime {

class Link;

/// One batch on its way.
struct Entry {
  Batch batch{};
  std::int64_t rows = 0;        // represented
  std::int64_t bytes = 0;       // logical
  std::int64_t firstRow = 0;    // where its first row stands among all rows offered to the link
  std::int64_t sinceNanos = 0;  // when it was queued
  Link* link = nullptr;         // where it was taken from
  bool seen = false;            // a step has seen it as it is: nothing is joined to it any more
  bool fixed = false;           // a step still works on it: no row of it may go
  bool hold = false;            // no batch: where among those staged a step has held the watermark; never on a link
  bool untraced = false;        // who gave it knows that no row of it is sampled for traces
};

class EntryQueue {
 public:
  [[nodiscard]] bool empty() const { return head_ == entries_.size(); }
  [[nodiscard]] std::size_t size() const { return entries_.size() - head_; }
  [[nodiscard]] Entry& front() { return entries_[head_]; }
  [[nodiscard]] std::span<const Entry> all() const { return std::span(entries_).subspan(head_); }

  void push(Entry entry) { entries_.push_back(std::move(entry)); }
  /// Takes all of `from`, which is left empty.
  void append(std::vector<Entry>& from) {
    if (empty()) {
      clear();
      entries_.swap(from);
    } else {
      entries_.insert(entries_.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
      from.clear();
    }
  }
  [[nodiscard]] Entry pop() {
    auto entry = std::move(entries_[head_++]);
    // Moving the rest to the front now and then keeps the room in use below twice what waits.
    if (head_ >= kCompactFrom && head_ * 2 >= entries_.size()) {
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    return entry;
  }
  /// Gives everything to `to`, which is empty.
  void drainInto(std::vector<Entry>& to) {
    if (head_ > 0) entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
    to.swap(entries_);
  }
  void pushFront(std::span<Entry> entries) {
    if (entries.size() <= head_) {
      head_ -= entries.size();
      std::ranges::move(entries, entries_.begin() + static_cast<std::ptrdiff_t>(head_));
    } else {
      entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(head_), std::make_move_iterator(entries.begin()),
                      std::make_move_iterator(entries.end()));
    }
  }
  void clear() {
    entries_.clear();
    head_ = 0;
  }

 private:
  static constexpr std::size_t kCompactFrom = 64;
  std::vector<Entry> entries_;
  std::size_t head_ = 0;  // entries before it are gone
};

}  // namespace weir::runtime
