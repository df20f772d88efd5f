// FolderSettings: what belongs to folders beside their flows: mounts, environments, network policy, claims of hooks, as
// texts that service/folders reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/operation.h"
#include "service/store/audit.h"

namespace weir::store {

struct FolderRecord {
  std::string folder, kind, name;
  std::string body;            // a JSON object
  std::int64_t changedAt = 0;  // milliseconds since 1970
  std::string changedBy;       // the id of a user
};

struct FolderChange {
  std::string folder, kind, name;
  std::optional<std::string> body;  // empty: it goes
  std::int64_t changedAt = 0;
  std::string changedBy{};
};

/// Changes that another change of the store takes along: filled in while they wait, and left alone from then on.
struct CarriedChanges {
  enum class State : std::uint8_t { waiting, taken, kept, lost };
  std::vector<FolderChange> changes;
  std::vector<AuditEntry> entries;
  std::atomic<State> state = State::waiting;
  std::int64_t epoch = 0;  // what was known of others' changes when they were begun
};

/// All of them, because another server on the same database has changed something.
struct FolderNews {
  std::vector<FolderRecord> records;
  std::int64_t epoch = 0;  // how far it goes
};

/// Errors are those of Store, and `storage.elsewhere`: another server has changed something that was not read yet.
class FolderSettings {
 public:
  virtual ~FolderSettings() = default;
  /// All of them, at a start, by folder, kind and name.
  virtual Operation<std::vector<FolderRecord>> load(Waker waker) = 0;
  /// All changes and their entries in the audit log, or none of them.
  virtual Operation<Unit> commit(std::vector<FolderChange> changes, std::vector<AuditEntry> entries, Waker waker) = 0;
  /// The change that this thread asks the store for next takes them along, in its transaction: all is kept, or nothing.
  /// Those that do not wait any more by then are left.
  virtual void goWithNext(const std::shared_ptr<CarriedChanges>& carried) = 0;
  /// Nothing: no other server has changed anything since what saw() said. With `all` what there is, in any case.
  virtual Operation<std::optional<FolderNews>> changed(bool, Waker) {
    return Operation<std::optional<FolderNews>>::finished(std::optional<FolderNews>());
  }
  /// These are known from now on.
  virtual void saw(const FolderNews&) {}
  /// What saw() said last.
  [[nodiscard]] virtual std::int64_t epoch() const { return 0; }
};

}  // namespace weir::store
