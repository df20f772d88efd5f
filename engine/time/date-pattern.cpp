// Reads and writes dates by a compiled pattern.
#include "engine/time/date-pattern.h"

#include <array>

#include "engine/time/digits.h"

namespace weir {
namespace {

using Field = DatePattern::Field;
using Item = DatePattern::Item;

constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};

bool startsWithName(std::string_view text, std::string_view name) {
  if (text.size() < name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if ((text[i] | 0x20) != (name[i] | 0x20)) return false;
  return true;
}

// The index of the name at the start of `text`, long or its first three letters, which it removes; -1 if there is none.
template <std::size_t kCount>
int takeName(std::string_view& text, const std::array<std::string_view, kCount>& names) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (!startsWithName(text, names[i].substr(0, 3))) continue;
    text.remove_prefix(startsWithName(text, names[i]) ? names[i].size() : 3);
    return static_cast<int>(i);
  }
  return -1;
}

// -1 if there are fewer digits than the field needs.
std::int64_t takeNumber(std::string_view& text, const Item& item) {
  std::int64_t value = 0;
  std::size_t taken = 0;
  for (; taken < item.mostDigits && taken < text.size() && digits::isDigit(text[taken]); ++taken)
    value = value * 10 + (text[taken] - '0');
  if (taken < item.leastDigits) return -1;
  text.remove_prefix(taken);
  return value;
}

// Z, UTC, GMT, +hh, +hhmm, +hh:mm
bool takeZone(std::string_view& text, std::int32_t& offsetSeconds) {
  offsetSeconds = 0;
  if (startsWithName(text, "UTC") || startsWithName(text, "GMT")) {
    text.remove_prefix(3);
    return true;
  }
  if (text.empty()) return false;
  const char sign = text.front();
  if (sign == 'Z' || sign == 'z') {
    text.remove_prefix(1);
    return true;
  }
  if ((sign != '+' && sign != '-') || text.size() < 3) return false;
  const unsigned hours = digits::two(text.data() + 1);
  if (hours > 23) return false;
  text.remove_prefix(3);
  unsigned minutes = 0;
  const std::size_t minutesAt = text.starts_with(':') ? 1 : 0;
  if (text.size() >= minutesAt + 2 && digits::isDigit(text[minutesAt])) {
    minutes = digits::two(text.data() + minutesAt);
    if (minutes > 59) return false;
    text.remove_prefix(minutesAt + 2);
  }
  const auto seconds = static_cast<std::int32_t>(hours * 3600 + minutes * 60);
  offsetSeconds = sign == '-' ? -seconds : seconds;
  return true;
}

struct Progress {
  std::string_view rest;
  ParsedTime parsed;
  int weekday = -1;
  int dayOfYear = -1;
  int halfDay = -1;
  bool twelveHours = false;
  std::optional<std::int64_t> epochSeconds;
};

bool takeHalfDay(Progress& in) {
  if (!startsWithName(in.rest, "am") && !startsWithName(in.rest, "pm")) return false;
  in.halfDay = (in.rest[0] | 0x20) == 'p' ? 1 : 0;
  in.rest.remove_prefix(2);
  return true;
}

bool takeFraction(Progress& in, const Item& item) {
  const int taken = digits::readFraction(in.rest.substr(0, item.mostDigits), in.parsed.local.nanos);
  in.rest.remove_prefix(static_cast<std::size_t>(taken));
  return taken >= item.leastDigits;
}

bool takeEpoch(Progress& in, const Item& item) {
  const bool negative = in.rest.starts_with('-');
  if (negative) in.rest.remove_prefix(1);
  const std::int64_t value = takeNumber(in.rest, item);
  in.epochSeconds = negative ? -value : value;
  return value >= 0;
}

bool takeZone(Progress& in) {
  std::int32_t offsetSeconds = 0;
  if (!takeZone(in.rest, offsetSeconds)) return false;
  in.parsed.offsetSeconds = offsetSeconds;
  return true;
}

bool takeInto(Progress& in, const Item& item, int& field) {
  field = static_cast<int>(takeNumber(in.rest, item));
  return field >= 0;
}

bool takeItem(Progress& in, const Item& item) {
  CivilTime& local = in.parsed.local;
  switch (item.field) {
    case Field::literal:
      if (in.rest.empty() || in.rest.front() != item.literal) return false;
      in.rest.remove_prefix(1);
      return true;
    case Field::year:
      return takeInto(in, item, local.date.year);
    case Field::shortYear:
      if (!takeInto(in, item, local.date.year)) return false;
      local.date.year += local.date.year < 69 ? 2000 : 1900;
      return true;
    case Field::month:
      return takeInto(in, item, local.date.month);
    case Field::monthName:
    case Field::shortMonthName:
      return (local.date.month = takeName(in.rest, kMonths) + 1) > 0;
    case Field::spacedDay:
      if (in.rest.starts_with(' ')) in.rest.remove_prefix(1);
      return takeInto(in, item, local.date.day);
    case Field::day:
      return takeInto(in, item, local.date.day);
    case Field::dayOfYear:
      return takeInto(in, item, in.dayOfYear);
    case Field::weekdayName:
    case Field::shortWeekdayName:
      return (in.weekday = takeName(in.rest, kWeekdays)) >= 0;
    case Field::hour:
      return takeInto(in, item, local.hour);
    case Field::hour12:
      in.twelveHours = true;
      return takeInto(in, item, local.hour);
    case Field::halfDay:
      return takeHalfDay(in);
    case Field::minute:
      return takeInto(in, item, local.minute);
    case Field::second:
      return takeInto(in, item, local.second);
    case Field::fraction:
      return takeFraction(in, item);
    case Field::zoneHours:
    case Field::zoneCompact:
    case Field::zoneColon:
      return takeZone(in);
    case Field::epochSeconds:
      return takeEpoch(in, item);
  }
  return false;
}

// Joins the fields that depend on each other and checks that the whole exists.
bool settle(Progress& in) {
  CivilTime& local = in.parsed.local;
  if (in.epochSeconds) {
    if (*in.epochSeconds < Instant::kMinSeconds || *in.epochSeconds > Instant::kMaxSeconds) return false;
    local = civilFromSeconds(*in.epochSeconds, local.nanos);
    in.parsed.offsetSeconds = 0;
    return true;
  }
  if (in.twelveHours) {
    if (local.hour < 1 || local.hour > 12) return false;
    local.hour = local.hour % 12 + (in.halfDay == 1 ? 12 : 0);
  }
  if (in.dayOfYear >= 0) {
    if (in.dayOfYear < 1 || in.dayOfYear > (isLeapYear(local.date.year) ? 366 : 365)) return false;
    const std::int64_t first = daysFromCivil({.year = local.date.year, .month = 1, .day = 1});
    local.date = civilFromDays(first + in.dayOfYear - 1);
  }
  if (!isValid(local)) return false;
  return in.weekday < 0 || in.weekday == weekdayFromDays(daysFromCivil(local.date));
}

void putNumber(std::string& out, std::int64_t value, int width) {
  const std::string text = std::to_string(value);
  for (auto i = static_cast<int>(text.size()); i < width; ++i) out += '0';
  out += text;
}

void putFraction(std::string& out, std::int32_t nanos, int count) {
  std::int32_t divisor = 100'000'000;
  for (int i = 0; i < count; ++i, divisor /= 10) out += static_cast<char>('0' + nanos / divisor % 10);
}

void putZone(std::string& out, std::int32_t offsetSeconds, Field form) {
  if (offsetSeconds == 0 && form != Field::zoneCompact) {
    out += 'Z';
    return;
  }
  const std::int32_t size = offsetSeconds < 0 ? -offsetSeconds : offsetSeconds;
  const int minutes = size / 60 % 60;
  out += offsetSeconds < 0 ? '-' : '+';
  putNumber(out, size / 3600, 2);
  if (form == Field::zoneHours && minutes == 0) return;
  if (form == Field::zoneColon) out += ':';
  putNumber(out, minutes, 2);
}

}  // namespace

std::optional<ParsedTime> DatePattern::parseLocal(std::string_view text) const noexcept {
  Progress in{.rest = text, .parsed = {}, .epochSeconds = {}};
  for (const Item& item : items_)
    if (!takeItem(in, item)) return std::nullopt;
  if (!in.rest.empty() || !settle(in)) return std::nullopt;
  return in.parsed;
}

std::optional<Instant> DatePattern::parse(std::string_view text) const noexcept {
  const auto parsed = parseLocal(text);
  if (!parsed) return std::nullopt;
  return instantFromCivil(parsed->local, parsed->offsetSeconds.value_or(0));
}

std::optional<std::int64_t> DatePattern::parseMicros(std::string_view text) const noexcept {
  const auto instant = parse(text);
  if (!instant) return std::nullopt;
  return toMicros(*instant);
}

std::string DatePattern::format(Instant instant, std::int32_t offsetSeconds) const {
  std::string out;
  append(out, instant, offsetSeconds);
  return out;
}

void DatePattern::append(std::string& out, Instant instant, std::int32_t offsetSeconds) const {
  const CivilTime local = civilFromSeconds(instant.seconds + offsetSeconds, instant.nanos);
  const auto month = static_cast<std::size_t>(local.date.month - 1);
  const auto weekday = static_cast<std::size_t>(weekdayFromDays(daysFromCivil(local.date)));
  for (const Item& item : items_) {
    const int width = item.writtenDigits;
    switch (item.field) {
      case Field::literal:
        out += item.literal;
        break;
      case Field::year:
        putNumber(out, local.date.year, width);
        break;
      case Field::shortYear:
        putNumber(out, local.date.year % 100, width);
        break;
      case Field::month:
        putNumber(out, local.date.month, width);
        break;
      case Field::monthName:
        out += kMonths[month];
        break;
      case Field::shortMonthName:
        out += kMonths[month].substr(0, 3);
        break;
      case Field::day:
        putNumber(out, local.date.day, width);
        break;
      case Field::spacedDay:
        if (local.date.day < 10) out += ' ';
        putNumber(out, local.date.day, 1);
        break;
      case Field::dayOfYear:
        putNumber(out, dayOfYear(local.date), width);
        break;
      case Field::weekdayName:
        out += kWeekdays[weekday];
        break;
      case Field::shortWeekdayName:
        out += kWeekdays[weekday].substr(0, 3);
        break;
      case Field::hour:
        putNumber(out, local.hour, width);
        break;
      case Field::hour12:
        putNumber(out, (local.hour + 11) % 12 + 1, width);
        break;
      case Field::halfDay:
        out += local.hour < 12 ? "AM" : "PM";
        break;
      case Field::minute:
        putNumber(out, local.minute, width);
        break;
      case Field::second:
        putNumber(out, local.second, width);
        break;
      case Field::fraction:
        putFraction(out, local.nanos, width);
        break;
      case Field::zoneHours:
      case Field::zoneCompact:
      case Field::zoneColon:
        putZone(out, offsetSeconds, item.field);
        break;
      case Field::epochSeconds:
        putNumber(out, instant.seconds, width);
        break;
    }
  }
}

std::optional<InferredTime> inferTimestamp(std::string_view text) noexcept {
  // yyyy-MM-dd is fixed; most texts that are no date fail on one of these three.
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const char* at = text.data();
  CivilTime time{.date = {.year = static_cast<int>(digits::two(at) * 100 + digits::two(at + 2)),
                          .month = static_cast<int>(digits::two(at + 5)),
                          .day = static_cast<int>(digits::two(at + 8))}};
  if (!isValid(time.date) || digits::two(at + 2) > 99) return std::nullopt;
  InferredTime found{.instant = {}, .dateOnly = true};
  std::int32_t offsetSeconds = 0;
  std::string_view rest = text.substr(10);
  if (rest.size() >= 6 && (rest[0] == 'T' || rest[0] == ' ' || rest[0] == 't') && rest[3] == ':') {
    found.dateOnly = false;
    time.hour = static_cast<int>(digits::two(rest.data() + 1));
    time.minute = static_cast<int>(digits::two(rest.data() + 4));
    rest.remove_prefix(6);
    if (rest.size() >= 3 && rest[0] == ':') {
      time.second = static_cast<int>(digits::two(rest.data() + 1));
      rest.remove_prefix(3);
      if (rest.size() >= 2 && (rest[0] == '.' || rest[0] == ',')) {
        const int taken = digits::readFraction(rest.substr(1), time.nanos);
        if (taken == 0) return std::nullopt;
        rest.remove_prefix(static_cast<std::size_t>(taken) + 1);
      }
    }
    if (!rest.empty()) {
      if (rest.size() > 1 && rest[0] == ' ') rest.remove_prefix(1);
      if (!takeZone(rest, offsetSeconds)) return std::nullopt;
      found.hasZone = true;
    }
  }
  if (!rest.empty()) return std::nullopt;
  const auto instant = instantFromCivil(time, offsetSeconds);
  if (!instant) return std::nullopt;
  found.instant = *instant;
  return found;
}

}  // namespace weir
