// What an edge with rules sheds, and when it hands on.
#include "engine/runtime/edge-policy.h"

#include <algorithm>

namespace weir::runtime {
namespace {

constexpr std::int64_t kNanosPerMicro = 1000;

void addTo(Amount& sum, const Amount& part) {
  sum.rows += part.rows;
  sum.bytes += part.bytes;
}

}  // namespace

/// What may wait so that with what is held the edge is filled to `share`.
Amount EdgePolicy::lineAt(double share, const Amount& held) const {
  return {shareOf(rules_.rows, share) - held.rows, shareOf(rules_.bytes, share) - held.bytes};
}

Amount EdgePolicy::shedOver(Amount held) {
  const auto line = lineAt(thresholds().drop, held);
  switch (rules_.rule) {
    case FullRule::block:
      return Amount{};
    case FullRule::dropOldest: {
      const auto went = waiting_.cutOldest(line);
      dropped_.oldest += went.rows;
      return went;
    }
    case FullRule::dropNewest: {
      const auto went = waiting_.cutNewest(line);
      dropped_.newest += went.rows;
      return went;
    }
    case FullRule::dropLowestPriority: {
      const auto went = waiting_.cutLowest(line);
      dropped_.lowestPriority += went.rows;
      return went;
    }
    case FullRule::sample: {
      const auto went = waiting_.thin(line);
      dropped_.sampled += went.rows;
      return went;
    }
  }
  return Amount{};
}

/// From dropThreshold until it is below threshold again, an edge also sheds what has waited too long.
Amount EdgePolicy::shedStale(std::int64_t nowNanos, Amount held) {
  const auto limits = thresholds();
  const auto& amount = waiting_.amount();
  const auto fill = fillOf(amount.rows + held.rows, amount.bytes + held.bytes, rules_);
  if (fill >= limits.drop) pressed_ = true;
  if (fill < limits.slow) pressed_ = false;
  if (!pressed_ || !shedsWaiting()) return Amount{};
  const auto since = nowNanos - rules_.maxWaitMicros * kNanosPerMicro;
  const auto line = lineAt(limits.slow, held);
  const auto went =
      rules_.rule == FullRule::dropLowestPriority ? waiting_.cutLowest(line, since) : waiting_.cutOlder(since, line);
  dropped_.waitedTooLong += went.rows;
  return went;
}

Amount EdgePolicy::shed(std::int64_t nowNanos, Amount held) {
  Amount went;
  if (rules_.ageMicros > 0) {
    // Everything that is as old goes, so the amount that may stay is none.
    const auto old = waiting_.cutOlder(nowNanos - rules_.ageMicros * kNanosPerMicro, {INT64_MIN / 2, INT64_MIN / 2});
    dropped_.tooOld += old.rows;
    addTo(went, old);
  }
  if (!rules_.sheds()) return went;
  // It is pressed by what came, though the rule makes room at once.
  const auto& amount = waiting_.amount();
  if (fillOf(amount.rows + held.rows, amount.bytes + held.bytes, rules_) >= thresholds().drop) pressed_ = true;
  addTo(went, shedOver(held));
  addTo(went, shedStale(nowNanos, held));
  return went;
}

bool EdgePolicy::ready(std::int64_t nowNanos, bool last) const {
  if (waiting_.empty()) return false;
  if (rules_.batchWaitMicros == 0 || last) return true;
  const auto* oldest = waiting_.oldest();
  // What was begun goes on.
  if (oldest == nullptr || waiting_.amount().rows >= rules_.batchRows || oldest->seen) return true;
  if (waiting_.amount().bytes >= rules_.bytes / 2 || waiting_.amount().rows >= rules_.rows / 2) return true;
  return oldest->sinceNanos + rules_.batchWaitMicros * kNanosPerMicro <= nowNanos;
}

std::optional<std::int64_t> EdgePolicy::nextNanos(std::int64_t nowNanos) const {
  const auto* oldest = waiting_.oldest();
  if (oldest == nullptr) return std::nullopt;
  auto next = INT64_MAX;
  const auto after = [&](std::int64_t micros) {
    const auto at = oldest->sinceNanos + micros * kNanosPerMicro;
    if (at > nowNanos) next = std::min(next, at);
  };
  if (rules_.ageMicros > 0) after(rules_.ageMicros);
  if (rules_.batchWaitMicros > 0) after(rules_.batchWaitMicros);
  if (pressed_ && shedsWaiting()) after(rules_.maxWaitMicros);
  return next == INT64_MAX ? std::nullopt : std::optional(next);
}

Amount EdgePolicy::room(Amount inAll) const {
  Amount left{std::max<std::int64_t>(0, rules_.rows - inAll.rows),
              std::max<std::int64_t>(0, rules_.bytes - inAll.bytes)};
  if (fillOf(inAll.rows, inAll.bytes, rules_) >= thresholds().slow) {
    left = {(left.rows + 3) / 4, (left.bytes + 3) / 4};
  }
  if (!rules_.sheds()) return left;
  return {std::max<std::int64_t>(left.rows, std::max<std::int64_t>(1, rules_.rows / 8)),
          std::max<std::int64_t>(left.bytes, std::max<std::int64_t>(1, rules_.bytes / 8))};
}

}  // namespace weir::runtime
