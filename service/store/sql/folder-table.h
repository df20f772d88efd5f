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
  void goWithNext(const std::shared_ptr<CarriedChanges>& carried) override;

 private:
  Database& database_;
};

/// For databases: the job of a change, with the changes of folders that go with it.
[[nodiscard]] std::unique_ptr<StoreJob> withCarried(const Database& database, std::unique_ptr<StoreJob> job);

}  // namespace weir::store::sql
