// The write-ahead log of an SQLite database, after a failed sync.
#pragma once

#include <string>

namespace weir::store::sql {

/// Takes from the log of the database at `path` what was written behind its last commit: nobody was told that it is
/// there, so it must not be there when the file is opened again. Whoever has it open ends without another word to it.
void cutSqliteLog(const std::string& path);

}  // namespace weir::store::sql
