// Breaker: keeps an io node from calling a service that is down: closed, open, half open.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/flow/plan.h"

namespace weir::runtime {

enum class BreakerState : std::uint8_t {
  closed,   // calls begin
  open,     // none begins before the time
  halfOpen  // a few may try whether the service answers again
};

/// `closed`, `open`, `halfOpen`.
[[nodiscard]] std::string_view nameOf(BreakerState state);

/// Opens when `failures` calls in a row, within `windowMs`, failed in a way that may pass (an Error that is
/// `recoverable`): one bad row among good ones does not close a service off. After `openMs` it lets calls through
/// again, `probes` in all; when all of them are answered it closes, one failure opens it anew. Times are
/// Clock::nowMicros. A call that was begun before the state changed says nothing about the new state.
class Breaker {
 public:
  explicit Breaker(PlannedBreaker rules) : rules_(rules) {}

  /// Moves on from open when its time is over. True: the state changed.
  bool advance(std::int64_t nowMicros);
  /// A call may begin now.
  [[nodiscard]] bool admits() const;
  /// Which state a call belongs to: to be given back with its outcome.
  [[nodiscard]] std::int64_t began();
  /// The other side answered, if only to refuse the row. True: the state changed.
  bool answered(std::int64_t begun);
  bool failed(std::int64_t begun, std::int64_t nowMicros);
  /// The call was given up without an outcome.
  void forgotten(std::int64_t begun);

  [[nodiscard]] BreakerState state() const { return state_; }
  /// When it lets calls through again, while it is open.
  [[nodiscard]] std::int64_t opensUntil() const { return until_; }
  [[nodiscard]] const PlannedBreaker& rules() const { return rules_; }

 private:
  static constexpr std::int64_t kSlices = 10;  // the window moves by a tenth of its length
  struct Slice {
    std::int64_t number = INT64_MIN, failures = 0;
  };
  [[nodiscard]] Slice& sliceOf(std::int64_t nowMicros);
  [[nodiscard]] std::int64_t failuresInRow(std::int64_t nowMicros);
  [[nodiscard]] std::int64_t sliceMicros() const;
  void turn(BreakerState state);
  void open(std::int64_t nowMicros);

  PlannedBreaker rules_;
  BreakerState state_ = BreakerState::closed;
  std::array<Slice, kSlices> slices_{};  // since the last answer
  bool failing_ = false;                 // they hold something
  std::int64_t turns_ = 0;               // counts changes of the state
  std::int64_t until_ = 0;
  std::int64_t probing_ = 0, goodProbes_ = 0;
};

}  // namespace weir::runtime
