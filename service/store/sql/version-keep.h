// VersionKeep: which versions of flows are kept no longer, and their removal.
#pragma once

#include <cstdint>

#include "service/store/sql/database.h"

namespace weir::store::sql {

/// 0: no bound.
struct VersionKeep {
  std::int64_t keepMs = 0;
  std::int64_t keepRows = 0;  // of each flow, the newest
};

/// Removes what is kept no longer, some hundred at most; gives how many went. What was ever published, the newest
/// version of a flow, and what a run that goes on or a schedule names, stays. It waits: not for the server's thread.
[[nodiscard]] Result<std::int64_t> trimVersions(Database& database, VersionKeep keep, std::int64_t nowMs);

}  // namespace weir::store::sql
