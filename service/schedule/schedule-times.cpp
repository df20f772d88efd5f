// From records to planned times.
#include "service/schedule/schedule-times.h"

#include <utility>

#include "engine/data/hash.h"

namespace weir::schedule {
namespace {

constexpr std::int64_t kMicros = 1000;  // of a millisecond

Misfire misfireOf(store::Missed missed) {
  switch (missed) {
    case store::Missed::skip:
      return Misfire::skip;
    case store::Missed::once:
      return Misfire::once;
    case store::Missed::all:
      return Misfire::all;
  }
  return Misfire::once;
}

Result<Schedule> planOf(const store::ScheduleRecord& record, TimeZones& zones) {
  const auto& plan = record.plan;
  if (plan.cron.empty()) {
    if (plan.everyMs < store::kLeastEveryMs) {
      return fail("cron.syntax", "it has neither a cron line nor an interval of a second or more; give it one of them");
    }
    const auto anchor = plan.startAt > 0 ? plan.startAt : record.createdAt;
    return Schedule::ofInterval(plan.everyMs * kMicros, anchor * kMicros);
  }
  WEIR_ASSIGN(const auto cron, Cron::parse(plan.cron));
  WEIR_TRY(checkZoneName(plan.timeZone));
  if (auto fixed = TimeZone::fromOffsetText(plan.timeZone)) {
    return Schedule::ofCron(cron, std::make_shared<const TimeZone>(std::move(*fixed)));
  }
  WEIR_ASSIGN(auto zone, zones.zone(plan.timeZone));
  return Schedule::ofCron(cron, std::move(zone));
}

}  // namespace

Result<DueTimes> timesOf(const store::ScheduleRecord& schedule, TimeZones& zones) {
  WEIR_ASSIGN(auto planned, planOf(schedule, zones));
  const auto& plan = schedule.plan;
  DueTimes times(std::move(planned), {.misfire = misfireOf(plan.misfire),
                                      .catchUp = plan.catchUp,
                                      .toleranceMicros = plan.toleranceMs * kMicros,
                                      .jitterMicros = plan.jitterMs * kMicros,
                                      .seed = hash::ofBytes(schedule.id)});
  times.state().position = schedule.position * kMicros;
  return times;
}

std::vector<std::int64_t> nextTimes(const DueTimes& times, std::int64_t afterMs, std::int64_t count) {
  std::vector<std::int64_t> next;
  auto at = afterMs * kMicros;
  while (std::ssize(next) < count) {
    const auto planned = times.schedule().next(at);
    if (!planned) break;
    at = *planned;
    next.push_back(at / kMicros);
  }
  return next;
}

}  // namespace weir::schedule
