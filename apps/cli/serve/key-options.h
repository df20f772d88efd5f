// Where the master key of a data folder is, as settings say it.
#pragma once

#include <span>
#include <string>

#include "apps/cli/serve/config.h"
#include "hosts/native/sealing/data-keys.h"

namespace weir::cli {

/// Of `weir serve`, or of a command that has keySettings().
[[nodiscard]] native::DataKeysOptions keyOptions(const Config& config, const std::string& dataFolder);
/// The keys of a data folder that is there; nothing is made or changed. Those of native::KeyRing::open, and
/// `backup.no_data` for a folder that never was a data folder.
[[nodiscard]] Result<native::KeyRing> openRing(const native::DataKeysOptions& options);
/// `backup.no_data`: the server of this data folder has its records elsewhere, in a PostgreSQL.
Result<void> checkOwnDatabase(const std::string& dataFolder);
/// The settings of the groups Encryption and Vaults that say where a master key is, as `weir serve` has them.
[[nodiscard]] std::span<const Setting> keySettings();
/// Those, and the ones that say where the records are.
[[nodiscard]] std::span<const Setting> backupSettings();

}  // namespace weir::cli
