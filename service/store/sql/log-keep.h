// LogKeep: which log lines of runs are kept no longer, and their removal.
#pragma once

#include <cstdint>

#include "service/store/sql/database.h"

namespace weir::store::sql {

/// 0: no bound.
struct LogKeep {
  std::int64_t keepMs = 0, keepRows = 0, keepBytes = 0;
};

/// What a line counts, beside its text.
inline constexpr std::int64_t kLineBytes = 60;

/// Removes what is kept no longer, some hundred at most; gives how many went. Above a number or bytes the folder that
/// has most gives first, and of it the oldest. It waits: not for the server's thread.
[[nodiscard]] Result<std::int64_t> trimRunLogs(Database& database, LogKeep keep, std::int64_t nowMs);

}  // namespace weir::store::sql
