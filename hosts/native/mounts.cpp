// What a path in a flow means here.
#include "hosts/native/mounts.h"

namespace weir::native {
namespace {

/// Folds "." and ".."; an error if it climbs above its start.
Result<std::string> normalise(std::string_view path, std::string_view shown) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
      continue;
    }
    if (parts.empty()) {
      return fail("files.outside_mount",
                  "'" + std::string(shown) + "' leaves its mount; mount the folder you need with --mount");
    }
    parts.pop_back();
  }
  std::string out;
  for (const auto part : parts) out.append(out.empty() ? "" : "/").append(part);
  return out;
}

}  // namespace

void Mounts::add(std::string name, std::string folder, bool) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  mounts_.emplace_back(std::move(name), std::move(folder));
}

Result<Resolved> Mounts::resolve(std::string_view path) const {
  if (path.find('\0') != std::string_view::npos) return fail("files.outside_mount", "a path holds a NUL byte");
  if (path.starts_with('/')) {
    if (!absolute_) {
      return fail("files.outside_mount", "'" + std::string(path) + "' is absolute, and only mounts can be opened here");
    }
    WEIR_ASSIGN(auto relative, normalise(path, path));
    return Resolved{"", std::move(relative)};
  }
  std::string_view name = "project";
  auto rest = path;
  const auto colon = path.find(':');
  if (colon != std::string_view::npos && path.substr(0, colon).find('/') == std::string_view::npos) {
    name = path.substr(0, colon);
    rest = path.substr(colon + 1);
  }
  for (const auto& [known, folder] : mounts_) {
    if (known != name) continue;
    WEIR_ASSIGN(auto relative, normalise(rest, path));
    return Resolved{folder, std::move(relative)};
  }
  return fail("files.unknown_mount", "there is no mount '" + std::string(name) + "' for '" + std::string(path) +
                                         "'; give one with --mount " + std::string(name) + "=FOLDER");
}

}  // namespace weir::native
