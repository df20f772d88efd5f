// The folder of all that a server keeps.
#pragma once

#include <string>

#include "apps/cli/serve/config.h"
#include "engine/data/error.h"

namespace weir::cli {

/// As the settings say; a project brings its own.
[[nodiscard]] std::string dataFolderOf(const Config& config);

/// Makes it, for its owner only, with those around it. `server.data` if it cannot be used, with the reason.
[[nodiscard]] Result<Unit> prepareDataFolder(const std::string& path);

}  // namespace weir::cli
