// PublicUrl: where people reach the server, as its operator has said it.
#pragma once

#include "apps/cli/serve/config.h"

namespace weir::cli {

/// `settings.invalid` for a --public-url that no link can be made of.
[[nodiscard]] Result<Unit> checkPublicUrl(const Config& config);

}  // namespace weir::cli
