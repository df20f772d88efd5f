// Calls of io nodes: begun row by row, finished in order or as they come, tried again where that may help.
#include "engine/runtime/caller-task.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "engine/runtime/unit.h"

namespace weir::runtime {
namespace {

class Calls final : public CallerTask {
 public:
  Calls(std::shared_ptr<Caller> caller, const NodeState& state)
      : caller_(std::move(caller)),
        state_(state),
        most_(static_cast<std::size_t>(std::max(1, state.plan->type->parallel))),
        ordered_(state.plan->type->ordered) {}

  Result<Progress> step(StepIo& io) override {
    poll(io);
    while (calls_.size() < most_ && io.peek(0) != nullptr && !io.budgetSpent()) {
      Under under;
      under.ordinal = static_cast<std::uint64_t>(io.ordinal());
      under.row = io.take(0, 1);
      if (under.row.rows() == 0) continue;
      calls_.push_back(std::move(under));
      poll(io);
    }
    if (calls_.empty() && io.ended(0)) return Progress::finished();
    if (io.budgetSpent()) return Progress::yielded();
    auto progress = Progress::blockedOn(calls_.size() < most_ && !io.ended(0) ? portSet(0) : 0);
    progress.wakeAt = nextWake();
    return progress;
  }

  [[nodiscard]] bool callsUnderWay() const override { return !calls_.empty(); }

 private:
  struct Under {
    Batch row;
    std::uint64_t ordinal = 0;
    std::unique_ptr<Call> call;   // null: to be begun, at `beginAt` at the earliest
    std::optional<Error> error;   // it could not be begun
    std::int64_t beginAt = 0;     // microseconds
    std::int64_t timesOutAt = 0;  // 0: never
    std::int64_t tries = 0;
  };

  [[nodiscard]] std::optional<Timestamp> nextWake() const {
    std::optional<Timestamp> next;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      const auto& under = calls_[i];
      // Of ordered calls only the first is asked whether it is done.
      const auto at = !under.call ? under.beginAt : ordered_ && i > 0 ? 0 : under.timesOutAt;
      if (at > 0) next = std::min(next.value_or(at), at);
    }
    return next;
  }

  void begin(Under& under, std::int64_t now) {
    if (under.call || under.error || now < under.beginAt) return;
    ++under.tries;
    auto call = caller_->begin(RowView{&under.row, 0});
    if (!call) {
      under.error = std::move(call.error());
      return;
    }
    under.call = std::move(*call);
    const auto timeoutMs = state_.plan->timeoutMs;
    under.timesOutAt = timeoutMs > 0 ? now + timeoutMs * 1000 : 0;
  }

  /// True: its rows are emitted, or it has failed for good.
  [[nodiscard]] bool settle(Under& under, StepIo& io, std::int64_t now) {
    begin(under, now);
    if (under.call) {
      auto flow = under.call->poll(io);
      if (flow && *flow == Flow::done) return true;
      if (!flow) {
        under.error = std::move(flow.error());
      } else if (under.timesOutAt > 0 && now >= under.timesOutAt) {
        under.error = timeoutError(*state_.plan);
      }
    }
    if (!under.error) return false;
    under.call.reset();
    auto error = std::move(*std::exchange(under.error, std::nullopt));
    if (error.recoverable && under.tries < state_.plan->retry.attempts) {
      under.beginAt = state_.run->retryAt(state_, under.tries, under.ordinal);
      return false;
    }
    io.failOf(under.row, 0, std::move(error), under.tries);
    return true;
  }

  void poll(StepIo& io) {
    const auto now = state_.run->clock->nowMicros();
    std::size_t at = 0;
    while (at < calls_.size()) {
      if (settle(calls_[at], io, now)) {
        calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(at));
      } else if (ordered_) {
        break;
      } else {
        ++at;
      }
    }
    for (; at < calls_.size(); ++at) begin(calls_[at], now);
  }

  std::shared_ptr<Caller> caller_;
  const NodeState& state_;
  std::size_t most_;
  bool ordered_;
  std::deque<Under> calls_;
};

}  // namespace

std::unique_ptr<CallerTask> makeCallerTask(std::shared_ptr<Caller> caller, const NodeState& state) {
  return std::make_unique<Calls>(std::move(caller), state);
}

}  // namespace weir::runtime
