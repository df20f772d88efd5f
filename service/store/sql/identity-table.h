// Users, groups, sessions, tokens and grants in the service's database.
#pragma once

#include "service/store/identities.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& identityKind();

/// Thread-safe. The database outlives it.
class SqlIdentities final : public Identities {
 public:
  explicit SqlIdentities(Database& database) : database_(database) {}
  Operation<std::vector<IdentityRecord>> load(Waker waker) override;
  Operation<Unit> commit(std::vector<IdentityChange> changes, std::vector<AuditEntry> entries, Waker waker) override;

 private:
  Database& database_;
};

}  // namespace weir::store::sql
