// Reads a folder of flows.
#include "apps/cli/as-code/flow-folder.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "apps/cli/command.h"
#include "apps/cli/flow-file.h"
#include "engine/flow/format.h"

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

std::string folderFor(const fs::path& file, const std::string& root, const std::string& base) {
  const auto relative = file.parent_path().lexically_relative(root).generic_string();
  if (relative.empty() || relative == ".") return base;
  return base.empty() ? relative : base + "/" + relative;
}

}  // namespace

Result<std::vector<fs::path>> flowFilesBelow(const std::string& root, fs::directory_options options) {
  std::vector<fs::path> found;
  std::error_code error;
  fs::recursive_directory_iterator at(root, options, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    std::error_code unknown;
    if (at->is_directory(unknown)) {
      if (name.starts_with('.') || name == "node_modules") at.disable_recursion_pending();
    } else if (name.ends_with(".flow.json") && !name.starts_with('.')) {
      found.push_back(at->path());
    }
  }
  if (error) return fail("files.io", "cannot look through '" + root + "': " + error.message());
  std::ranges::sort(found);
  return found;
}

Result<std::vector<FolderFlow>> readFlowFolder(const std::string& root, const std::string& base) {
  if (!isFolder(root)) return fail("files.not_found", "'" + root + "' is no folder; name one with *.flow.json files");
  WEIR_ASSIGN(const auto paths, flowFilesBelow(root));
  std::vector<FolderFlow> flows;
  std::map<std::string, std::string> files;  // by id
  std::size_t wrong = 0;
  for (const auto& path : paths) {
    auto document = readFlow(path.string());
    if (!document) {
      ++wrong;
      continue;
    }
    const auto [other, first] = files.emplace(document->id, path.string());
    if (!first) {
      ++wrong;
      std::fprintf(stderr, "%s: its id '%s' is also that of %s; a flow has one file\n", path.c_str(),
                   document->id.c_str(), other->second.c_str());
      continue;
    }
    auto text = flow::formatFlow(*document);
    flows.push_back({path.string(), folderFor(path, root, base), std::move(*document), std::move(text)});
  }
  if (wrong == 0) return flows;
  return fail("flow.invalid", std::to_string(wrong) + " of " + std::to_string(paths.size()) +
                                  " documents cannot be taken; nothing was sent");
}

bool isPlainName(std::string_view name) {
  if (name.empty() || name.size() > 200 || name.starts_with('.') || name == "node_modules") return false;
  return std::ranges::none_of(name, [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 32; });
}

std::string fileNameOf(std::string_view id) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string name;
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unsafe = byte < 32 || byte == 127 || std::string_view("/\\:*?\"<>|%").contains(c);
    if (!unsafe && (c != '.' || !name.empty())) {
      name += c;
      continue;
    }
    name += '%';
    name += kDigits[byte >> 4U];
    name += kDigits[byte & 15U];
  }
  return name;
}

std::string below(const std::string& base, const std::string& folder) {
  if (base.empty()) return folder;
  if (folder == base || !folder.starts_with(base + "/")) return {};
  return folder.substr(base.size() + 1);
}

}  // namespace weir::cli
