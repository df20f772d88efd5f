// Settings of the identity provider, from those of the server.
#pragma once

#include <optional>

#include "apps/cli/serve/config.h"
#include "service/auth/provider-settings.h"

namespace weir::cli {

/// Nothing: none is configured. `settings.invalid` for settings that do not go together, also of passwords.
[[nodiscard]] Result<std::optional<auth::ProviderSettings>> providerOptions(const Config& config);

}  // namespace weir::cli
