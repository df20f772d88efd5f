// Tries the keys, newest first.
#include "hosts/native/state/sealed-state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "adapters/sqlite/database.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/file-errors.h"
#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::native {

Result<void> recodeState(const std::string& path, const sodium::Key* from, const sodium::Key& to) {
  const auto making = path + ".making";
  sqlite::OpenOptions options;
  options.access = sqlite::Access::write;
  if (from != nullptr) options.key = *from;
  {
    WEIR_ASSIGN(auto database, sqlite::Database::open(path, options));
    WEIR_TRY(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  ::unlink(making.c_str());
  WEIR_TRY(sqlite::Database::recode(path, options, making, &to));
  {
    const Descriptor file(::open(making.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen()) return std::unexpected(fileError(errno, making, "open"));
    if (::fsync(file.get()) != 0)
      return fail("files.sync_failed", "'" + making + "' could not be brought to the disk; check the disk");
  }
  // A log of the old file must never meet the new one.
  for (const auto* ending : {"-wal", "-shm"}) ::unlink((path + ending).c_str());
  if (::rename(making.c_str(), path.c_str()) != 0) return std::unexpected(fileError(errno, path, "replace"));
  return syncFolder(folderOf(path));
}

Result<std::unique_ptr<FileStateStore>> openState(FileStateOptions options, const FileKeys& keys, Clock& clock) {
  if (keys.empty()) return FileStateStore::open(options, clock);
  options.key = keys.current();
  auto opened = FileStateStore::open(options, clock);
  if (opened || opened.error().code != "sql.key") return opened;
  for (const auto& key : keys.keys) {
    WEIR_ASSIGN(const bool fits, opensWith(options.path, &key));
    if (!fits) continue;
    WEIR_TRY(recodeState(options.path, &key, keys.current()));
    return FileStateStore::open(options, clock);
  }
  return fail("state.corrupt", "the state file '" + options.path +
                                   "' is not encrypted with a key of its folder: it was put there by somebody else, is "
                                   "damaged, or comes from before the data folder was encrypted");
}

}  // namespace weir::native
