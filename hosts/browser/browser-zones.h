// BrowserZones: the time zones that the page has, from a packed file of tzdata.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/host/time-zones.h"
#include "hosts/browser/calls.h"

namespace weir::browser {

/// The page has read its file before a run begins, and answers at once.
class PackedZones final : public ZoneSource {
 public:
  explicit PackedZones(Calls& calls) : calls_(calls) {}
  [[nodiscard]] Result<std::string> load(std::string_view name) override;

 private:
  Calls& calls_;
};

/// The same for runs.
class BrowserZones final : public TimeZones {
 public:
  explicit BrowserZones(Calls& calls) : packed_(calls) {}
  [[nodiscard]] Result<std::shared_ptr<const TimeZone>> zone(std::string_view name) override {
    return zones_.find(name);
  }
  [[nodiscard]] Zones* zones() override { return &zones_; }

 private:
  PackedZones packed_;
  Zones zones_{packed_};
};

}  // namespace weir::browser
