// HttpMetrics: counts of answers and how long they took, by route.
#pragma once

#include <map>
#include <string>

#include "service/api/observer.h"
#include "service/metrics/registry.h"

namespace weir::metrics {

class HttpMetrics final : public api::Observer {
 public:
  /// The registry outlives it.
  explicit HttpMetrics(Registry& registry) : registry_(registry) {}
  void answered(const api::Answered& answered) override;

 private:
  struct OfRoute {
    Durations* took = nullptr;
    std::map<int, Counter*> byStatus;
  };
  Registry& registry_;
  std::map<const api::Route*, OfRoute> routes_;  // null: requests that no route takes
};

}  // namespace weir::metrics
