// The breaker's states and its window.
#include "engine/runtime/breaker.h"

#include <algorithm>

namespace weir::runtime {

std::string_view nameOf(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::halfOpen:
      return "halfOpen";
  }
  return "";
}

std::int64_t Breaker::sliceMicros() const { return std::max<std::int64_t>(1, rules_.windowMs * 1000 / kSlices); }

Breaker::Slice& Breaker::sliceOf(std::int64_t nowMicros) {
  const auto number = nowMicros / sliceMicros();
  auto& slice = slices_[static_cast<std::size_t>(static_cast<std::uint64_t>(number) % kSlices)];
  if (slice.number != number) slice = Slice{number, 0};
  return slice;
}

std::int64_t Breaker::failuresInRow(std::int64_t nowMicros) {
  const auto newest = sliceOf(nowMicros).number;
  std::int64_t failures = 0;
  for (const auto& slice : slices_) {
    // A clock that went back leaves slices of the future behind: they do not count.
    if (slice.number <= newest && slice.number > newest - kSlices) failures += slice.failures;
  }
  return failures;
}

void Breaker::turn(BreakerState state) {
  state_ = state;
  ++turns_;
  probing_ = goodProbes_ = 0;
}

void Breaker::open(std::int64_t nowMicros) {
  turn(BreakerState::open);
  slices_ = {};
  failing_ = false;
  until_ = nowMicros + rules_.openMs * 1000;
}

bool Breaker::advance(std::int64_t nowMicros) {
  if (state_ != BreakerState::open) return false;
  // Should the clock go back, nobody waits longer than the rules say.
  until_ = std::min(until_, nowMicros + rules_.openMs * 1000);
  if (nowMicros < until_) return false;
  turn(BreakerState::halfOpen);
  return true;
}

bool Breaker::admits() const {
  return state_ == BreakerState::closed || (state_ == BreakerState::halfOpen && probing_ < rules_.probes - goodProbes_);
}

std::int64_t Breaker::began() {
  if (state_ == BreakerState::halfOpen) ++probing_;
  return turns_;
}

bool Breaker::answered(std::int64_t begun) {
  if (begun != turns_) return false;
  if (state_ == BreakerState::closed) {
    if (failing_) slices_ = {};
    failing_ = false;
    return false;
  }
  --probing_;
  if (++goodProbes_ < rules_.probes) return false;
  turn(BreakerState::closed);
  return true;
}

bool Breaker::failed(std::int64_t begun, std::int64_t nowMicros) {
  if (begun != turns_) return false;
  if (state_ == BreakerState::closed) {
    ++sliceOf(nowMicros).failures;
    failing_ = true;
    if (failuresInRow(nowMicros) < rules_.failures) return false;
  }
  open(nowMicros);
  return true;
}

void Breaker::forgotten(std::int64_t begun) {
  if (begun == turns_ && state_ == BreakerState::halfOpen) --probing_;
}

}  // namespace weir::runtime
