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

/// A file for a mount.
struct FileToPut {
  std::string directory{};  // of the mount; empty: the files of the folder itself
  std::string folder{};
  std::string path{};  // below it; its parts lead neither up nor away
  std::string bytes{};
  bool onlyNew = false;
};

class FolderGuard {
 public:
  virtual ~FolderGuard() = default;
  /// As the server's own user. `mount.refused` for what no flow may have: the server's own files, /proc, /sys, /dev,
  /// and what holds them; files.* for what is no folder or cannot be looked at.
  [[nodiscard]] virtual Result<MountReport> look(const std::string& directory, bool writes) = 0;
  /// Writes it whole or not at all, with the folders on its way, through no link. True: there was none. Blocks; from
  /// any thread. `mount.refused`, `storage.exists`, files.*
  [[nodiscard]] virtual Result<bool> put(const FileToPut& file) = 0;
  /// `network.policy` for entries that say nothing.
  [[nodiscard]] virtual Result<void> check(const folders::Network& network) = 0;
};

}  // namespace weir::api
