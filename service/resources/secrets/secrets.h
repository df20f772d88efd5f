// Secrets over HTTP: written, listed without their values, deleted; never read.
#pragma once

#include <span>

#include "service/api/route.h"
#include "service/resources/openapi/shapes.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> secretRoutes();
[[nodiscard]] std::span<const Shape> secretShapes();

}  // namespace weir::api
