// Whether the disk under a folder has become read-only, as Linux makes it after errors.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>

namespace weir::engines {

[[nodiscard]] inline bool isOnReadOnlyDisk(const std::string& folder) {
  return ::access(folder.c_str(), W_OK) != 0 && errno == EROFS;
}

}  // namespace weir::engines
