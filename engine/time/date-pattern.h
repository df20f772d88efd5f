// Date formats as people write them: compiled once, then read and written fast; and recognition of ISO 8601 dates.
//
// Letters (as in Java, CLDR and spreadsheets):
//   yyyy yy y   year; yy is 1969..2068        M MM         month number     MMM MMMM   Jan, January (English)
//   d dd        day of the month              DDD          day of the year  E EEE EEEE Mon, Monday
//   H HH        hour 0..23                    h hh         hour 1..12       a          AM, PM
//   m mm        minute                        s ss         second           S SS ... up to 9: digits of the fraction
//   X XXX x xxx Z z   zone: Z, +hh, +hhmm, +hh:mm, UTC, GMT                 'text' ''  text as it stands, a quote
//   YYYY, YY and D, DD are taken as yyyy, yy and d, dd, because that is what their writers mean.
// One letter takes one digit or two (y: up to four); two letters take exactly two digits, and so on.
//
// Percent signs (as in strftime), if the pattern has one:
//   %Y %y %m %d %e %j %H %I %M %S %p %b %B %h %a %A %z %Z %F (%Y-%m-%d) %T (%H:%M:%S) %R (%H:%M) %D (%m/%d/%y)
//   %f (1 to 9 digits of the fraction; writes 6) %L (3 digits) %s (seconds since 1970) %n %t %%
// Numbers take up to their usual width: %d reads 5 and 05, and writes 05.
//
// Everything else stands for itself. Names match in any case. Fields that a pattern lacks are those of
// 1970-01-01T00:00:00; a text without zone is UTC unless the caller reads `parseLocal` and says which zone it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/time/instant.h"

namespace weir {

/// What a text said: clock fields, and the zone if it named one.
struct ParsedTime {
  CivilTime local;
  std::optional<std::int32_t> offsetSeconds;
};

class DatePattern {
 public:
  /// `date.pattern` says which letter at which position is not understood.
  [[nodiscard]] static Result<DatePattern> compile(std::string_view pattern);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool hasTime() const noexcept { return hasTime_; }
  [[nodiscard]] bool hasZone() const noexcept { return hasZone_; }

  /// The whole text must match, and the date must exist.
  [[nodiscard]] std::optional<ParsedTime> parseLocal(std::string_view text) const noexcept;
  /// As parseLocal; without zone the text is UTC.
  [[nodiscard]] std::optional<Instant> parse(std::string_view text) const noexcept;
  /// Microseconds since 1970, as timestamp columns hold them.
  [[nodiscard]] std::optional<std::int64_t> parseMicros(std::string_view text) const noexcept;

  /// Writes the instant as a clock `offsetSeconds` ahead of UTC shows it.
  [[nodiscard]] std::string format(Instant instant, std::int32_t offsetSeconds = 0) const;
  void append(std::string& out, Instant instant, std::int32_t offsetSeconds = 0) const;

  enum class Field : std::uint8_t {
    literal,
    year,
    shortYear,
    month,
    monthName,
    shortMonthName,
    day,
    spacedDay,
    dayOfYear,
    weekdayName,
    shortWeekdayName,
    hour,
    hour12,
    halfDay,
    minute,
    second,
    fraction,
    zoneHours,    // +hh, or Z
    zoneCompact,  // +hhmm
    zoneColon,    // +hh:mm, or Z
    epochSeconds
  };
  /// A field takes leastDigits..mostDigits and writes writtenDigits; a literal is one character.
  struct Item {
    Field field = Field::literal;
    std::uint8_t leastDigits = 0;
    std::uint8_t mostDigits = 0;
    std::uint8_t writtenDigits = 0;
    char literal = '\0';
  };

 private:
  std::string text_;
  std::vector<Item> items_;
  bool hasTime_ = false;
  bool hasZone_ = false;
};

/// What inferTimestamp recognised.
struct InferredTime {
  Instant instant;  // without zone in the text: as if it were UTC
  bool dateOnly = false;
  bool hasZone = false;
};

/// Recognises `2024-02-29`, and `2024-02-29T12:34[:56[.789]]` (also with a space or `t`), each with or without `Z`,
/// `+01:00`, `+0100` or `+01`, cheaply; nothing else.
[[nodiscard]] std::optional<InferredTime> inferTimestamp(std::string_view text) noexcept;

}  // namespace weir
