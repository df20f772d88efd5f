// FolderDisk: how much of the disk the runs of folders and the logs of their drafts use, and how much the runs have
// sent today, against what their quotas say, and whose intake stops.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "service/metrics/registry.h"
#include "service/resources/quotas/folder-use.h"
#include "service/store/operations.h"
#include "service/store/quotas.h"
#include "service/store/runs.h"

namespace weir::cli {

/// Looks every five seconds, or more often, on a thread of its own; the destructor ends it. Thread-safe. What it is
/// given outlives it.
class FolderDisk final : public metrics::Source, public api::FolderUse {
 public:
  FolderDisk(store::Quotas& quotas, store::Runs& runs, store::OperationLog& operations, std::string dataFolder,
             std::int64_t everyMs);
  ~FolderDisk() override;
  FolderDisk(const FolderDisk&) = delete;
  FolderDisk& operator=(const FolderDisk&) = delete;

  /// Why runs of the folder take nothing in now, for people; empty: they do.
  [[nodiscard]] std::string whyHeld(std::string_view folder) const;
  [[nodiscard]] api::FolderUsed usedIn(const std::string& folder) const override;
  void write(metrics::Exposition& out) override;
  /// A run of the folder has sent so much more.
  void addSent(const std::string& folder, std::int64_t bytes);
  /// addSent() for others, who end before it.
  [[nodiscard]] std::function<void(const std::string& folder, std::int64_t bytes)> counter() {
    return [this](const std::string& folder, std::int64_t bytes) { addSent(folder, bytes); };
  }

 private:
  struct Use {
    api::FolderUsed used{};
    std::int64_t most = 0;  // 0: no bound
    bool held = false;
    std::int64_t sent = 0, mostSent = 0;  // today; 0: no bound
  };
  void loop();
  void look();
  void storeSent();
  /// What each folder has that has files or logs.
  [[nodiscard]] std::map<std::string, api::FolderUsed> measured();
  [[nodiscard]] const std::string* folderOf(const std::string& run);

  store::Quotas& quotas_;
  store::Runs& runs_;
  store::OperationLog& operations_;
  std::string runsFolder_;
  std::int64_t everyMs_;
  std::map<std::string, std::string> folders_;  // of runs; the thread's own
  mutable std::mutex mutex_;
  std::condition_variable ends_;
  bool ending_ = false;
  std::map<std::string, Use> uses_;
  std::map<std::string, std::int64_t> sent_;  // by folder, and not stored yet
  std::thread thread_;                        // the last member: it begins when the others are there
};

}  // namespace weir::cli
