// What a server uses, or stands beside, and flows are kept from.
#pragma once

#include <string>
#include <vector>

#include "apps/cli/serve/config.h"

namespace weir::cli {

/// The addresses of the database, the Redis and the object storage that the settings name. `config.value` for one that
/// is no address of its kind, which is said without what may be a password in it.
[[nodiscard]] Result<std::vector<std::string>> servicesOf(const Config& config);

}  // namespace weir::cli
