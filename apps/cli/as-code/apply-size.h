// What one request of weir apply may have.
#pragma once

#include <string_view>

#include "apps/cli/as-code/server-client.h"

namespace weir::cli {

/// Whether the server takes a body of POST /apply that is so large, as its capabilities say: `api.too_large`.
[[nodiscard]] Result<void> checkFits(ServerClient& server, std::string_view body);

}  // namespace weir::cli
