// GET /api/v1/disk: what uses the disk.
#pragma once

#include "service/api/route.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> diskRoutes();

}  // namespace weir::api
