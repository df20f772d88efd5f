// Paths of a project's files, and marks of their state.
#pragma once

#include <sys/stat.h>

#include <string>

namespace weir::cli {

/// Another one after each change of the file; empty: it is not there.
[[nodiscard]] inline std::string stampOf(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  return std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec) + " " +
         std::to_string(found.st_size) + " " + std::to_string(found.st_ino);
}

/// "reports" of "reports/daily.flow.json"; empty: the root.
[[nodiscard]] inline std::string folderPart(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace weir::cli
