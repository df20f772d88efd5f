// Counts answers.
#include "service/metrics/http-metrics.h"

#include "service/api/route.h"

namespace weir::metrics {

void HttpMetrics::answered(const api::Answered& answered) {
  auto& route = routes_[answered.route];
  const auto operation = [&answered] {
    return std::string(answered.route == nullptr ? "none" : answered.route->operation);
  };
  if (route.took == nullptr) route.took = &registry_.durations("weir_http_request_seconds", {operation()});
  route.took->add(answered.nanos);
  auto& counter = route.byStatus[answered.status];
  if (counter == nullptr) {
    counter = &registry_.counter("weir_http_requests_total", {operation(), std::to_string(answered.status)});
  }
  counter->add();
}

}  // namespace weir::metrics
