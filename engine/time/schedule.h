// Schedule: the moments a cron line or an interval plans, in a time zone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/data/error.h"
#include "engine/time/cron.h"
#include "engine/time/zone.h"

namespace weir {

/// Moments are microseconds since 1970, UTC. Pure: the same for everybody who asks. A local time that a zone skips is
/// planned once, at the moment of the change; of one that comes twice only the first is planned. An interval is a
/// length of time and knows nothing of clocks on walls.
class Schedule {
 public:
  [[nodiscard]] static Schedule ofCron(const Cron& cron, std::shared_ptr<const TimeZone> zone);
  /// anchor, anchor + interval, …; interval > 0.
  [[nodiscard]] static Schedule ofInterval(std::int64_t intervalMicros, std::int64_t anchorMicros);

  /// The first moment after `micros`; nothing if none comes any more.
  [[nodiscard]] std::optional<std::int64_t> next(std::int64_t micros) const noexcept;
  /// 0: a cron line.
  [[nodiscard]] std::int64_t intervalMicros() const noexcept { return interval_; }

 private:
  std::optional<Cron> cron_;
  std::shared_ptr<const TimeZone> zone_;
  std::int64_t interval_ = 0, anchor_ = 0;
};

/// What a setting of format "time-zone" may be: an offset, UTC, or what looks like an IANA name; whether there is such
/// a zone is known where zones are. Error `zone.unknown`, with a suggestion.
[[nodiscard]] Result<void> checkZoneName(std::string_view name);

}  // namespace weir
