// Finds the keys first: a folder without them was never a server's.
#include "apps/cli/serve/kept-database.h"

#include <utility>

#include "apps/cli/serve/data-folder.h"
#include "apps/cli/serve/key-options.h"
#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::cli {

std::optional<store::sql::PostgresOptions> postgresOptionsOf(const Config& config) {
  if (!config.given("database-url")) return std::nullopt;
  store::sql::PostgresOptions options;
  options.url = config.text("database-url");
  options.rootFile = config.text("database-ca");
  options.insecureTransport = config.flag("insecure-transport");
  options.timeoutMs = config.number("database-timeout");
  return options;
}

Result<std::unique_ptr<store::sql::Database>> openKeptDatabase(const Config& config) {
  const auto folder = dataFolderOf(config);
  WEIR_ASSIGN(const auto ring, openRing(keyOptions(config, folder)));
  if (auto options = postgresOptionsOf(config)) {
    options->asItIs = true;
    return store::sql::openPostgres(*options);
  }
  WEIR_TRY(checkOwnDatabase(folder));
  store::sql::SqliteOptions options;
  options.asItIs = true;
  if (const auto* key = ring.database()) options.key = *key;
  return store::sql::openSqlite(native::databasePath(folder), options);
}

}  // namespace weir::cli
