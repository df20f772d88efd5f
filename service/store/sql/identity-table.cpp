// Records by kind and id; the front keeps all of them in memory, so that no column is ever searched.
#include "service/store/sql/identity-table.h"

#include <utility>

#include "service/store/sql/audit-table.h"
#include "service/store/sql/kinds.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE identities (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, "
     "PRIMARY KEY (kind, id)) WITHOUT ROWID"}};

}  // namespace

const Kind& identityKind() {
  static constexpr Kind kKind{"identities", kSteps};
  return kKind;
}

Operation<std::vector<IdentityRecord>> SqlIdentities::load(Waker waker) {
  return database_.read<std::vector<IdentityRecord>>(
      std::move(waker), [](Session& session) -> Result<std::vector<IdentityRecord>> {
        WEIR_ASSIGN(const auto rows, session.query("SELECT kind, id, body FROM identities ORDER BY kind, id"));
        std::vector<IdentityRecord> records;
        for (const auto& row : rows) records.push_back({row.text(0), row.text(1), row.text(2)});
        return records;
      });
}

Operation<Unit> SqlIdentities::commit(std::vector<IdentityChange> changes, std::vector<AuditEntry> entries,
                                      Waker waker) {
  return database_.write<Unit>(
      std::move(waker), [changes = std::move(changes), entries = std::move(entries)](Session& session) -> Result<Unit> {
        for (const auto& change : changes) {
          if (!change.body) {
            WEIR_TRY(session.exec("DELETE FROM identities WHERE kind = ? AND id = ?", {change.kind, change.id}));
            continue;
          }
          WEIR_TRY(
              session.exec("INSERT INTO identities (kind, id, body) VALUES (?, ?, ?) "
                           "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                           {change.kind, change.id, *change.body}));
        }
        WEIR_TRY(appendAudit(session, entries));
        return Unit{};
      });
}

}  // namespace weir::store::sql
