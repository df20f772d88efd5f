// A database in PostgreSQL whose address is kept elsewhere and may change.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "service/store/sql/database.h"

namespace weir::store::sql {

/// As openPostgres; `urlNow` is asked with each new connection, from any thread, since the password may be another one
/// by then. An error leaves the address that was known.
[[nodiscard]] Result<std::unique_ptr<Database>> openPostgres(const PostgresOptions& options,
                                                             std::function<Result<std::string>()> urlNow);

}  // namespace weir::store::sql
