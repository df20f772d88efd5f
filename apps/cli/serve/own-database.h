// Where the records of a data folder are, remembered: a folder whose database is not there is not begun anew.
#pragma once

#include <string>

#include "engine/data/error.h"

namespace weir::cli {

/// Whether the database that the folder's files belong to is the one that will be opened: `weir.db` in it, or one that
/// servers may share (PostgreSQL). `server.data` if it is missing, empty, or the other one; nothing is changed.
[[nodiscard]] Result<Unit> checkDatabaseIsHere(const std::string& dataFolder, bool shared);

/// After the first time that it was opened.
[[nodiscard]] Result<Unit> rememberDatabase(const std::string& dataFolder, bool shared);

}  // namespace weir::cli
