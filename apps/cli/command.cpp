// What the commands share: reading, writing, complaining, the catalogue.
#include "apps/cli/command.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "nodes/catalogue.gen.h"

namespace weir::cli {
namespace fs = std::filesystem;

namespace {

/// Every schema.json below a folder, in order of paths.
Result<std::vector<fs::path>> packagesIn(const std::string& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end && !error; at.increment(error)) {
    if (at->path().filename() == "schema.json") found.push_back(at->path());
  }
  if (error) return fail("files.denied", "--nodes: cannot look through '" + folder + "': " + error.message());
  std::ranges::sort(found);
  return found;
}

Result<void> writeThrough(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.flush();
  if (file.good()) return {};
  return fail("files.io", "cannot write '" + path + "'; check the folder, its rights and the room on the disk");
}

}  // namespace

bool isFolder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

Result<Catalogue> loadCatalogue(const Shared& shared) {
  WEIR_ASSIGN(auto catalogue, Catalogue::make(builtinNodes()));
  for (const auto& folder : shared.nodeFolders) {
    if (!isFolder(folder)) return fail("files.not_found", "--nodes: '" + folder + "' is no folder");
    WEIR_ASSIGN(const auto packages, packagesIn(folder));
    for (const auto& path : packages) {
      WEIR_ASSIGN(const auto text, readText(path.string()));
      if (!catalogue.addPackage(text, path.string())) {
        std::fprintf(stderr, "warning: %s\n", catalogue.refusals().back().describe().c_str());
      }
    }
  }
  return catalogue;
}

Result<std::string> readText(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  if (isFolder(path)) return fail("files.is_folder", "'" + path + "' is a folder; name a file");
  std::ifstream file(path, std::ios::binary);
  if (!file.good())
    return fail("files.not_found", "cannot open '" + path + "'; check the path and the right to read it");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<void> writeText(const std::string& path, std::string_view text) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) return fail("files.is_folder", "'" + path + "' is a folder; name a file");
  // A device or a pipe is written to; a name beside it would take its place.
  if (fs::exists(status) && !fs::is_regular_file(status)) return writeThrough(path, text);
  // What a link points at is replaced, not the link.
  const auto resolved = fs::exists(status) ? fs::canonical(path, error).string() : path;
  const auto& target = error || resolved.empty() ? path : resolved;
  const auto part = target + ".weir-part";
  if (auto written = writeThrough(part, text); !written) {
    std::remove(part.c_str());
    return fail("files.io", "cannot write '" + path + "'; check the folder, its rights and the room on the disk");
  }
  fs::rename(part, target, error);
  if (error) return fail("files.io", "cannot rename '" + part + "' to '" + target + "': " + error.message());
  return {};
}

void printError(const Error& error) {
  std::fprintf(stderr, "error: %s [%.*s]\n", error.message.c_str(), static_cast<int>(error.code.size()),
               error.code.data());
}

void finish(const Result<int>& code, int& exitCode) {
  if (code) {
    exitCode = *code;
    return;
  }
  printError(code.error());
  const auto& error = code.error().code;
  const bool machine = error == "files.io" || error == "files.disk_full" || error == "memory.limit";
  exitCode = machine ? kFailed : kUsage;
}

}  // namespace weir::cli
