// Counted files.
#include "apps/cli/numbered-files.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <utility>

namespace weir::cli {
namespace fs = std::filesystem;

std::string numberedName(std::int64_t number, std::string_view ending) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%06lld", static_cast<long long>(number));
  return digits + std::string(ending);
}

std::int64_t numberOfPath(const std::string& path) {
  const auto name = fs::path(path).filename().string();
  const auto digits = name.substr(0, name.find('.'));
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() && !digits.empty() ? number : 0;
}

std::vector<std::string> numberedIn(const std::string& folder) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (const auto number = numberOfPath(at->path().string()); number > 0)
      found.emplace_back(number, at->path().string());
  }
  std::ranges::sort(found);
  std::vector<std::string> paths;
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

std::int64_t lastNumberIn(const std::string& folder) {
  const auto all = numberedIn(folder);
  return all.empty() ? 0 : numberOfPath(all.back());
}

Result<void> makeFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail("files.io", "cannot make the folder '" + folder + "': " + error.message());
  return {};
}

std::int64_t bytesBelow(const std::string& folder) {
  std::int64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code inner;
    if (!at->is_regular_file(inner)) continue;
    const auto size = at->file_size(inner);
    if (!inner) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

}  // namespace weir::cli
