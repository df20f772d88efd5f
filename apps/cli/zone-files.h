// ZoneFiles: the time zones of this machine.
#pragma once

#include "engine/time/zone.h"

namespace weir::cli {

/// Reads TZif files from /usr/share/zoneinfo (or $TZDIR). Error `zone.unknown`.
class ZoneFiles final : public ZoneSource {
 public:
  [[nodiscard]] Result<std::string> load(std::string_view name) override;
};

}  // namespace weir::cli
