// Settings of folders in the service's database.
#pragma once

#include "service/store/folder-settings.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& folderKind();

/// Thread-safe. The database outlives it.
class SqlFolderSettings final : public FolderSettings {
 public:
  explicit SqlFolderSettings(Database& database) : database_(database) {}
  Operation<std::vector<FolderRecord>> load(Waker waker) override;
  Operation<Unit> commit(std::vector<FolderChange> changes, std::vector<AuditEntry> entries, Waker waker) override;

 private:
  Database& database_;
};

}  // namespace weir::store::sql
