// The part of a server that holds still for a backup.
#pragma once

#include "apps/cli/serve/server-parts.h"

namespace weir::cli {

/// After runs and turns. A folder that takes no socket is said, and its backups ask for nothing.
void addBackupDesk(ServerParts& parts);

}  // namespace weir::cli
