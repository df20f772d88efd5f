// DurationsSource: one histogram that is there before the registry is.
#pragma once

#include <string_view>

#include "service/metrics/registry.h"

namespace weir::metrics {

class DurationsSource : public Source {
 public:
  explicit DurationsSource(std::string_view family) : family_(family) {}
  /// Any thread.
  void add(std::int64_t nanos) noexcept { durations_.add(nanos); }
  void write(Exposition& out) override {
    out.begin(family_);
    durations_.write(out, {});
  }

 private:
  std::string_view family_;
  Durations durations_;
};

}  // namespace weir::metrics
