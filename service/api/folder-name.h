// Names of folders, as people give them.
#pragma once

#include <string>
#include <string_view>

#include "service/api/refusal.h"

namespace weir::api {

/// A folder is a path such as `team/reports`; the root is empty. `api.folder` (400) for anything else: slashes at the
/// ends or side by side, `.` and `..`, control characters, backslashes, spaces at the ends of a part, parts of more
/// than 100 bytes, more than 16 parts.
[[nodiscard]] Expected<void> checkFolder(std::string_view folder);

/// For people: "the folder 'team'", "the root folder".
[[nodiscard]] std::string folderInWords(std::string_view folder);

}  // namespace weir::api
