// Times that have come, one after the other.
#include "engine/time/due-times.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/data/hash.h"

namespace weir {
namespace {

constexpr std::size_t kMostFires = 1024;

}  // namespace

std::int64_t DueTimes::dueOf(std::int64_t planned) const {
  if (policy_.jitterMicros == 0) return planned;
  const auto chance = hash::ofUint64(static_cast<std::uint64_t>(planned), policy_.seed);
  const auto later = static_cast<std::int64_t>(chance % static_cast<std::uint64_t>(policy_.jitterMicros + 1));
  return std::max(state_.lastDue, planned + later);
}

std::int64_t DueTimes::consider(std::int64_t now, const std::function<bool()>& enough) {
  for (;;) {
    const auto planned = schedule_.next(state_.position);
    if (!planned) return settleLate(kNever);
    const auto due = dueOf(*planned);
    if (due > now) return settleLate(due);
    // Those on time stand behind what was missed before them.
    if (state_.fires.size() >= kMostFires && policy_.misfire != Misfire::all) return kMore;
    state_.lastDue = due;
    if (now - due <= policy_.toleranceMicros) {
      settleLate(0);
      state_.position = *planned;
      state_.fires.push_back(*planned);
    } else {
      miss(skipAhead(*planned, now));
    }
    if (enough()) return kMore;
  }
}

/// Of the times of an interval that are missed for sure all but the latest need not be looked at one by one.
std::int64_t DueTimes::skipAhead(std::int64_t planned, std::int64_t now) {
  const auto interval = schedule_.intervalMicros();
  if (interval == 0) return planned;
  const auto keep = policy_.misfire == Misfire::all ? policy_.catchUp : 1;
  const auto behind = (now - policy_.toleranceMicros - policy_.jitterMicros - 1 - planned) / interval;
  if (behind <= keep) return planned;
  state_.missed += behind - keep;
  return planned + (behind - keep) * interval;
}

void DueTimes::miss(std::int64_t planned) {
  state_.position = planned;
  switch (policy_.misfire) {
    case Misfire::skip:
      ++state_.missed;
      return;
    case Misfire::once:
      if (state_.late) ++state_.missed;
      state_.late = planned;
      return;
    case Misfire::all:
      state_.fires.push_back(planned);
      if (std::ssize(state_.fires) > policy_.catchUp) {
        state_.fires.pop_front();
        ++state_.missed;
      }
      return;
  }
}

/// The one fire for all that were missed.
std::int64_t DueTimes::settleLate(std::int64_t next) {
  if (state_.late) state_.fires.push_back(*std::exchange(state_.late, std::nullopt));
  return next;
}

}  // namespace weir
