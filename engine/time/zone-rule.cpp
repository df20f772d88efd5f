// Reads POSIX TZ strings and finds the changes of a year.
#include "engine/time/zone-rule.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/time/civil.h"
#include "engine/time/digits.h"

namespace weir {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool take(char wanted) {
    if (peek() != wanted || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool name(std::string& out) {
    const bool angled = take('<');
    std::size_t length = 0;
    while (length < rest_.size() && inName(rest_[length], angled)) ++length;
    if (length < 3 || length > 16) return false;
    out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return !angled || take('>');
  }

  bool number(int least, int most, int& out) {
    int value = 0;
    int digitCount = 0;
    for (; digitCount < 4 && digits::isDigit(peek()); ++digitCount) {
      value = value * 10 + (peek() - '0');
      rest_.remove_prefix(1);
    }
    out = value;
    return digitCount > 0 && value >= least && value <= most;
  }

  // [+-]hh[:mm[:ss]]
  bool time(int mostHours, std::int32_t& out) {
    const bool negative = take('-');
    if (!negative) take('+');
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    if (!number(0, mostHours, hours)) return false;
    if (take(':')) {
      if (!number(0, 59, minutes)) return false;
      if (take(':') && !number(0, 59, seconds)) return false;
    }
    const int total = hours * 3600 + minutes * 60 + seconds;
    out = negative ? -total : total;
    return true;
  }

  bool changeDay(ChangeDay& out) {
    if (take('J')) {
      out.kind = ChangeDay::Kind::julian;
      if (!number(1, 365, out.day)) return false;
    } else if (take('M')) {
      out.kind = ChangeDay::Kind::weekday;
      if (!number(1, 12, out.month) || !take('.') || !number(1, 5, out.week) || !take('.') || !number(0, 6, out.day))
        return false;
    } else {
      out.kind = ChangeDay::Kind::dayOfYear;
      if (!number(0, 365, out.day)) return false;
    }
    return !take('/') || time(167, out.secondOfDay);
  }

 private:
  static bool inName(char c, bool angled) {
    const char lower = static_cast<char>(c | 0x20);
    if (lower >= 'a' && lower <= 'z') return true;
    return angled && (digits::isDigit(c) || c == '+' || c == '-');
  }

  std::string_view rest_;
};

}  // namespace

std::int64_t ChangeDay::localSeconds(int year) const noexcept {
  std::int64_t days = 0;
  if (kind == Kind::weekday) {
    const std::int64_t first = daysFromCivil({.year = year, .month = month, .day = 1});
    int dayOfMonth = 1 + (day - weekdayFromDays(first) + 7) % 7 + (week - 1) * 7;
    if (dayOfMonth > daysInMonth(year, month)) dayOfMonth -= 7;
    days = first + dayOfMonth - 1;
  } else {
    days = daysFromCivil({.year = year, .month = 1, .day = 1}) + day;
    if (kind == Kind::julian && !(isLeapYear(year) && day > 59)) --days;
  }
  return days * kSecondsPerDay + secondOfDay;
}

ZoneRule::Period ZoneRule::periodAt(std::int64_t seconds) const noexcept {
  Period period{.from = std::numeric_limits<std::int64_t>::min(),
                .until = std::numeric_limits<std::int64_t>::max(),
                .daylight = false};
  if (!hasDaylight) return period;
  const int year = civilFromSeconds(seconds).date.year;
  struct Change {
    std::int64_t at;
    bool daylight;
  };
  std::array<Change, 6> changes{};
  for (int i = 0; i < 3; ++i) {
    const auto slot = static_cast<std::size_t>(i) * 2;
    changes[slot] = {.at = start.localSeconds(year - 1 + i) - standardOffset, .daylight = true};
    changes[slot + 1] = {.at = end.localSeconds(year - 1 + i) - daylightOffset, .daylight = false};
  }
  // Where both fall together (daylight time all year), the later listed, daylight time, wins.
  std::ranges::stable_sort(
      changes, [](const Change& a, const Change& b) { return a.at != b.at ? a.at < b.at : a.daylight < b.daylight; });
  period.daylight = !changes.front().daylight;
  for (const Change& change : changes) {
    if (change.at > seconds) {
      period.until = change.at;
      break;
    }
    period.from = change.at;
    period.daylight = change.daylight;
  }
  return period;
}

std::optional<ZoneRule> parseZoneRule(std::string_view text) {
  ZoneRule rule;
  Reader in(text);
  std::int32_t west = 0;
  if (!in.name(rule.standardName) || !in.time(24, west)) return std::nullopt;
  rule.standardOffset = -west;
  if (in.done()) return rule;
  rule.hasDaylight = true;
  rule.daylightOffset = rule.standardOffset + 3600;
  if (!in.name(rule.daylightName)) return std::nullopt;
  if (in.peek() != ',') {
    if (!in.time(24, west)) return std::nullopt;
    rule.daylightOffset = -west;
  }
  if (!in.take(',') || !in.changeDay(rule.start) || !in.take(',') || !in.changeDay(rule.end) || !in.done())
    return std::nullopt;
  return rule;
}

}  // namespace weir
