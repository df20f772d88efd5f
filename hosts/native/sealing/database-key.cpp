// Copy, sync, rename; the ring says beforehand which keys the file may have.
#include "hosts/native/sealing/database-key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "adapters/sqlite/database.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/file-errors.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::native {
namespace {

Result<void> syncFile(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.isOpen()) return std::unexpected(fileError(errno, path, "open"));
  if (::fsync(file.get()) != 0)
    return fail("files.sync_failed", "'" + path + "' could not be brought to the disk; check the disk");
  return {};
}

}  // namespace

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
  const auto path = databasePath(dataFolder), making = path + ".making";
  sqlite::OpenOptions options;
  options.access = sqlite::Access::write;
  if (from != nullptr) options.key = *from;
  {
    WEIR_ASSIGN(auto database, sqlite::Database::open(path, options));
    WEIR_TRY(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  ::unlink(making.c_str());
  WEIR_TRY(sqlite::Database::recode(path, options, making, &to));
  WEIR_TRY(syncFile(making));
  // A log of the old file must never meet the new one.
  for (const auto* ending : {"-wal", "-shm"}) ::unlink((path + ending).c_str());
  if (::rename(making.c_str(), path.c_str()) != 0) return std::unexpected(fileError(errno, path, "replace"));
  return syncFolder(dataFolder);
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
