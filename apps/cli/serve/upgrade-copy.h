// What is kept of a database when a newer program brings it up to date, until people say that they stay with that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/cli/serve/config.h"
#include "hosts/native/sealing/key-ring.h"
#include "service/store/sql/database.h"

namespace weir::cli {

/// A copy of the database beside it, `before-v21.db`, or of one elsewhere, `before-v21.backup`.
struct UpgradeCopy {
  std::string name;
  std::int64_t bytes = 0, madeMs = 0;
};

/// Those of a data folder, the oldest first.
[[nodiscard]] std::vector<UpgradeCopy> upgradeCopies(const std::string& dataFolder);

/// For the options of a database: makes the copy, sealed as the data folder is, and says so. `ring` and `config`
/// outlive it.
[[nodiscard]] store::sql::BeforeMigration keepCopy(const std::string& dataFolder, const native::KeyRing& ring,
                                                   const Config& config);

/// `upgrade.not_committed`: there are copies, which what is to be done would leave under the keys that they have.
[[nodiscard]] Result<void> checkNoCopies(const std::string& dataFolder);

}  // namespace weir::cli
