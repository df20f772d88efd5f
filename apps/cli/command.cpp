// What the commands share: reading, writing, complaining, the catalogue.
#include "apps/cli/command.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <set>

#include "engine/text/printable.h"
#include "nodes/catalogue.gen.h"

namespace weir::cli {
namespace fs = std::filesystem;

namespace {

void warnOf(const fs::path& path, const std::string& why) {
  std::fprintf(stderr, "warning: --nodes: cannot look through '%s', its nodes are not there: %s [files.denied]\n",
               path.string().c_str(), why.c_str());
}

/// Every schema.json below a folder, in order of paths; links are followed. What cannot be looked through is said.
std::vector<fs::path> packagesIn(const std::string& folder) {
  std::vector<fs::path> found;
  std::vector<fs::path> waiting{folder};
  std::set<fs::path> seen;  // a link may lead back
  while (!waiting.empty()) {
    const auto path = std::move(waiting.back());
    waiting.pop_back();
    std::error_code error;
    const auto real = fs::canonical(path, error);
    if (!error && !seen.insert(real).second) continue;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      std::error_code unknown;
      const auto status = at->status(unknown);
      if (at->path().filename() == "schema.json") {
        found.push_back(at->path());
      } else if (fs::is_directory(status)) {
        waiting.push_back(at->path());
      } else if (!fs::exists(status)) {
        warnOf(at->path(), unknown ? unknown.message() : "the link leads nowhere");
      }
    }
    if (error) warnOf(path, error.message());
  }
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

namespace {

/// The file that `path` leads to, or nothing if it is a device or a pipe. Error `files.is_folder`.
Result<std::optional<std::string>> regularTarget(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) return fail("files.is_folder", "'" + path + "' is a folder; name a file");
  // A device or a pipe is written to; a name beside it would take its place.
  if (fs::exists(status) && !fs::is_regular_file(status)) return std::nullopt;
  // What a link points at is replaced, not the link.
  auto resolved = fs::exists(status) ? fs::canonical(path, error).string() : path;
  return error || resolved.empty() ? path : resolved;
}

std::string partOf(const std::string& target) { return target + ".weir-part"; }

}  // namespace

bool isFolder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

Result<Catalogue> loadCatalogue(const Shared& shared) {
  WEIR_ASSIGN(auto catalogue, Catalogue::make(builtinNodes()));
  for (const auto& folder : shared.nodeFolders) {
    if (!isFolder(folder)) return fail("files.not_found", "--nodes: '" + folder + "' is no folder");
    for (const auto& path : packagesIn(folder)) {
      const auto text = readText(path.string());
      if (!text) {
        std::fprintf(stderr, "warning: --nodes: %s\n", printable(text.error().message).c_str());
      } else if (!catalogue.addPackage(*text, path.string())) {
        std::fprintf(stderr, "warning: %s\n", printable(catalogue.refusals().back().describe()).c_str());
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
  WEIR_ASSIGN(const auto target, regularTarget(path));
  if (!target) return writeThrough(path, text);
  const auto part = partOf(*target);
  if (auto written = writeThrough(part, text); !written) {
    std::remove(part.c_str());
    return fail("files.io", "cannot write '" + path + "'; check the folder, its rights and the room on the disk");
  }
  std::error_code error;
  fs::rename(part, *target, error);
  if (error) return fail("files.io", "cannot rename '" + part + "' to '" + *target + "': " + error.message());
  return {};
}

Result<void> checkWritable(const std::string& path) {
  WEIR_ASSIGN(const auto target, regularTarget(path));
  if (!target) {
    if (::access(path.c_str(), W_OK) == 0) return {};
    return fail("files.io", "cannot write '" + path + "': " + std::strerror(errno));
  }
  const auto part = partOf(*target);
  if (auto written = writeThrough(part, ""); !written)
    return fail("files.io", "cannot write '" + path + "'; check the folder, its rights and the room on the disk");
  std::remove(part.c_str());
  return {};
}

void printError(const Error& error) {
  std::fprintf(stderr, "error: %s [%.*s]\n", printable(error.message).c_str(), static_cast<int>(error.code.size()),
               error.code.data());
}

int exitCodeOf(const Error& error) {
  const auto& code = error.code;
  const bool machine = code == "files.io" || code == "files.disk_full" || code == "memory.limit";
  return machine ? kFailed : kUsage;
}

void finish(const Result<int>& code, int& exitCode) {
  if (code) {
    exitCode = *code;
    return;
  }
  printError(code.error());
  exitCode = exitCodeOf(code.error());
}

}  // namespace weir::cli
