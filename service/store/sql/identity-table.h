// Users, groups, sessions, tokens and grants in the service's database.
#pragma once

#include "service/store/identities.h"
#include "service/store/sql/database.h"
#include "service/store/sql/epochs.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& identityKind();

/// Thread-safe. The database outlives it.
class SqlIdentities final : public Identities {
 public:
  explicit SqlIdentities(Database& database) : database_(database) {}
  Operation<std::vector<IdentityRecord>> load(Waker waker) override;
  Operation<Unit> commit(std::vector<IdentityChange> changes, std::vector<AuditEntry> entries, Waker waker) override;
  Operation<std::optional<IdentityNews>> changed(bool all, Waker waker) override;
  void saw(const IdentityNews& news) override;

 private:
  Database& database_;
  // Apart, so that who signs in at one server is in nobody's way at another.
  Epochs people_{"people"}, sessions_{"sessions"};
};

}  // namespace weir::store::sql
