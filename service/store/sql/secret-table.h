// Secrets in the database, sealed.
#pragma once

#include <memory>

#include "adapters/sodium/sodium.h"
#include "engine/host/clock.h"
#include "service/store/secrets.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& secretKind();

/// `key` seals the values, each tied to its folder and name; without one they are stored as they are, which only a data
/// folder without encryption does. Database and clock outlive it.
[[nodiscard]] std::unique_ptr<Secrets> secretsIn(Database& database, Clock& clock, const sodium::Key* key);

}  // namespace weir::store::sql
