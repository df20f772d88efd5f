// The link by which the first account of a server is made.
#pragma once

#include "apps/cli/serve/server-parts.h"

namespace weir::cli {

/// Writes it to the file `setup-link` of the data folder (mode 0600), and to a terminal if there is one, when nobody
/// administers the server yet; else removes a file of before.
[[nodiscard]] Result<Unit> announceSetup(ServerParts& parts);

}  // namespace weir::cli
