// FolderUse: how much of the disk the runs of folders take.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace weir::api {

struct FolderUsed {
  std::int64_t bytes = 0;                       // of the files of all runs of the folder and below it
  std::int64_t largestRun = 0;                  // of those of one run
  std::map<std::string, std::int64_t> parts{};  // by what they are for: journal, state, dead-letters, recordings, …
};

/// Thread-safe.
class FolderUse {
 public:
  virtual ~FolderUse() = default;
  /// As it was looked at last; nothing of a folder without a quota.
  [[nodiscard]] virtual FolderUsed usedIn(const std::string& folder) const = 0;
};

}  // namespace weir::api
