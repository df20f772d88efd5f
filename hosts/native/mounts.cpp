// What a path in a flow means here.
#include "hosts/native/mounts.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <utility>
#include <vector>

#include "engine/node/file-sink.h"
#include "engine/text/glob.h"

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

/// Without links changed: messages and absolute links mean the folder as it was given.
std::string absoluteFolder(std::string folder) {
  if (!folder.starts_with('/')) {
    std::array<char, PATH_MAX> here;
    if (::getcwd(here.data(), here.size()) != nullptr) folder = std::string(here.data()) + "/" + folder;
  }
  while (folder.ends_with("/.")) folder.resize(folder.size() - 2);
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder.empty() ? "/" : folder;
}

}  // namespace

void Mounts::add(std::string name, std::string folder) {
  auto absolute = absoluteFolder(std::move(folder));
  roots_.insert(absolute);
  mounts_.insert_or_assign(std::move(name), Mount{std::move(absolute), true});
}

void Mounts::give(std::string name, std::string folder, bool writes) {
  given_ = true;
  mounts_.insert_or_assign(std::move(name), Mount{std::move(folder), writes});
}

void Mounts::addAbsolute(std::string_view pattern) {
  const auto path = normalise(pattern, pattern);
  if (!path) return;
  const auto whole = "/" + *path;
  named_.insert(whole);
  named_.insert(partPathOf(whole));
  for (auto at = whole.rfind('/'); at != 0 && at != std::string::npos; at = whole.rfind('/', at - 1)) {
    onTheWay_.insert(whole.substr(0, at));
  }
  const auto glob = Glob::compile(pattern);
  const auto prefix = glob ? glob->literalPrefix() : std::string();
  const auto start = normalise(prefix, prefix);
  roots_.insert(glob && !glob->isLiteral() && start ? "/" + *start : whole);
}

Result<Resolved> Mounts::resolveAbsolute(std::string_view path) const {
  WEIR_ASSIGN(const auto relative, normalise(path, path));
  const auto whole = "/" + relative;
  if (named_.contains(whole)) return Resolved{whole, "", true, true};
  for (std::size_t size = whole.size(); size != std::string::npos;
       size = size == 0 ? size - 1 : whole.rfind('/', size - 1)) {
    const auto root = size == 0 ? std::string("/") : whole.substr(0, size);
    if (!roots_.contains(root)) continue;
    return Resolved{root, size == whole.size() ? "" : whole.substr(size + 1), false, true};
  }
  if (given_) {
    return fail("files.outside_mount",
                "'" + std::string(path) +
                    "' is absolute, and a flow of a server only sees the mounts of its folder: name the file as "
                    "MOUNT:path; an administrator gives mounts");
  }
  return fail("files.outside_mount",
              "'" + std::string(path) +
                  "' is absolute and lies in no mount of this run; give its folder with --mount NAME=FOLDER");
}

Result<Resolved> Mounts::resolveFolder(std::string_view path) const {
  if (path.starts_with('/')) {
    WEIR_ASSIGN(const auto relative, normalise(path, path));
    if (onTheWay_.contains("/" + relative)) return Resolved{"/" + relative, "", true, true};
  }
  return resolve(path);
}

Result<Resolved> Mounts::resolve(std::string_view path) const {
  if (path.find('\0') != std::string_view::npos) return fail("files.outside_mount", "a path holds a NUL byte");
  if (path.starts_with('/')) return resolveAbsolute(path);
  std::string_view name = "project";
  auto rest = path;
  const auto colon = path.find(':');
  if (colon != std::string_view::npos && path.substr(0, colon).find('/') == std::string_view::npos) {
    name = path.substr(0, colon);
    rest = path.substr(colon + 1);
  }
  const auto mount = mounts_.find(name);
  if (mount == mounts_.end()) {
    return fail("files.unknown_mount", "there is no mount '" + std::string(name) + "' for '" + std::string(path) +
                                           (given_ ? "'; an administrator gives mounts to the folders of a server"
                                                   : "'; give one with --mount " + std::string(name) + "=FOLDER"));
  }
  WEIR_ASSIGN(auto relative, normalise(rest, path));
  return Resolved{mount->second.folder, std::move(relative), false, mount->second.writes};
}

}  // namespace weir::native
