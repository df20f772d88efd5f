// Marks: what travels along links among the batches without being one: watermarks and barriers.
#pragma once

#include <cstdint>
#include <deque>

#include "engine/node/contract.h"

namespace weir::runtime {

struct Mark {
  enum class Kind : std::uint8_t {
    watermark,  // value: no row behind it is older than this time
    barrier     // value: the checkpoint
  };
  Kind kind = Kind::watermark;
  std::int64_t value = 0;
  std::int64_t at = 0;  // behind all rows that were offered before this one
};

/// The marks that wait on a link. A mark knows its place by the number of rows before it, so that it needs no room and
/// stays where it is when batches are taken, given back or spilled.
class MarkQueue {
 public:
  [[nodiscard]] bool empty() const { return marks_.empty(); }
  [[nodiscard]] const Mark& front() const { return marks_.front(); }
  /// A watermark right behind another one takes its place.
  void push(const Mark& mark) {
    if (!marks_.empty() && mark.kind == Mark::Kind::watermark) {
      auto& last = marks_.back();
      if (last.kind == Mark::Kind::watermark && last.at == mark.at) {
        last.value = mark.value > last.value ? mark.value : last.value;
        return;
      }
    }
    marks_.push_back(mark);
  }
  Mark pop() {
    const auto mark = marks_.front();
    marks_.pop_front();
    return mark;
  }
  /// Behind which row the first barrier stands; INT64_MAX if there is none.
  [[nodiscard]] std::int64_t firstBarrier() const {
    for (const auto& mark : marks_)
      if (mark.kind == Mark::Kind::barrier) return mark.at;
    return INT64_MAX;
  }
  void clear() { marks_.clear(); }
  void dropBarriers() {
    std::erase_if(marks_, [](const Mark& mark) { return mark.kind == Mark::Kind::barrier; });
  }

 private:
  std::deque<Mark> marks_;
};

}  // namespace weir::runtime
