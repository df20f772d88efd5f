// The link by which the first account of a server is made, or its owner comes in again.
#pragma once

#include "apps/cli/serve/server-parts.h"

namespace weir::cli {

/// The file of the data folder by which its owner asks for a link.
inline constexpr std::string_view kSetupAsked = "setup-link-wanted";

/// Writes it to the file `setup-link` of the data folder (mode 0600), and to a terminal if there is one, when nobody
/// who can sign in administers the server, or `weir setup-link` has asked for it; else removes a file of before.
[[nodiscard]] Result<Unit> announceSetup(ServerParts& parts);

}  // namespace weir::cli
