// The routes of quotas.
#pragma once

#include <span>

#include "service/api/route.h"
#include "service/resources/openapi/shapes.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> quotaRoutes();
[[nodiscard]] std::span<const Shape> quotaShapes();

}  // namespace weir::api
