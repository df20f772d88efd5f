// A file says it; folders of before there was one are known by what only runs and large documents leave.
#include "apps/cli/serve/own-database.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/key-ring.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOwn = "sqlite", kShared = "postgresql";

std::string markOf(const std::string& folder) { return folder + "/database"; }

std::unexpected<Error> refused(const std::string& folder, const std::string& why) {
  return fail("server.data", "the data folder '" + folder + "' " + why);
}

/// Nothing: it was never opened, or before this was written down.
std::optional<std::string> remembered(const std::string& folder) {
  if (!native::fileThere(markOf(folder))) return std::nullopt;
  auto text = native::readPrivateFile(markOf(folder), 64);
  if (!text) return std::nullopt;
  while (text->ends_with('\n')) text->pop_back();
  return std::move(*text);
}

bool holdsAnything(const std::string& folder) {
  std::error_code error;
  const fs::directory_iterator found(folder, error);
  return !error && found != fs::directory_iterator();
}

/// Empty: it is not there, or has nothing in it.
std::string beginOf(const std::string& path) {
  std::array<char, 16> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  return {bytes.data(), static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount()))};
}

}  // namespace

Result<Unit> checkDatabaseIsHere(const std::string& dataFolder, bool shared) {
  const auto known = remembered(dataFolder);
  const auto begin = beginOf(native::databasePath(dataFolder));
  if (shared) {
    if (known != kOwn || begin.empty()) return Unit{};
    return refused(dataFolder,
                   "has a database of its own, weir.db, and --database-url names another one, to which its runs and "
                   "documents do not belong. Leave --database-url out, or give another folder with --data. Nothing "
                   "was changed");
  }
  if (known == kShared) {
    return refused(dataFolder,
                   "belongs to records in a PostgreSQL: give their address with --database-url, or another folder "
                   "with --data. Nothing was changed");
  }
  const bool ring = native::fileThere(dataFolder + "/" + std::string(native::KeyRing::kFile));
  if (begin.empty()) {
    const bool used = known || holdsAnything(dataFolder + "/objects") || holdsAnything(dataFolder + "/runs");
    if (!used) return Unit{};
    return refused(dataFolder,
                   "has runs, documents or keys of a database, weir.db, that is not there or is empty. Put weir.db "
                   "back, restore a backup with weir restore, or give another folder with --data. Nothing was "
                   "changed");
  }
  if (!ring && !std::string_view("SQLite format 3\0", 16).starts_with(begin)) {
    return refused(dataFolder,
                   "has an encrypted database and no keys.json, without which nobody can read it. Put keys.json back "
                   "from a backup (a copy of the whole folder, or weir restore). Nothing was changed");
  }
  return Unit{};
}

Result<Unit> rememberDatabase(const std::string& dataFolder, bool shared) {
  const auto kind = shared ? kShared : kOwn;
  if (remembered(dataFolder) == kind) return Unit{};
  WEIR_TRY(native::writePrivateFile(markOf(dataFolder), std::string(kind) + "\n"));
  return Unit{};
}

}  // namespace weir::cli
