// The routes of the metrics.
#pragma once

#include <span>

#include "service/api/route.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> metricsRoutes();

}  // namespace weir::api
