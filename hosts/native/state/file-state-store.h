// FileStateStore: a flow's state in one SQLite file that one process at a time owns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.h"
#include "engine/host/clock.h"
#include "engine/host/memory-state-store.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/job-thread.h"

namespace weir::native {

struct FileStateOptions {
  std::string path;  // of the file; its folders are made
  std::int64_t limitBytes = kStateLimitBytes;
  std::string vfs{};                 // tests
  std::optional<sodium::Key> key{};  // the file is encrypted with it
};

/// A commit is finished when it is synced. After a failed sync every further commit fails: nobody knows what the disk
/// holds. Calls run one after the other on a thread of the store's own.
class FileStateStore final : public StateStore {
 public:
  /// `state.busy` while another process (or store of this one) owns the file, `state.corrupt`, `state.version` for a
  /// file of a newer Weir, `state.unavailable`, `sql.key`.
  [[nodiscard]] static Result<std::unique_ptr<FileStateStore>> open(const FileStateOptions& options, Clock& clock);

  Operation<Unit> commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) override;
  Operation<std::optional<std::string>> get(std::string_view key, Waker waker) override;
  Operation<std::vector<StateEntry>> list(std::string_view prefix, std::string_view after, std::int64_t most,
                                          Waker waker) override;

  struct Private;
  FileStateStore(const Private&, Descriptor lock, Clock& clock, std::int64_t limitBytes)
      : lock_(std::move(lock)), clock_(clock), limitBytes_(limitBytes) {}

 private:
  [[nodiscard]] Result<void> begin(const FileStateOptions& options);
  [[nodiscard]] Result<Unit> commitNow(const std::vector<StateChange>& changes, std::uint64_t epoch);
  [[nodiscard]] Result<Unit> apply(const std::vector<StateChange>& changes, std::uint64_t epoch);
  [[nodiscard]] Result<std::int64_t> heldBytes();
  [[nodiscard]] Result<std::optional<std::string>> getNow(const std::string& key);
  [[nodiscard]] Result<std::vector<StateEntry>> listNow(const std::string& prefix, const std::string& after,
                                                        std::int64_t most);

  Descriptor lock_;
  Clock& clock_;
  std::int64_t limitBytes_;
  std::int64_t bytes_ = 0;
  std::uint64_t epoch_ = 0;
  std::optional<Error> broken_;
  sqlite::Database database_;
  sqlite::Statement put_, drop_, get_, list_, length_, setEpoch_, dropExpired_;
  JobThread thread_;  // the last member: its jobs use the others
};

}  // namespace weir::native
