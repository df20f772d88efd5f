// Copies a file of SQLite, or dumps a database elsewhere into a file of backups.
#include "apps/cli/serve/upgrade-copy.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "adapters/sqlite/database.h"
#include "apps/cli/serve/kept-database.h"
#include "apps/cli/serve/server-words.h"
#include "engine/node/version.h"
#include "hosts/native/backup/data-backup.h"
#include "hosts/native/file-errors.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/private-file.h"
#include "service/store/sql/postgres-dump.h"

namespace weir::cli {
namespace {

constexpr std::string_view kFileEnding = ".db", kDumpEnding = ".backup";

Result<void> copyFile(const std::string& dataFolder, const native::KeyRing& ring, const std::string& path) {
  const auto making = path + ".making";
  ::unlink(making.c_str());
  sqlite::OpenOptions options;
  options.access = sqlite::Access::write;
  if (const auto* key = ring.database()) options.key = *key;
  WEIR_ASSIGN(auto database, sqlite::Database::open(native::databasePath(dataFolder), options));
  WEIR_TRY(database.copyTo(making, options));
  if (::rename(making.c_str(), path.c_str()) != 0) return std::unexpected(native::fileError(errno, path, "make"));
  return native::syncFolder(dataFolder);
}

Result<void> dump(const std::string& dataFolder, const native::KeyRing& ring, const Config& config,
                  const std::string& path) {
  const auto elsewhere = postgresOptionsOf(config);
  if (!elsewhere) return fail("settings.invalid", "no database is named");
  std::unique_ptr<store::sql::PostgresDump> taken;
  native::BackupOptions options;
  options.dataFolder = dataFolder;
  options.path = path;
  options.weir = kEngineVersion;
  options.nowMs = native::NativeClock().nowMicros() / 1000;
  options.records.begin = [&]() -> Result<void> {
    WEIR_ASSIGN(taken, store::sql::PostgresDump::begin(*elsewhere));
    return {};
  };
  options.records.write = [&](const native::BackupRecords::Take& take) { return taken->write(take); };
  WEIR_TRY(native::backUpRecords(options, ring));
  return {};
}

}  // namespace

std::vector<UpgradeCopy> upgradeCopies(const std::string& dataFolder) {
  std::vector<UpgradeCopy> copies;
  std::error_code error;
  for (std::filesystem::directory_iterator at(dataFolder, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    const bool known = name.ends_with(kFileEnding) || name.ends_with(kDumpEnding);
    struct stat found{};
    if (!name.starts_with(native::kBeforeUpgrade) || !known || ::lstat(at->path().c_str(), &found) != 0) continue;
    if (!S_ISREG(found.st_mode)) continue;
    copies.push_back({name, found.st_size, found.st_mtim.tv_sec * 1'000});
  }
  std::ranges::sort(copies, {}, &UpgradeCopy::madeMs);
  return copies;
}

store::sql::BeforeMigration keepCopy(const std::string& dataFolder, const native::KeyRing& ring, const Config& config) {
  return [dataFolder, &ring, &config](const store::sql::Steps& from) -> Result<void> {
    const bool elsewhere = config.given("database-url");
    const auto version = store::sql::versionOf(from);
    const auto name = std::string(native::kBeforeUpgrade) + std::to_string(version) +
                      std::string(elsewhere ? kDumpEnding : kFileEnding);
    const auto path = dataFolder + "/" + name;
    const auto kept = elsewhere ? dump(dataFolder, ring, config, path) : copyFile(dataFolder, ring, path);
    if (!kept) {
      auto error = kept.error();
      error.message =
          "the database is of an earlier version of Weir, and no copy of it could be kept, so that it was "
          "left as it is: " +
          error.message;
      return std::unexpected(std::move(error));
    }
    const auto next = store::sql::versionOf(store::sql::stepsOf(store::sql::allKinds()));
    say(LogLevel::info, "the database has version " + std::to_string(version) + " and is brought to " +
                            std::to_string(next) + ". A copy of it as it was is kept as " + name +
                            ", until you say that you stay: weir upgrade " + dataFolder + " --commit");
    return {};
  };
}

Result<void> checkNoCopies(const std::string& dataFolder) {
  const auto copies = upgradeCopies(dataFolder);
  if (copies.empty()) return {};
  return fail(
      "upgrade.not_committed",
      "'" + dataFolder + "' holds " + copies.front().name +
          ", the database as it was before an upgrade, under the key that it has now; first remove it with weir "
          "upgrade " +
          dataFolder + " --commit, or move it away. Nothing was changed");
}

}  // namespace weir::cli
