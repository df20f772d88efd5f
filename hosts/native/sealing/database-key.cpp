// Copy, sync, rename; the ring says beforehand which keys the file may have.
#include "hosts/native/sealing/database-key.h"

#include <utility>

#include "adapters/sqlite/database.h"
#include "hosts/native/state/sealed-state.h"

namespace weir::native {

std::string databasePath(const std::string& dataFolder) { return dataFolder + "/weir.db"; }

Result<bool> opensWith(const std::string& path, const sodium::Key* key) {
  sqlite::OpenOptions options;
  options.access = sqlite::Access::write;
  if (key != nullptr) options.key = *key;
  auto database = sqlite::Database::open(path, options);
  auto looked = database ? database->execute("SELECT count(*) FROM sqlite_master")
                         : Result<void>(std::unexpected(database.error()));
  if (looked) return true;
  if (looked.error().code == "sql.key" || looked.error().code == "sql.corrupt") return false;
  return std::unexpected(std::move(looked.error()));
}

Result<void> recodeDatabase(const std::string& dataFolder, const sodium::Key* from, const sodium::Key& to) {
  return recodeState(databasePath(dataFolder), from, to);
}

Result<void> finishDatabaseKey(const std::string& dataFolder, KeyRing& ring) {
  if (ring.nextDatabase() == nullptr) return {};
  WEIR_ASSIGN(const bool taken, opensWith(databasePath(dataFolder), ring.nextDatabase()));
  return ring.endDatabaseKey(taken);
}

Result<void> changeDatabaseKey(const std::string& dataFolder, KeyRing& ring, std::int64_t nowMs) {
  WEIR_TRY(finishDatabaseKey(dataFolder, ring));
  WEIR_ASSIGN(const auto next, ring.beginDatabaseKey(nowMs));
  const auto now = *ring.database();
  WEIR_TRY(recodeDatabase(dataFolder, &now, next));
  return ring.endDatabaseKey(true);
}

}  // namespace weir::native
