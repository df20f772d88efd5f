// Files and folders of one folder that are counted: 000001, 000002.ndjson and so on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir::cli {

[[nodiscard]] std::string numberedName(std::int64_t number, std::string_view ending = {});
/// 0: it has none.
[[nodiscard]] std::int64_t numberOfPath(const std::string& path);
/// Their paths, by number. Others, and a folder that is not there, give none.
[[nodiscard]] std::vector<std::string> numberedIn(const std::string& folder);
/// 0: there is none.
[[nodiscard]] std::int64_t lastNumberIn(const std::string& folder);
/// With those above it. `files.io`
[[nodiscard]] Result<void> makeFolder(const std::string& folder);
/// Of all files in the folder, or below it.
[[nodiscard]] std::int64_t bytesBelow(const std::string& folder);

}  // namespace weir::cli
