// Settings by folder, kind and name; the front keeps all of them in memory.
#include "service/store/sql/folder-table.h"

#include <utility>

#include "service/store/sql/audit-table.h"
#include "service/store/sql/kinds.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE folder_settings (folder TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, "
     "changed_at BIGINT NOT NULL, changed_by TEXT NOT NULL, PRIMARY KEY (folder, kind, name)) WITHOUT ROWID"}};

Result<void> put(Session& session, const FolderChange& change) {
  if (!change.body) {
    WEIR_TRY(session.exec("DELETE FROM folder_settings WHERE folder = ? AND kind = ? AND name = ?",
                          {change.folder, change.kind, change.name}));
    return {};
  }
  WEIR_TRY(
      session.exec("INSERT INTO folder_settings (folder, kind, name, body, changed_at, changed_by) "
                   "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (folder, kind, name) DO UPDATE SET body = excluded.body, "
                   "changed_at = excluded.changed_at, changed_by = excluded.changed_by",
                   {change.folder, change.kind, change.name, *change.body, change.changedAt, change.changedBy}));
  return {};
}

}  // namespace

const Kind& folderKind() {
  static constexpr Kind kKind{"folder-settings", kSteps};
  return kKind;
}

Operation<std::vector<FolderRecord>> SqlFolderSettings::load(Waker waker) {
  return database_.read<std::vector<FolderRecord>>(
      std::move(waker), [](Session& session) -> Result<std::vector<FolderRecord>> {
        WEIR_ASSIGN(const auto rows, session.query("SELECT folder, kind, name, body, changed_at, changed_by FROM "
                                                   "folder_settings ORDER BY folder, kind, name"));
        std::vector<FolderRecord> records;
        for (const auto& row : rows) {
          records.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4), row.text(5)});
        }
        return records;
      });
}

Operation<Unit> SqlFolderSettings::commit(std::vector<FolderChange> changes, std::vector<AuditEntry> entries,
                                          Waker waker) {
  return database_.write<Unit>(
      std::move(waker), [changes = std::move(changes), entries = std::move(entries)](Session& session) -> Result<Unit> {
        for (const auto& change : changes) WEIR_TRY(put(session, change));
        WEIR_TRY(appendAudit(session, entries));
        return Unit{};
      });
}

}  // namespace weir::store::sql
