// The table of routes of a server: the common ones, and those of the resources that only a server has.
#pragma once

#include "service/api/route.h"

namespace weir::api {

[[nodiscard]] const RouteTable& serverRoutes();

}  // namespace weir::api
