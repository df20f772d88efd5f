// The yearly rule at the end of a TZif file: a POSIX TZ string such as `CET-1CEST,M3.5.0,M10.5.0/3`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// The day of a year on which clocks change, and the local second of that day (-167 h .. 167 h, as RFC 9636 allows).
struct ChangeDay {
  enum class Kind : std::uint8_t { julian, dayOfYear, weekday };

  Kind kind = Kind::weekday;
  int day = 0;    // julian 1..365 (never counts Feb 29), dayOfYear 0..365, weekday 0..6 (Sunday is 0)
  int month = 1;  // weekday only
  int week = 1;   // weekday only: 1..5, 5 is the last
  std::int32_t secondOfDay = 7200;

  /// The local second, counted from 1970, at which the change of that year happens.
  [[nodiscard]] std::int64_t localSeconds(int year) const noexcept;
};

struct ZoneRule {
  std::string standardName;
  std::string daylightName;
  std::int32_t standardOffset = 0;  // seconds east of UTC
  std::int32_t daylightOffset = 0;
  bool hasDaylight = false;
  ChangeDay start;  // in standard time
  ChangeDay end;    // in daylight time

  struct Period {
    std::int64_t from;
    std::int64_t until;
    bool daylight;
  };
  /// The period around an instant (seconds UTC). Without daylight saving time it has no ends.
  [[nodiscard]] Period periodAt(std::int64_t seconds) const noexcept;
};

/// Nothing if the text is no such rule.
[[nodiscard]] std::optional<ZoneRule> parseZoneRule(std::string_view text);

}  // namespace weir
