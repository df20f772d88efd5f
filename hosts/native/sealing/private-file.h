// Small files for their owner alone, read whole and replaced whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::native {

[[nodiscard]] bool fileThere(const std::string& path);
/// The folder and those above it, for their owner alone where they are not there. Errors `files.*`.
Result<void> makePrivateFolder(const std::string& path);
/// Errors `files.*`, and `key.file` for what others may read, is no ordinary file, or is larger than `mostBytes`.
[[nodiscard]] Result<std::string> readPrivateFile(const std::string& path, std::int64_t mostBytes);
/// Mode 0600, in one go: after a crash the old text is there or the new one, and what has returned is on the disk.
/// `mustBeNew`: `files.exists` if something is there.
Result<void> writePrivateFile(const std::string& path, std::string_view text, bool mustBeNew = false);
/// What was renamed, made or removed in the folder is on the disk.
Result<void> syncFolder(const std::string& path);
/// The folder that a path lies in.
[[nodiscard]] std::string folderOf(const std::string& path);

}  // namespace weir::native
