// MemoryFolderSettings: settings of folders that last as long as the program.
#pragma once

#include <map>
#include <tuple>
#include <utility>

#include "service/store/folder-settings.h"

namespace weir::store {

/// One thread.
class MemoryFolderSettings final : public FolderSettings {
 public:
  Operation<std::vector<FolderRecord>> load(Waker) override {
    std::vector<FolderRecord> all;
    for (const auto& [key, record] : records_) all.push_back(record);
    return Operation<std::vector<FolderRecord>>::finished(std::move(all));
  }
  Operation<Unit> commit(std::vector<FolderChange> changes, std::vector<AuditEntry>, Waker) override {
    for (auto& change : changes) {
      const auto key = std::tuple(change.folder, change.kind, change.name);
      if (change.body) {
        records_[key] = {std::move(change.folder), std::move(change.kind), std::move(change.name),
                         std::move(*change.body),  change.changedAt,       std::move(change.changedBy)};
      } else {
        records_.erase(key);
      }
    }
    return Operation<Unit>::finished(Unit{});
  }
  /// Without a change that they could go with they are kept at once.
  void goWithNext(const std::shared_ptr<CarriedChanges>& carried) override {
    static_cast<void>(commit(carried->changes, {}, {}));
    carried->state = CarriedChanges::State::kept;
  }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, FolderRecord> records_;
};

}  // namespace weir::store
