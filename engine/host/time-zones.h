// TimeZones: the time zones that a place knows.
#pragma once

#include <memory>
#include <string_view>

#include "engine/data/error.h"
#include "engine/time/zone.h"

namespace weir {

/// Thread-safe.
struct TimeZones {
  static constexpr std::string_view kName = "zones";
  virtual ~TimeZones() = default;
  /// An offset, UTC, or an IANA name. Errors `zone.unknown`, `zone.corrupt`.
  [[nodiscard]] virtual Result<std::shared_ptr<const TimeZone>> zone(std::string_view name) = 0;
  /// The same, as expressions ask for them; null: they know UTC and fixed offsets only.
  [[nodiscard]] virtual Zones* zones() { return nullptr; }
};

}  // namespace weir
