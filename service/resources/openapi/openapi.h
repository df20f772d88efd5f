// The OpenAPI 3.1 document, made from a table of routes and the shapes that they name.
#pragma once

#include <string>
#include <string_view>

#include "service/api/route.h"

namespace weir::api {

/// `version` is that of the program.
[[nodiscard]] std::string openApiOf(const RouteTable& routes, std::string_view version);

/// GET /openapi.json, GET /docs and its files.
[[nodiscard]] std::span<const Route> openApiRoutes();

}  // namespace weir::api
