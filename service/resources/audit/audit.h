// The resource of the audit log.
#pragma once

#include <span>

#include "service/api/route.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> auditRoutes();

}  // namespace weir::api
