// Days that fit, then the time of the day.
#include "engine/time/cron.h"

#include <bit>

namespace weir {
namespace {

constexpr std::int64_t kMostDays = 146'097;  // 400 years: then the calendar repeats itself

bool has(std::uint64_t bits, int at) { return at >= 0 && at < 64 && ((bits >> at) & 1) != 0; }

/// The first set bit from `at` on, or -1.
int nextBit(std::uint64_t bits, int at) {
  if (at >= 64) return -1;
  const auto rest = bits & (~std::uint64_t{0} << at);
  return rest == 0 ? -1 : std::countr_zero(rest);
}

int weekdayOf(const CivilDate& date) { return weekdayFromDays(daysFromCivil(date)); }

/// The weekday (Monday to Friday) nearest to a day, in the same month.
int nearestWeekday(CivilDate date) {
  const int weekday = weekdayOf(date);
  if (weekday == 6) return date.day == 1 ? 3 : date.day - 1;
  if (weekday == 0) return date.day == daysInMonth(date.year, date.month) ? date.day - 2 : date.day + 1;
  return date.day;
}

}  // namespace

bool Cron::fitsDayOfMonth(const CivilDate& date) const noexcept {
  if (has(days_, date.day)) return true;
  const int last = daysInMonth(date.year, date.month);
  if (has(fromLast_, last - date.day)) return true;
  if (lastWeekday_ && date.day == nearestWeekday({date.year, date.month, last})) return true;
  if (nearest_ == 0) return false;
  for (int day = nextBit(nearest_, 1); day >= 0 && day <= last; day = nextBit(nearest_, day + 1)) {
    if (date.day == nearestWeekday({date.year, date.month, day})) return true;
  }
  return false;
}

bool Cron::fitsDayOfWeek(const CivilDate& date) const noexcept {
  const int weekday = weekdayOf(date);
  if (has(weekdays_, weekday)) return true;
  if (has(lastOfWeekday_, weekday) && date.day + 7 > daysInMonth(date.year, date.month)) return true;
  return has(nthOfWeekday_[static_cast<std::size_t>(weekday)], (date.day - 1) / 7 + 1);
}

bool Cron::fitsDay(const CivilDate& date) const noexcept {
  if (!has(months_, date.month)) return false;
  if (anyDay_ || anyWeekday_) return fitsDayOfMonth(date) && fitsDayOfWeek(date);
  return fitsDayOfMonth(date) || fitsDayOfWeek(date);
}

bool Cron::fitsTime(int hour, int minute, int second) const noexcept {
  return has(hours_, hour) && has(minutes_, minute) && has(seconds_, second);
}

std::optional<int> Cron::nextTimeOfDay(int secondOfDay) const noexcept {
  int hour = secondOfDay / 3600, minute = secondOfDay / 60 % 60, second = secondOfDay % 60;
  if (has(hours_, hour)) {
    if (has(minutes_, minute)) {
      if (const int next = nextBit(seconds_, second); next >= 0) return hour * 3600 + minute * 60 + next;
    }
    if (const int next = nextBit(minutes_, minute + 1); next >= 0) {
      return hour * 3600 + next * 60 + nextBit(seconds_, 0);
    }
  }
  hour = nextBit(hours_, hour + 1);
  if (hour < 0) return std::nullopt;
  return hour * 3600 + nextBit(minutes_, 0) * 60 + nextBit(seconds_, 0);
}

std::optional<std::int64_t> Cron::nextLocal(std::int64_t localSeconds) const noexcept {
  const auto from = civilFromSeconds(localSeconds + 1);
  auto days = daysFromCivil(from.date);
  const auto end = days + kMostDays;
  int second = from.hour * 3600 + from.minute * 60 + from.second;
  while (days <= end) {
    const auto date = civilFromDays(days);
    if (date.year > kMaxYear) return std::nullopt;
    if (!has(months_, date.month)) {
      days += daysInMonth(date.year, date.month) - date.day + 1;
      second = 0;
      continue;
    }
    if (fitsDay(date)) {
      if (const auto time = nextTimeOfDay(second)) return days * kSecondsPerDay + *time;
    }
    ++days;
    second = 0;
  }
  return std::nullopt;
}

}  // namespace weir
