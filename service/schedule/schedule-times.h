// The times that a schedule of runs plans.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/host/time-zones.h"
#include "engine/time/due-times.h"
#include "service/store/schedules.h"

namespace weir::schedule {

/// From its position on. Errors: `cron.syntax`, `cron.never`, `zone.unknown`.
[[nodiscard]] Result<DueTimes> timesOf(const store::ScheduleRecord& schedule, TimeZones& zones);
/// The next planned times after a moment, at most `count`; milliseconds.
[[nodiscard]] std::vector<std::int64_t> nextTimes(const DueTimes& times, std::int64_t afterMs, std::int64_t count);
/// What stands in records of runs as their starter.
[[nodiscard]] inline std::string starterOf(const store::ScheduleRecord& schedule) { return "schedule:" + schedule.id; }

}  // namespace weir::schedule
