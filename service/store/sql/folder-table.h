// Settings of folders in the service's database.
#pragma once

#include "service/store/folder-settings.h"
#include "service/store/sql/database.h"
#include "service/store/sql/epochs.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& folderKind();

/// Thread-safe. The database outlives it.
class SqlFolderSettings final : public FolderSettings {
 public:
  explicit SqlFolderSettings(Database& database) : database_(database) {}
  Operation<std::vector<FolderRecord>> load(Waker waker) override;
  Operation<Unit> commit(std::vector<FolderChange> changes, std::vector<AuditEntry> entries, Waker waker) override;
  void goWithNext(const std::shared_ptr<CarriedChanges>& carried) override;
  Operation<std::optional<FolderNews>> changed(bool all, Waker waker) override;
  void saw(const FolderNews& news) override;
  [[nodiscard]] std::int64_t epoch() const override { return epochs_.seen().epoch; }

 private:
  Database& database_;
  Epochs epochs_{"folders"};
};

/// For databases: the job of a change, with the changes of folders that go with it.
[[nodiscard]] std::unique_ptr<StoreJob> withCarried(const Database& database, std::unique_ptr<StoreJob> job);

}  // namespace weir::store::sql
