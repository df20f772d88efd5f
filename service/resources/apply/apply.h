// Flows as code: a set of flows is published as one.
#pragma once

#include <span>

#include "service/api/route.h"

namespace weir::api {

/// POST /apply
[[nodiscard]] std::span<const Route> applyRoutes();

}  // namespace weir::api
