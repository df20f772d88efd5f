// Lets rows pass at a steady rate.
#include <algorithm>
#include <cmath>

#include "engine/node/node-time.h"
#include "nodes/flow/throttle/throttle.gen.h"

namespace weir::nodes::throttle {
namespace {

class Throttle final : public Task {
 public:
  Throttle(const Settings& settings, NodeContext* context) : rate_(settings.rowsPerSecond), time_(*context) {}

  Result<Progress> step(StepIo& io) override {
    const auto* head = io.peek(0);
    if (head == nullptr) return io.ended(0) ? Progress::finished() : Progress::blockedOn(portSet(0));
    if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, portSet(out::rows));
    const auto now = time_.now();
    const auto due = dueRows(now);
    if (due <= 0)
      return Progress::until(time_.wakeAt(start_ + static_cast<std::int64_t>(std::ceil(sent_ * 1e6 / rate_))));
    const auto rows = std::min({due, head->rows(), kMaxBatchRows});
    io.emit(out::rows, io.take(0, rows));
    sent_ += static_cast<double>(rows);
    return Progress::yielded();
  }

 private:
  /// How many rows may pass now. What was not used for more than a tenth of a second is lost, else a pause would be
  /// followed by a flood.
  std::int64_t dueRows(Timestamp now) {
    const auto owed = static_cast<double>(now - start_) * rate_ / 1e6;
    if (start_ == 0 || owed - sent_ > std::max(1.0, rate_ / 10)) {
      start_ = now;
      sent_ = 0;
      return 1;
    }
    return static_cast<std::int64_t>(std::floor(owed - sent_)) + 1;
  }

  double rate_;
  NodeTime time_;
  Timestamp start_ = 0;
  double sent_ = 0;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) { return makeNode<Throttle>(settings, &context); }

}  // namespace weir::nodes::throttle
