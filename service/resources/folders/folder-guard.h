// FolderGuard: what a server lets folders have of its machine.
#pragma once

#include <cstdint>
#include <string>

#include "service/folders/folder-book.h"

namespace weir::api {

/// What a folder of the machine looks like to the server.
struct MountReport {
  bool reads = false, writes = false;
  std::int64_t entries = 0;  // up to a thousand are counted
  std::string problem;       // empty: it can be used as it is meant
};

class FolderGuard {
 public:
  virtual ~FolderGuard() = default;
  /// As the server's own user. `mount.refused` for what no flow may have: the server's own files, /proc, /sys, /dev,
  /// and what holds them; files.* for what is no folder or cannot be looked at.
  [[nodiscard]] virtual Result<MountReport> look(const std::string& directory, bool writes) = 0;
  /// `network.policy` for entries that say nothing.
  [[nodiscard]] virtual Result<void> check(const folders::Network& network) = 0;
};

}  // namespace weir::api
