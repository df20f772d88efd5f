// The audit log in the service's database.
#pragma once

#include <span>

#include "service/store/audit.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& auditKind();

/// Appends inside the transaction of the change that the entries are about: both are kept, or neither.
Result<void> appendAudit(Session& session, std::span<const AuditEntry> entries);

/// Thread-safe. The database outlives it.
class SqlAuditLog final : public AuditLog {
 public:
  explicit SqlAuditLog(Database& database) : database_(database) {}
  Operation<Unit> append(std::vector<AuditEntry> entries, Waker waker) override;
  Operation<std::vector<AuditRecord>> list(AuditQuery query, Waker waker) override;
  Operation<AuditCheck> verify(Waker waker) override;

 private:
  Database& database_;
};

}  // namespace weir::store::sql
