// The proleptic Gregorian calendar: days since 1970-01-01 to and from year, month, day.
//
// The algorithms are Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms"
// (https://howardhinnant.github.io/date_algorithms.html): years start in March, in eras of 400 years.
#pragma once

#include <cstdint>

namespace weir {

inline constexpr int kMinYear = 1;
inline constexpr int kMaxYear = 9999;
inline constexpr std::int64_t kSecondsPerDay = 86400;

/// A calendar date: month 1..12, day 1..31.
struct CivilDate {
  int year = 1970;
  int month = 1;
  int day = 1;
  bool operator==(const CivilDate&) const = default;
};

/// A date and a time of day, without zone.
struct CivilTime {
  CivilDate date;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int32_t nanos = 0;
  bool operator==(const CivilTime&) const = default;
};

[[nodiscard]] constexpr bool isLeapYear(int year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days of a month 1..12; 0 for any other month.
[[nodiscard]] constexpr int daysInMonth(int year, int month) noexcept {
  if (month < 1 || month > 12) return 0;
  if (month == 2) return isLeapYear(year) ? 29 : 28;
  return 30 + ((month + (month >> 3)) & 1);
}

/// Whether the date exists and its year is within 1..9999, the range of CEL's timestamp.
[[nodiscard]] constexpr bool isValid(const CivilDate& date) noexcept {
  return date.year >= kMinYear && date.year <= kMaxYear && date.day >= 1 &&
         date.day <= daysInMonth(date.year, date.month);
}

/// Whether the date is valid and the time of day is within 00:00:00..23:59:59.999999999 (no leap second).
[[nodiscard]] constexpr bool isValid(const CivilTime& time) noexcept {
  return isValid(time.date) && time.hour >= 0 && time.hour <= 23 && time.minute >= 0 && time.minute <= 59 &&
         time.second >= 0 && time.second <= 59 && time.nanos >= 0 && time.nanos <= 999'999'999;
}

/// Days since 1970-01-01. The date must exist; any year that fits is fine.
[[nodiscard]] constexpr std::int64_t daysFromCivil(const CivilDate& date) noexcept {
  const std::int64_t year = std::int64_t{date.year} - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t yearOfEra = year - era * 400;
  const std::int64_t marchMonth = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t dayOfMarchYear = (153 * marchMonth + 2) / 5 + date.day - 1;
  const std::int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfMarchYear;
  return era * 146097 + dayOfEra - 719468;
}

/// The date `days` after 1970-01-01; days must keep the year within int.
[[nodiscard]] constexpr CivilDate civilFromDays(std::int64_t days) noexcept {
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t dayOfEra = shifted - era * 146097;
  const std::int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const std::int64_t dayOfMarchYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const std::int64_t marchMonth = (5 * dayOfMarchYear + 2) / 153;
  const int month = static_cast<int>(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9);
  return {.year = static_cast<int>(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)),
          .month = month,
          .day = static_cast<int>(dayOfMarchYear - (153 * marchMonth + 2) / 5 + 1)};
}

/// 0 is Sunday, 6 is Saturday.
[[nodiscard]] constexpr int weekdayFromDays(std::int64_t days) noexcept {
  return static_cast<int>(days >= -4 ? (days + 4) % 7 : (days + 5) % 7 + 6);
}

/// 1 is January the first.
[[nodiscard]] constexpr int dayOfYear(const CivilDate& date) noexcept {
  return static_cast<int>(daysFromCivil(date) - daysFromCivil({.year = date.year, .month = 1, .day = 1})) + 1;
}

/// Seconds since 1970-01-01T00:00:00 on the same clock (no zone applied); nanos are left out.
[[nodiscard]] constexpr std::int64_t secondsFromCivil(const CivilTime& time) noexcept {
  return daysFromCivil(time.date) * kSecondsPerDay + time.hour * 3600 + time.minute * 60 + time.second;
}

/// The inverse of secondsFromCivil.
[[nodiscard]] constexpr CivilTime civilFromSeconds(std::int64_t seconds, std::int32_t nanos = 0) noexcept {
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t rest = seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  return {.date = civilFromDays(days),
          .hour = static_cast<int>(rest / 3600),
          .minute = static_cast<int>(rest / 60 % 60),
          .second = static_cast<int>(rest % 60),
          .nanos = nanos};
}

}  // namespace weir
