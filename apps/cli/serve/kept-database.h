// The database of a server, for commands that look at it.
#pragma once

#include <memory>
#include <optional>

#include "apps/cli/serve/config.h"
#include "service/store/sql/database.h"

namespace weir::cli {

/// Where the settings say that the records are, if not in the data folder; nothing: there.
[[nodiscard]] std::optional<store::sql::PostgresOptions> postgresOptionsOf(const Config& config);

/// Of the data folder, or at the address, that the settings name, as it is: nothing is made or changed.
/// `backup.no_data` for a folder that is none of a server; those of native::KeyRing::open and of the database.
[[nodiscard]] Result<std::unique_ptr<store::sql::Database>> openKeptDatabase(const Config& config);

}  // namespace weir::cli
