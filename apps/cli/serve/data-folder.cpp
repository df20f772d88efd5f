// Finds and makes the data folder.
#include "apps/cli/serve/data-folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace weir::cli {
namespace {

std::unexpected<Error> refused(const std::string& path, std::string_view why) {
  return fail("server.data", "the data folder '" + path + "' cannot be used: " + std::string(why));
}

}  // namespace

std::string dataFolderOf(const Config& config) {
  const auto& project = config.text("project");
  return project.empty() || config.given("data") ? config.text("data") : project + "/.weir";
}

Result<Unit> prepareDataFolder(const std::string& path) {
  std::error_code error;
  const auto parent = std::filesystem::absolute(path, error).parent_path();
  if (!error) std::filesystem::create_directories(parent, error);
  if (error) return refused(path, "the folder around it cannot be made: " + error.message());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return refused(path, std::strerror(errno));
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return refused(path, std::strerror(errno));
  if (!S_ISDIR(found.st_mode)) return refused(path, "it is no folder");
  if (found.st_uid != ::geteuid()) return refused(path, "it belongs to another user");
  // What is in it is nobody else's to read, whoever made it.
  if ((found.st_mode & 077) != 0 && ::chmod(path.c_str(), 0700) != 0) return refused(path, std::strerror(errno));
  if (::access(path.c_str(), W_OK | X_OK) != 0) return refused(path, std::strerror(errno));
  return Unit{};
}

}  // namespace weir::cli
