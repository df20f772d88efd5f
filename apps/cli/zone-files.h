// ZoneFiles: the time zones of this machine.
#pragma once

#include "engine/host/time-zones.h"
#include "engine/time/zone.h"

namespace weir::cli {

/// Reads TZif files from /usr/share/zoneinfo (or $TZDIR). Error `zone.unknown`.
class ZoneFiles final : public ZoneSource {
 public:
  [[nodiscard]] Result<std::string> load(std::string_view name) override;
};

/// The same for runs.
class MachineZones final : public TimeZones {
 public:
  [[nodiscard]] Result<std::shared_ptr<const TimeZone>> zone(std::string_view name) override {
    return zones_.find(name);
  }
  [[nodiscard]] Zones* zones() override { return &zones_; }

 private:
  ZoneFiles files_;
  Zones zones_{files_};
};

}  // namespace weir::cli
