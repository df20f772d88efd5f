// One file that somebody puts into a folder of the machine.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::cli {

struct PutFile {
  std::string_view path;  // of parts that lead neither up nor away, with / between
  std::string_view bytes;
  bool onlyNew = false;
};

/// Writes it below the open folder: whole and safe on disk, or not at all. Folders on its way are made; none is reached
/// through a link. A file that is replaced keeps its rights. True: there was none. Errors: `files.outside_mount` for a
/// link on the way or in its place, `storage.exists`, `files.disk_full` also where no 256 MiB would be left, those of
/// fileError.
[[nodiscard]] Result<bool> putFile(int folder, const PutFile& file);

}  // namespace weir::cli
