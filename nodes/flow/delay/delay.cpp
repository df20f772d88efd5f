// Holds rows back for a while.
#include <algorithm>
#include <deque>
#include <utility>

#include "engine/node/node-time.h"
#include "engine/node/saved-rows.h"
#include "engine/node/watermark-ceiling.h"
#include "nodes/flow/delay/delay.gen.h"

namespace weir::nodes::delay {
namespace {

class Delay final : public Task {
 public:
  Delay(const Settings& settings, NodeContext* context)
      : delay_(settings.delay * 1000),
        maxRows_(settings.maxRows),
        maxBytes_(settings.memoryBytes),
        account_(context->account()),
        time_(*context) {}

  Result<Progress> step(StepIo& io) override {
    const auto now = time_.now();
    Ports waits = 0;
    for (;;) {
      while (!held_.empty() && held_.front().due <= now) {
        if (io.room(out::rows).rows <= 0) return holding(io, Progress::blockedOn(0, portSet(out::rows)));
        give(io);
        if (io.budgetSpent()) return holding(io, Progress::yielded());
      }
      const bool full = rows_ >= maxRows_ || bytes_ >= maxBytes_;
      const auto* head = full ? nullptr : io.peek(0);
      if (head == nullptr) {
        if (held_.empty() && io.ended(0)) return Progress::finished();
        if (!full && !io.ended(0)) waits = portSet(0);
        break;
      }
      take(io, now);
    }
    auto progress = Progress::blockedOn(waits);
    if (!held_.empty()) progress.wakeAt = time_.wakeAt(held_.front().due);
    return holding(io, progress);
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& to) override {
    WEIR_TRY(to.write(static_cast<std::int64_t>(held_.size())));
    for (const auto& held : held_) {
      WEIR_TRY(to.write(time_.onClock(held.due)));
      WEIR_TRY(saveRows(held.rows, to));
    }
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& from) override {
    std::int64_t count = 0;
    WEIR_TRY(from.read(count));
    for (std::int64_t i = 0; i < count; ++i) {
      Timestamp due = 0;
      WEIR_TRY(from.read(due));
      WEIR_ASSIGN(auto rows, restoreRows(from, account_));
      hold(std::move(rows), time_.fromClock(due), kNoWatermark);
    }
    return Poll::ready;
  }

 private:
  struct Held {
    Batch rows;
    Timestamp due, watermark;
    std::int64_t bytes;
  };

  void hold(Batch rows, Timestamp due, Timestamp watermark) {
    const auto bytes = rows.logicalBytes();
    rows_ += rows.rows();
    bytes_ += bytes;
    // The clock may have been changed while this flow was down: order counts more.
    if (!held_.empty()) due = std::max(due, held_.back().due);
    held_.push_back({std::move(rows), due, watermark, bytes});
  }

  void take(StepIo& io, Timestamp now) {
    auto rows = io.take(0, maxRows_ - rows_);
    if (rows.rows() > 0) return hold(std::move(rows), now + delay_, io.watermark(0));
    if (io.fresh(out::rows)) io.emit(out::rows, std::move(rows));
  }

  void give(StepIo& io) {
    auto& front = held_.front();
    const auto rows = std::min({io.room(out::rows).rows, front.rows.rows(), kMaxBatchRows});
    rows_ -= rows;
    if (rows == front.rows.rows()) {
      bytes_ -= front.bytes;
      io.emit(out::rows, std::move(front.rows));
      held_.pop_front();
      return;
    }
    io.emit(out::rows, front.rows.slice(0, rows));
    front.rows = front.rows.slice(rows, front.rows.rows() - rows);
  }

  /// No watermark passes the rows that wait.
  Progress holding(StepIo& io, Progress progress) {
    ceiling_.set(held_.empty() ? WatermarkCeiling::kOpen : held_.front().watermark, io);
    return progress;
  }

  std::int64_t delay_, maxRows_, maxBytes_;
  MemoryAccount& account_;
  NodeTime time_;
  std::deque<Held> held_;
  std::int64_t rows_ = 0, bytes_ = 0;
  WatermarkCeiling ceiling_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) { return makeNode<Delay>(settings, &context); }

}  // namespace weir::nodes::delay
