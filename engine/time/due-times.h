// DueTimes: which times of a schedule have come, and what becomes of those that were missed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "engine/time/schedule.h"

namespace weir {

/// Of times that were missed: none, one for all of them, or each of the latest.
enum class Misfire : std::uint8_t { skip, once, all };

struct DuePolicy {
  Misfire misfire = Misfire::once;
  std::int64_t catchUp = 100;                // so many missed times count on their own with `all`
  std::int64_t toleranceMicros = 1'000'000;  // what is dealt with later than this was missed
  std::int64_t jitterMicros = 0;             // a time is due up to so much later, by chance
  std::uint64_t seed = 0;                    // of that chance
};

/// The position is the latest planned time that was dealt with, so that none is dealt with twice, whatever the clock
/// does. All times are microseconds since 1970.
class DueTimes {
 public:
  static constexpr std::int64_t kNever = INT64_MAX, kMore = INT64_MIN;

  /// What it has to know to go on elsewhere.
  struct State {
    std::int64_t position = 0;
    std::int64_t lastDue = INT64_MIN;
    std::int64_t missed = 0;           // without a fire of their own, since somebody has asked
    std::optional<std::int64_t> late;  // with `once`: the last one that was missed, while there may be more
    std::deque<std::int64_t> fires;    // planned times that are due, oldest first
  };

  DueTimes(Schedule schedule, DuePolicy policy) : schedule_(std::move(schedule)), policy_(policy) {}

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  [[nodiscard]] State& state() { return state_; }
  /// Deals with the planned times up to `now`. Gives when the next one is due; kNever if none comes any more; kMore if
  /// there are more than can be dealt with at once, because `enough` said so or many fires wait.
  [[nodiscard]] std::int64_t consider(std::int64_t now, const std::function<bool()>& enough);

 private:
  [[nodiscard]] std::int64_t dueOf(std::int64_t planned) const;
  [[nodiscard]] std::int64_t skipAhead(std::int64_t planned, std::int64_t now);
  void miss(std::int64_t planned);
  std::int64_t settleLate(std::int64_t next);

  Schedule schedule_;
  DuePolicy policy_;
  State state_;
};

}  // namespace weir
