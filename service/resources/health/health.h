// Whether the server lives, and whether it can take work.
#pragma once

#include <span>

#include "service/api/route.h"

namespace weir::api {

/// GET /health/live, GET /health/ready, also at the root.
[[nodiscard]] std::span<const Route> healthRoutes();

}  // namespace weir::api
