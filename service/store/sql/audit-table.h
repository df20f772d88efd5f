// The audit log in the service's database.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "service/store/audit.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& auditKind();

/// Appends inside the transaction of the change that the entries are about: both are kept, or neither.
Result<void> appendAudit(Session& session, std::span<const AuditEntry> entries);

/// What has come of a change of something with revisions; 0: there is no such number.
struct Revisions {
  std::int64_t before = 0, after = 0, version = 0;
};
/// The same of one entry; its detail, which is what was asked, is put beside the revisions.
Result<void> appendAudit(Session& session, AuditEntry entry, const Revisions& revisions);

/// The next change that this thread asks the database for takes the entry along, in its transaction: both are kept, or
/// neither.
void takeAlong(const Database& database, AuditEntry entry);
/// For databases: the job of a change, with what it is to take along.
[[nodiscard]] std::unique_ptr<StoreJob> withEntry(const Database& database, std::unique_ptr<StoreJob> job);

/// Entries are removed from the oldest on, never in between. 0: no bound.
struct AuditKeep {
  std::int64_t keepMs = 0, keepRows = 0, keepBytes = 0;
};
/// Removes what is older, or more, than is kept, some at a time; gives how many. What remains still vouches for itself:
/// the number and hash of the last one that was removed are kept, and an entry says so. The last entry always stays.
[[nodiscard]] Operation<std::int64_t> trimAudit(Database& database, AuditKeep keep, std::int64_t nowMs, Waker waker);

/// How many there were that have been removed.
[[nodiscard]] Operation<std::int64_t> trimmedEntries(Database& database, Waker waker);

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
