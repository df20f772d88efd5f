// The key of a data folder's database, changed so that a crash at any moment leaves a database that opens.
#pragma once

#include <cstdint>
#include <string>

#include "hosts/native/sealing/key-ring.h"

namespace weir::native {

/// Of a data folder.
[[nodiscard]] std::string databasePath(const std::string& dataFolder);
/// Whether the file opens with this key; null: without one. Errors `sql.*` but for the key.
[[nodiscard]] Result<bool> opensWith(const std::string& path, const sodium::Key* key);
/// Writes the database under another key into a copy beside it, which takes its place at once. Nobody has it open.
Result<void> recodeDatabase(const std::string& dataFolder, const sodium::Key* from, const sodium::Key& to);
/// After a change that was interrupted: whichever key opens the database is the one.
Result<void> finishDatabaseKey(const std::string& dataFolder, KeyRing& ring);
/// A new key, written down before the database takes it. Nobody has it open.
Result<void> changeDatabaseKey(const std::string& dataFolder, KeyRing& ring, std::int64_t nowMs);

}  // namespace weir::native
