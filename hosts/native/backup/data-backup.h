// A backup of a data folder, made while a server works on it; and a data folder made of a backup.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "hosts/native/backup/archive.h"
#include "hosts/native/sealing/key-ring.h"

namespace weir::native {

/// Records that a server keeps outside of its data folder.
struct BackupRecords {
  using Take = std::function<Result<void>(const std::string& name, std::string_view bytes)>;
  std::function<Result<void>()> begin{};             // their moment is now; not set: there are none
  std::function<Result<void>(const Take&)> write{};  // as they were then, in parts; the first tells of the others
};

struct BackupOptions {
  std::string dataFolder, path;  // of the file; it is replaced
  std::string weir;              // our version
  std::int64_t nowMs = 0;
  BackupRecords records{};  // in place of the database in the folder
  /// Called when nothing is looked at any more that changes: what remains is to copy what was kept.
  std::function<void()> staged{};
  /// Tests: called when the copy of the databases is made, before files are looked at again.
  std::function<void()> between{};
};

struct BackupReport {
  std::int64_t files = 0, bytes = 0;
  std::string instance, master;  // empty: not encrypted
  std::int64_t madeMs = 0;
};

/// Nobody is stopped for it. The database is copied as of one moment; of each run the checkpoint as of one moment, and
/// at least the segments of its journal that it needs: files are pinned by links before and behind. Errors `files.*`,
/// `sql.*`, and `backup.busy` when a run makes checkpoints without a pause (it is worth another try).
[[nodiscard]] Result<BackupReport> backUp(const BackupOptions& options, const KeyRing& ring);
/// Only what lies outside of the data folder, into a file that may lie in it.
[[nodiscard]] Result<BackupReport> backUpRecords(const BackupOptions& options, const KeyRing& ring);

/// How the names of copies begin that a data folder holds of its database from before an upgrade.
inline constexpr std::string_view kBeforeUpgrade = "before-v";

struct RestoreOptions {
  std::string path, dataFolder;  // the latter is empty, or not there
  std::int64_t nowMs = 0;
  /// Where records go that lay outside of the data folder; not set: nowhere.
  struct Records {
    std::function<Result<void>(std::string_view first)> check{};  // the first part, before anything is written
    BackupRecords::Take take{};
    std::function<Result<void>()> commit{};  // the folder is whole but for its name
  };
  Records records{};
};

/// Reads all of the backup before it writes anything. The folder appears whole or not at all, under a new instance id;
/// what the database says of sessions and runs is the caller's to correct before anybody opens it. `backup.damaged`,
/// `backup.not_empty`, `backup.newer_version`, `key.*`; `settings.invalid`: it holds records of a database elsewhere
/// and none was given, or the other way round; `master` may be null where nothing is encrypted. `settle` is called on
/// the folder under its temporary name, with its ring.
[[nodiscard]] Result<BackupReport> restore(
    const RestoreOptions& options, const sodium::Key* master,
    const std::function<Result<void>(const std::string& folder, const KeyRing& ring)>& settle);

/// What is written in front of a backup, for a person before they restore it.
[[nodiscard]] Result<BackupHead> backupHeadOf(const std::string& path);

}  // namespace weir::native
