// Cron: when a line of five or six fields fits the clock on the wall. Pure; time zones come with Schedule.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/data/error.h"
#include "engine/time/civil.h"

namespace weir {

/// `minute hour day-of-month month day-of-week`, with a field for seconds in front if there are six; or `@hourly
/// @daily @midnight @weekly @monthly @yearly @annually`. A field is a list of `*`, `5`, `1-5`, `*/10`, `1-30/5`, `5/10`
/// (from 5 on); months and days of the week have English names (JAN, MON), Sunday is 0 and 7; `?` is `*`. Days of the
/// month also: `L` (the last), `L-3`, `15W` (the weekday nearest to the 15th, in the same month), `LW`; days of the
/// week: `5L` (the last Friday), `5#3` (the third Friday). If neither field of days begins with `*` or `?`, a day fits
/// that fits one of them; else it must fit both.
class Cron {
 public:
  /// Errors `cron.syntax`, which names the field, and `cron.never` if no date fits (30 February).
  [[nodiscard]] static Result<Cron> parse(std::string_view text);

  [[nodiscard]] bool fitsDay(const CivilDate& date) const noexcept;
  [[nodiscard]] bool fitsTime(int hour, int minute, int second) const noexcept;
  /// The first second that fits after `localSeconds` (as secondsFromCivil gives them); nothing in the next 400 years,
  /// or past the year 9999.
  [[nodiscard]] std::optional<std::int64_t> nextLocal(std::int64_t localSeconds) const noexcept;

 private:
  struct Reader;
  [[nodiscard]] bool fitsDayOfMonth(const CivilDate& date) const noexcept;
  [[nodiscard]] bool fitsDayOfWeek(const CivilDate& date) const noexcept;
  [[nodiscard]] std::optional<int> nextTimeOfDay(int secondOfDay) const noexcept;

  std::uint64_t seconds_ = 1, minutes_ = 0;  // bit n: n fits
  std::uint32_t hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
  std::uint32_t fromLast_ = 0;                   // bit n: L-n
  std::uint32_t nearest_ = 0;                    // bit n: nW
  bool lastWeekday_ = false;                     // LW
  std::uint32_t lastOfWeekday_ = 0;              // bit n: nL
  std::array<std::uint32_t, 7> nthOfWeekday_{};  // [n] bit k: n#k
  bool anyDay_ = false, anyWeekday_ = false;     // begins with * or ?
};

}  // namespace weir
