// weir backup, weir restore: a data folder as one file, and back.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/serve/backup-desk.h"
#include "apps/cli/serve/held-runs.h"
#include "apps/cli/serve/kept-database.h"
#include "apps/cli/serve/key-options.h"
#include "apps/cli/serve/vault-part.h"
#include "engine/node/version.h"
#include "engine/time/instant.h"
#include "hosts/native/backup/data-backup.h"
#include "service/store/sql/postgres-dump.h"

namespace weir::cli {
namespace {

struct BackupArguments {
  std::string data, file;
  bool resume = false;
  std::int64_t waitSeconds = 10;
  GivenTexts flags;
};

/// The next backup would hold it, and whoever loses the folder loses both.
Result<void> checkOutside(const std::string& file, const std::string& data) {
  std::error_code error;
  const auto folder = std::filesystem::weakly_canonical(data, error);
  const auto inside = std::filesystem::weakly_canonical(file, error).lexically_relative(folder);
  if (error || inside.empty() || *inside.begin() == "..") return {};
  return fail("settings.invalid",
              "the backup '" + file + "' would lie in the data folder itself; name a file elsewhere");
}

/// What the backup holds of runs, if that is less than they have.
void tellLate(const HeldServer& server, std::int64_t seconds) {
  const auto within = " within " + std::to_string(seconds) + " s";
  if (server.said() == HeldServer::Said::silence) {
    std::fprintf(stderr,
                 "The server of the folder did not answer%s: its runs are in the backup as of their last "
                 "checkpoints.\n",
                 within.c_str());
  }
  if (server.said() != HeldServer::Said::late) return;
  std::fprintf(stderr, "These runs made no checkpoint%s, and are in the backup as of their last one:\n",
               within.c_str());
  for (const auto& run : server.late()) std::fprintf(stderr, "  %s\n", run.c_str());
}

Result<int> makeBackup(const BackupArguments& arguments) {
  WEIR_ASSIGN(const auto config, readKeyConfig(arguments.flags));
  const auto options = keyOptions(config, arguments.data);
  ::umask(077);
  WEIR_ASSIGN(auto ring, openRing(options));
  WEIR_TRY(checkOutside(arguments.file, arguments.data));
  native::BackupOptions making;
  std::unique_ptr<store::sql::PostgresDump> dump;
  if (const auto elsewhere = postgresOptionsOf(config)) {
    making.records.begin = [&dump, elsewhere]() -> Result<void> {
      WEIR_ASSIGN(dump, store::sql::PostgresDump::begin(*elsewhere));
      return {};
    };
    making.records.write = [&dump](const native::BackupRecords::Take& take) { return dump->write(take); };
  } else {
    WEIR_TRY(checkOwnDatabase(arguments.data));
  }
  making.dataFolder = arguments.data;
  making.path = arguments.file;
  making.weir = kEngineVersion;
  making.nowMs = options.nowMs;
  HeldServer server;
  if (arguments.waitSeconds > 0) server = HeldServer::ask(arguments.data, arguments.waitSeconds * 1'000);
  making.staged = [&server] { server.letGo(); };
  WEIR_ASSIGN(const auto report, native::backUp(making, ring));
  tellLate(server, arguments.waitSeconds);
  std::printf("%s: %lld files, %lld bytes\n", arguments.file.c_str(), static_cast<long long>(report.files),
              static_cast<long long>(report.bytes));
  if (report.master.empty()) {
    std::printf("It is not encrypted, as the data folder is not.\n");
  } else {
    std::printf("The master key %s is not in it: keep that in another place.\n", report.master.c_str());
  }
  return kDone;
}

void tellRuns(const std::vector<HeldRun>& runs, bool resume) {
  if (runs.empty()) return;
  std::printf(resume ? "These runs go on when the server starts:\n"
                     : "These runs are held until they are resumed (POST /api/v1/runs/ID/resume):\n");
  for (const auto& run : runs) {
    std::printf("  %s  %s%s%s", run.id.c_str(), run.folder.c_str(), run.folder.empty() ? "" : "/", run.flow.c_str());
    if (run.positions.empty()) std::printf("  without a checkpoint: from its beginning");
    for (const auto& [node, rows] : run.positions)
      std::printf("  %s after %lld rows", node.c_str(), static_cast<long long>(rows));
    std::printf("\n");
  }
}

void tellHeld(const Held& held) {
  if (!held.schedules.empty()) {
    std::printf("These schedules are paused until they are resumed (POST /api/v1/schedules/ID/resume):\n");
  }
  for (const auto& [id, name, flow, folder] : held.schedules) {
    std::printf("  %s  %s%s%s%s%s\n", id.c_str(), folder.c_str(), folder.empty() ? "" : "/", flow.c_str(),
                name.empty() ? "" : "  ", name.c_str());
  }
  if (!held.channels.empty()) {
    std::printf(
        "These channels tell nobody of alerts until they are switched on (PUT /api/v1/channels/ID with "
        "\"enabled\": true):\n");
  }
  for (const auto& id : held.channels) std::printf("  %s\n", id.c_str());
}

Result<int> restoreBackup(const BackupArguments& arguments) {
  WEIR_ASSIGN(const auto config, readKeyConfig(arguments.flags));
  WEIR_ASSIGN(const auto head, native::backupHeadOf(arguments.file));
  std::printf("%s: made by Weir %s at %s\n", arguments.file.c_str(), head.weir.c_str(),
              formatInstant(instantFromMicros(head.madeMs * 1000).value_or(Instant{})).c_str());
  if (!head.master.empty()) {
    std::printf("It is encrypted and does not hold its master key, %s: that is needed now and from now on.\n",
                head.master.c_str());
    std::fflush(stdout);
  }
  ::umask(077);
  const auto options = keyOptions(config, arguments.data);
  std::optional<sodium::Key> master;
  if (!head.master.empty()) {
    WEIR_ASSIGN(master, native::findMasterKey(options));
  }
  native::RestoreOptions restoring;
  restoring.path = arguments.file;
  restoring.dataFolder = arguments.data;
  restoring.nowMs = options.nowMs;
  std::unique_ptr<store::sql::PostgresFill> fill;
  if (const auto elsewhere = postgresOptionsOf(config)) {
    WEIR_ASSIGN(fill, store::sql::PostgresFill::begin(*elsewhere));
    restoring.records.check = [kinds = elsewhere->kinds](std::string_view head) -> Result<void> {
      WEIR_TRY(store::sql::DumpHead::read(head, kinds));
      return {};
    };
    restoring.records.take = [&fill](const std::string& name, std::string_view bytes) {
      return fill->take(name, bytes);
    };
    restoring.records.commit = [&fill] { return fill->commit(); };
  }
  Held held;
  const auto settle = [&](const std::string& folder, const native::KeyRing& ring) -> Result<void> {
    WEIR_ASSIGN(held, settleRestored(folder, ring, arguments.resume, fill ? &fill->session() : nullptr));
    return {};
  };
  WEIR_ASSIGN(const auto report, native::restore(restoring, master ? &*master : nullptr, settle));
  std::printf("%s: %lld files, %lld bytes. Everybody signs in anew.\n", arguments.data.c_str(),
              static_cast<long long>(report.files), static_cast<long long>(report.bytes));
  tellRuns(held.runs, arguments.resume);
  tellHeld(held);
  return kDone;
}

}  // namespace

void addBackup(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("backup", "Write a data folder into one file, while its server works on");
  auto arguments = std::make_shared<BackupArguments>();
  command->add_option("data", arguments->data, "The data folder")->required()->type_name("DIR");
  command->add_option("file", arguments->file, "The file to write; one that is there is replaced")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--wait", arguments->waitSeconds,
                   "How long the runs of a server that works have for a checkpoint; 0: they are not asked for one")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{0}, kLongestSaveMs / 1'000).description(""))
      ->capture_default_str();
  addSettings(*command, backupSettings(), arguments->flags);
  addFooter(
      *command,
      "0   done\n"
      "1   something of the machine failed, such as the disk\n"
      "2   the folder is none of a server, or its key is missing or wrong",
      "weir backup /var/lib/weir /backups/weir.backup",
      "The backup is as of one moment: the database, the checkpoints of runs, and the journals that they need. A "
      "server\n"
      "that works on the folder is asked for fresh checkpoints first, and publishes nothing until they are copied. It "
      "is\n"
      "encrypted as the data folder is, and never holds the master key. Of a server with PostgreSQL name its database\n"
      "as weir serve does (WEIR_DATABASE_URL): the backup holds both.\n");
  command->callback([arguments, &exitCode] { finish(makeBackup(*arguments), exitCode); });
}

void addRestore(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("restore", "Make a data folder of a backup");
  auto arguments = std::make_shared<BackupArguments>();
  command->add_option("file", arguments->file, "The backup")->required()->type_name("FILE");
  command->add_option("data", arguments->data, "A folder that is empty or not there")->required()->type_name("DIR");
  command->add_flag("--resume", arguments->resume,
                    "Runs, schedules and notices go on when the server starts, in place of being held");
  addSettings(*command, backupSettings(), arguments->flags);
  addFooter(
      *command,
      "0   done\n"
      "1   something of the machine failed, such as the disk\n"
      "2   the backup is damaged, its key is missing or wrong, or the folder is not empty; nothing was changed",
      "weir restore /backups/weir.backup /var/lib/weir\n"
      "weir restore /backups/weir.backup /var/lib/weir --resume",
      "All of the backup is read and checked before anything is written. Sessions end: everybody signs in anew. As\n"
      "the old server may still work, nothing is done twice: runs are held, with the places of their sources told,\n"
      "schedules are paused and channels of alerts switched off, until somebody lets each of them go on.\n");
  command->callback([arguments, &exitCode] { finish(restoreBackup(*arguments), exitCode); });
}

}  // namespace weir::cli
