// Library: parts of timestamps and durations.
#include "engine/cel/frame.h"
#include "engine/cel/library.h"
#include "engine/time/instant.h"
#include "engine/time/zone.h"

namespace weir::cel {
namespace {

using Args = std::span<const Value>;
using Part = std::int64_t (*)(const CivilTime&);

[[nodiscard]] bool offsetOf(CallFrame& frame, std::string_view zone, std::int64_t seconds, std::int32_t& out) {
  if (const auto fixed = TimeZone::fromOffsetText(zone)) {
    out = fixed->offsetAt(seconds);
    return true;
  }
  if (frame.zones() == nullptr)
    return frame.fail("zone.unknown", "The time zone \"" + std::string(zone) +
                                          "\" is not known here; use UTC or an offset such as +02:00.");
  auto found = frame.zones()->find(zone);
  if (!found) return frame.fail(std::move(found.error()));
  out = (*found)->offsetAt(seconds);
  return true;
}

[[nodiscard]] bool partOf(CallFrame& frame, Args args, Part part, Value& out) {
  std::int32_t offset = 0;
  if (args.size() > 1 && !offsetOf(frame, args[1].text(), args[0].seconds(), offset)) return false;
  out = Value::int64(part(civilFromSeconds(args[0].seconds() + offset, args[0].nanos())));
  return true;
}

template <Part part>
bool getPart(CallFrame& frame, Args args, Value& out) {
  return partOf(frame, args, part, out);
}

std::int64_t year(const CivilTime& time) { return time.date.year; }
std::int64_t month(const CivilTime& time) { return time.date.month - 1; }
std::int64_t date(const CivilTime& time) { return time.date.day; }
std::int64_t dayOfMonth(const CivilTime& time) { return time.date.day - 1; }
std::int64_t dayOfYearFromZero(const CivilTime& time) { return dayOfYear(time.date) - 1; }
std::int64_t dayOfWeek(const CivilTime& time) { return weekdayFromDays(daysFromCivil(time.date)); }
std::int64_t hours(const CivilTime& time) { return time.hour; }
std::int64_t minutes(const CivilTime& time) { return time.minute; }
std::int64_t seconds(const CivilTime& time) { return time.second; }
std::int64_t milliseconds(const CivilTime& time) { return time.nanos / 1'000'000; }

// Whole seconds of a duration, towards zero.
[[nodiscard]] std::int64_t wholeSeconds(const Value& duration) noexcept {
  return duration.seconds() + (duration.seconds() < 0 && duration.nanos() > 0 ? 1 : 0);
}

template <std::int64_t unit>
bool inUnits(CallFrame&, Args args, Value& out) {
  out = Value::int64(wholeSeconds(args[0]) / unit);
  return true;
}

bool durationMilliseconds(CallFrame&, Args args, Value& out) {
  const auto behind = args[0].seconds() < 0 && args[0].nanos() > 0;
  out = Value::int64((args[0].nanos() - (behind ? 1'000'000'000 : 0)) / 1'000'000);
  return true;
}

constexpr FunctionEntry kTable[] = {
    {"getFullYear", "timestamp.(): int", getPart<year>},
    {"getFullYear", "timestamp.(string): int", getPart<year>},
    {"getMonth", "timestamp.(): int", getPart<month>},
    {"getMonth", "timestamp.(string): int", getPart<month>},
    {"getDate", "timestamp.(): int", getPart<date>},
    {"getDate", "timestamp.(string): int", getPart<date>},
    {"getDayOfMonth", "timestamp.(): int", getPart<dayOfMonth>},
    {"getDayOfMonth", "timestamp.(string): int", getPart<dayOfMonth>},
    {"getDayOfYear", "timestamp.(): int", getPart<dayOfYearFromZero>},
    {"getDayOfYear", "timestamp.(string): int", getPart<dayOfYearFromZero>},
    {"getDayOfWeek", "timestamp.(): int", getPart<dayOfWeek>},
    {"getDayOfWeek", "timestamp.(string): int", getPart<dayOfWeek>},
    {"getHours", "timestamp.(): int", getPart<hours>},
    {"getHours", "timestamp.(string): int", getPart<hours>},
    {"getMinutes", "timestamp.(): int", getPart<minutes>},
    {"getMinutes", "timestamp.(string): int", getPart<minutes>},
    {"getSeconds", "timestamp.(): int", getPart<seconds>},
    {"getSeconds", "timestamp.(string): int", getPart<seconds>},
    {"getMilliseconds", "timestamp.(): int", getPart<milliseconds>},
    {"getMilliseconds", "timestamp.(string): int", getPart<milliseconds>},
    {"getHours", "duration.(): int", inUnits<3600>},
    {"getMinutes", "duration.(): int", inUnits<60>},
    {"getSeconds", "duration.(): int", inUnits<1>},
    {"getMilliseconds", "duration.(): int", durationMilliseconds},
};

}  // namespace

std::span<const FunctionEntry> timeFunctions() noexcept { return kTable; }

}  // namespace weir::cel
