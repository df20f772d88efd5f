// Calls of io nodes: begun row by row, finished in order or as they come, tried again where that may help.
#include "engine/runtime/caller-task.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/breaker.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {
namespace {

/// The longest time that the other side may ask for.
constexpr std::int64_t kLongestPauseMicros = std::int64_t{3600} * 1'000'000;

std::string secondsText(std::int64_t micros) {
  const auto millis = (std::max<std::int64_t>(0, micros) + 999) / 1000;
  return millis < 1000 ? std::to_string(millis) + " ms" : std::to_string((millis + 999) / 1000) + " s";
}

/// Without end an error message of the other side would be one of ours.
std::string shortened(std::string text) {
  constexpr std::size_t kMost = 300;
  if (text.size() <= kMost) return text;
  auto end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

class Calls final : public CallerTask {
 public:
  Calls(std::shared_ptr<Caller> caller, NodeState& state)
      : caller_(std::move(caller)),
        state_(state),
        most_(static_cast<std::size_t>(std::max(1, state.plan->type->parallel))),
        ordered_(state.plan->type->ordered) {
    if (!state.plan->breaker) return;
    breaker_.emplace(*state.plan->breaker);
    state.metrics.breaker = nameOf(breaker_->state());
  }

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

  void report() override {
    const auto now = state_.run->clock->nowMicros();
    auto& recovery = state_.recovery;
    if (retries_ > 0) recovery.retried(state_, std::exchange(retries_, 0), lastError_, now);
    for (const auto since : recovered_) recovery.recovered(state_, since, now);
    recovered_.clear();
    for (auto& turn : turns_) {
      if (turn.state == BreakerState::open) ++state_.metrics.breakerOpenings;
      recovery.say(state_, turn.severity, std::move(turn.kind), std::move(turn.message), now);
    }
    turns_.clear();
    state_.metrics.breakerRefused += std::exchange(refused_, 0);
    if (breaker_) state_.metrics.breaker = nameOf(breaker_->state());
  }

 private:
  struct Under {
    Batch row;
    std::uint64_t ordinal = 0;
    std::unique_ptr<Call> call;   // null: to be begun, at `beginAt` at the earliest
    std::optional<Error> error;   // it could not be begun
    std::int64_t beginAt = 0;     // microseconds
    std::int64_t timesOutAt = 0;  // 0: never
    std::int64_t tries = 0;
    std::int64_t failingSince = 0;  // of the first try that failed
    std::int64_t begun = 0;         // what the breaker gave for it
  };
  /// What is to be said when the run's lock is held.
  struct Turn {
    std::optional<BreakerState> state;
    EventSeverity severity;
    std::string kind, message;
  };

  [[nodiscard]] std::optional<Timestamp> nextWake() const {
    std::optional<Timestamp> next;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      const auto& under = calls_[i];
      // Of ordered calls only the first is asked whether it is done.
      const auto at = !under.call ? beginsAt(under) : ordered_ && i > 0 ? 0 : under.timesOutAt;
      if (at > 0) next = std::min(next.value_or(at), at);
    }
    return next;
  }

  /// 0: when another call says how it went.
  [[nodiscard]] std::int64_t beginsAt(const Under& under) const {
    if (breaker_ && breaker_->state() == BreakerState::halfOpen && !breaker_->admits()) return 0;
    const auto open = breaker_ && breaker_->state() == BreakerState::open ? breaker_->opensUntil() : 0;
    return std::max({under.beginAt, pausedUntil_, open});
  }

  [[nodiscard]] bool mayBegin(const Under& under, bool first, std::int64_t now) const {
    if (now < under.beginAt || now < pausedUntil_) return false;
    if (!breaker_ || breaker_->state() == BreakerState::closed) return true;
    // Of ordered calls only the first can tell how it went; another probe would be in its way.
    return breaker_->admits() && (!ordered_ || first);
  }

  void begin(Under& under, bool first, std::int64_t now) {
    if (under.call || under.error || !mayBegin(under, first, now)) return;
    ++under.tries;
    if (breaker_) under.begun = breaker_->began();
    auto call = caller_->begin(RowView{&under.row, 0});
    if (!call) {
      under.error = std::move(call.error());
      return;
    }
    under.call = std::move(*call);
    const auto timeoutMs = state_.plan->timeoutMs;
    under.timesOutAt = timeoutMs > 0 ? now + timeoutMs * 1000 : 0;
  }

  /// A node that tries nothing again does not wait for the service to come back either.
  [[nodiscard]] bool refuses(const Under& under) const {
    return breaker_ && breaker_->state() == BreakerState::open && !under.call && !under.error &&
           state_.plan->retry.attempts <= 1;
  }

  void refuse(const Under& under, StepIo& io, std::int64_t now) {
    ++refused_;
    io.failOf(under.row, 0,
              Error{"node.breaker_open",
                    "node '" + state_.plan->id + "' was not called, its breaker is open for another " +
                        secondsText(breaker_->opensUntil() - now) + "; the last failure: " + lastError_.message,
                    true},
              under.tries);
  }

  void turned(std::int64_t now) {
    const auto state = breaker_->state();
    const auto& rules = breaker_->rules();
    switch (state) {
      case BreakerState::open:
        if (openSince_ == 0) openSince_ = now;
        turns_.push_back({state, EventSeverity::error, "breaker.opened",
                          "no call begins for " + secondsText(breaker_->opensUntil() - now) +
                              ": too many failed; the last: " + lastError_.message + " [" +
                              std::string(lastError_.code) + "]"});
        break;
      case BreakerState::halfOpen:
        turns_.push_back({state, EventSeverity::info, "breaker.half_open",
                          rules.probes == 1 ? std::string("one call is let through to see whether it is answered")
                                            : std::to_string(rules.probes) +
                                                  " calls are let through to see whether they are answered"});
        break;
      case BreakerState::closed:
        turns_.push_back({state, EventSeverity::info, "breaker.closed",
                          "calls are answered again, " + secondsText(now - openSince_) + " after it had opened"});
        openSince_ = 0;
        break;
    }
  }

  void noteAnswer(const Under& under, std::int64_t now) {
    if (breaker_ && breaker_->answered(under.begun)) turned(now);
  }

  void noteFailure(const Under& under, std::int64_t now) {
    if (under.call) {
      if (const auto until = under.call->notBefore(); until && *until > now) pause(*until, now);
    }
    if (breaker_ && breaker_->failed(under.begun, now)) turned(now);
  }

  void pause(std::int64_t until, std::int64_t now) {
    until = std::min(until, now + kLongestPauseMicros);
    if (until <= pausedUntil_) return;
    pausedUntil_ = until;
    turns_.push_back({std::nullopt, EventSeverity::warning, "node.paused",
                      "the other side asked for " + secondsText(until - now) + " without calls"});
  }

  /// True: the row has failed for good; false: it will be tried again.
  [[nodiscard]] bool settleError(Under& under, StepIo& io, std::int64_t now) {
    auto error = std::move(*std::exchange(under.error, std::nullopt));
    if (!error.recoverable) {
      // The other side has answered, if only with no; what could not be begun says nothing about it.
      if (under.call) {
        noteAnswer(under, now);
      } else if (breaker_) {
        breaker_->forgotten(under.begun);
      }
    } else {
      lastError_ = Error{error.code, shortened(error.message), true};
      noteFailure(under, now);
    }
    under.call.reset();
    if (error.recoverable && under.tries < state_.plan->retry.attempts) {
      if (under.tries == 1) under.failingSince = now;
      ++retries_;
      under.beginAt = state_.run->retryAt(state_, under.tries, under.ordinal);
      return false;
    }
    io.failOf(under.row, 0, std::move(error), under.tries);
    return true;
  }

  /// True: its rows are emitted, or it has failed for good.
  [[nodiscard]] bool settle(Under& under, bool first, StepIo& io, std::int64_t now) {
    begin(under, first, now);
    if (refuses(under)) {
      refuse(under, io, now);
      return true;
    }
    if (under.call) {
      auto flow = under.call->poll(io);
      if (flow && *flow == Flow::done) {
        noteAnswer(under, now);
        if (under.tries > 1) recovered_.push_back(under.failingSince);
        return true;
      }
      if (!flow) {
        under.error = std::move(flow.error());
      } else if (under.timesOutAt > 0 && now >= under.timesOutAt) {
        under.error = timeoutError(*state_.plan);
      }
    }
    return under.error && settleError(under, io, now);
  }

  void poll(StepIo& io) {
    const auto now = state_.run->clock->nowMicros();
    if (breaker_ && breaker_->advance(now)) turned(now);
    std::size_t at = 0;
    while (at < calls_.size()) {
      if (settle(calls_[at], at == 0, io, now)) {
        calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(at));
      } else if (ordered_) {
        break;
      } else {
        ++at;
      }
    }
    for (; at < calls_.size(); ++at) begin(calls_[at], at == 0, now);
  }

  std::shared_ptr<Caller> caller_;
  NodeState& state_;
  std::size_t most_;
  bool ordered_;
  std::deque<Under> calls_;
  std::optional<Breaker> breaker_;
  std::int64_t pausedUntil_ = 0;
  std::int64_t openSince_ = 0;  // 0: it is closed
  // Since the last report.
  std::int64_t retries_ = 0, refused_ = 0;
  std::vector<std::int64_t> recovered_;
  std::vector<Turn> turns_;
  Error lastError_{};
};

}  // namespace

std::unique_ptr<CallerTask> makeCallerTask(std::shared_ptr<Caller> caller, NodeState& state) {
  return std::make_unique<Calls>(std::move(caller), state);
}

}  // namespace weir::runtime
