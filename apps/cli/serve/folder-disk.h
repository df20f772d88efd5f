// FolderDisk: how much of the disk the runs of folders use, against what their quotas say, and whose intake stops.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "service/metrics/registry.h"
#include "service/store/quotas.h"
#include "service/store/runs.h"

namespace weir::cli {

/// Looks every five seconds, or more often, on a thread of its own; the destructor ends it. Thread-safe. What it is
/// given outlives it.
class FolderDisk final : public metrics::Source {
 public:
  FolderDisk(store::Quotas& quotas, store::Runs& runs, std::string dataFolder, std::int64_t everyMs);
  ~FolderDisk() override;
  FolderDisk(const FolderDisk&) = delete;
  FolderDisk& operator=(const FolderDisk&) = delete;

  /// Why runs of the folder take nothing in now, for people; empty: they do.
  [[nodiscard]] std::string whyHeld(std::string_view folder) const;
  /// Of the folder and all below it, when it was looked at last; only of those with a quota of disk.
  [[nodiscard]] std::int64_t usedBytes(const std::string& folder) const;
  void write(metrics::Exposition& out) override;

 private:
  struct Use {
    std::int64_t bytes = 0, most = 0;
    bool held = false;
  };
  void loop();
  void look();
  /// Bytes of each folder that has files.
  [[nodiscard]] std::map<std::string, std::int64_t> measured();
  [[nodiscard]] const std::string* folderOf(const std::string& run);

  store::Quotas& quotas_;
  store::Runs& runs_;
  std::string runsFolder_;
  std::int64_t everyMs_;
  std::map<std::string, std::string> folders_;  // of runs; the thread's own
  mutable std::mutex mutex_;
  std::condition_variable ends_;
  bool ending_ = false;
  std::map<std::string, Use> uses_;
  std::thread thread_;  // the last member: it begins when the others are there
};

}  // namespace weir::cli
