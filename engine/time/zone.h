// Time zones: fixed offsets, and zones from TZif bytes (RFC 9636) that the host hands over.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/data/lock.h"
#include "engine/time/instant.h"
#include "engine/time/zone-rule.h"

namespace weir {

/// A stretch of time in which a zone keeps one offset: instants with from <= seconds < until. Keep it while it covers
/// the next row; that spares the search. `abbreviation` lives as long as the zone.
struct ZonePeriod {
  std::int64_t from = 0;
  std::int64_t until = 0;
  std::int32_t offsetSeconds = 0;  // east of UTC is positive
  bool daylight = false;
  std::string_view abbreviation;

  [[nodiscard]] bool covers(std::int64_t seconds) const noexcept { return seconds >= from && seconds < until; }
};

/// What a local time means: once (earlier == later), twice (clocks went back: both instants), or never (clocks went
/// forward: `skipped`, and both are the instant of the change).
struct LocalMeaning {
  std::int64_t earlierSeconds = 0;
  std::int64_t laterSeconds = 0;
  bool skipped = false;
};

/// An immutable time zone.
class TimeZone {
 public:
  /// UTC.
  TimeZone();
  /// `+02:00`, `-07:00`, `02:00`, `UTC`, `Z`; nothing for any other text.
  [[nodiscard]] static std::optional<TimeZone> fromOffsetText(std::string_view text);
  [[nodiscard]] static TimeZone fromOffset(std::int32_t offsetSeconds);
  /// Reads a TZif file, versions 1 to 3, with its footer rule. `zone.corrupt` if the bytes contradict themselves or
  /// count leap seconds.
  [[nodiscard]] static Result<TimeZone> fromTzif(std::string_view name, std::string_view bytes);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] ZonePeriod periodAt(std::int64_t seconds) const noexcept;
  [[nodiscard]] std::int32_t offsetAt(std::int64_t seconds) const noexcept { return periodAt(seconds).offsetSeconds; }
  /// The clock fields that the zone shows at the instant (the year may be 0 or 10000 at the ends of the range).
  [[nodiscard]] CivilTime localAt(Instant instant) const noexcept;
  /// `localSeconds` as secondsFromCivil gives them.
  [[nodiscard]] LocalMeaning meaningOf(std::int64_t localSeconds) const noexcept;
  /// The instant of a local time: of two the earlier, of a skipped one the moment of the change. Nothing if a field or
  /// the result is out of range.
  [[nodiscard]] std::optional<Instant> instantOf(const CivilTime& local) const noexcept;

 private:
  struct Kind {
    std::int32_t offsetSeconds = 0;
    bool daylight = false;
    std::uint8_t abbreviationAt = 0;
  };
  [[nodiscard]] std::string_view abbreviation(const Kind& kind) const noexcept;

  std::string name_;
  std::vector<std::int64_t> changes_;       // ascending
  std::vector<std::uint8_t> kindOfChange_;  // as many
  std::vector<Kind> kinds_;                 // at least one; the first holds before all changes
  std::string abbreviations_;               // each ends with a zero byte
  std::optional<ZoneRule> rule_;            // after the last change
};

/// Where zones come from: the host's zoneinfo folder, or a packed file of it.
class ZoneSource {
 public:
  virtual ~ZoneSource() = default;
  /// The TZif bytes of an IANA zone such as `Europe/Paris`; `zone.unknown` if there is none. The name has been checked:
  /// letters, digits, `_ + - /`, no part empty, at most 64 bytes.
  [[nodiscard]] virtual Result<std::string> load(std::string_view name) = 0;
};

/// Zones by name, read once. Safe to use from several threads.
class Zones {
 public:
  /// `source` must outlive this.
  explicit Zones(ZoneSource& source) : source_(source) {}

  /// A fixed offset or an IANA name. `zone.unknown`, `zone.corrupt`, or what the source says.
  [[nodiscard]] Result<std::shared_ptr<const TimeZone>> find(std::string_view name);

 private:
  ZoneSource& source_;
  Lock lock_;
  std::map<std::string, std::shared_ptr<const TimeZone>, std::less<>> known_;
};

}  // namespace weir
