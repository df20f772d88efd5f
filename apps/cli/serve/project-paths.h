// Paths of a project's files.
#pragma once

#include <string>

namespace weir::cli {

/// "reports" of "reports/daily.flow.json"; empty: the root.
[[nodiscard]] inline std::string folderPart(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace weir::cli
