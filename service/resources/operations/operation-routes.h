// What was done to drafts, over HTTP: an editor undoes it after a reload, and a second one follows it.
#pragma once

#include <span>

#include "service/api/route.h"
#include "service/resources/openapi/shapes.h"

namespace weir::api {

/// GET and POST /flows/{flow}/operations
[[nodiscard]] std::span<const Route> operationRoutes();
[[nodiscard]] std::span<const Shape> operationShapes();

}  // namespace weir::api
