// ServerParts: all that stands behind a server, put together in steps, one for each part.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "apps/cli/serve/api-turns.h"
#include "apps/cli/serve/audit-push.h"
#include "apps/cli/serve/backup-desk.h"
#include "apps/cli/serve/commit-watch.h"
#include "apps/cli/serve/config.h"
#include "apps/cli/serve/database-pulse.h"
#include "apps/cli/serve/folder-disk.h"
#include "apps/cli/serve/folder-guard.h"
#include "apps/cli/serve/hooks/hook-desk.h"
#include "apps/cli/serve/housekeeping.h"
#include "apps/cli/serve/kept-letters.h"
#include "apps/cli/serve/kept-rows.h"
#include "apps/cli/serve/listener.h"
#include "apps/cli/serve/live-part.h"
#include "apps/cli/serve/object-folder.h"
#include "apps/cli/serve/pooled.h"
#include "apps/cli/serve/project-folder.h"
#include "apps/cli/serve/ring-room.h"
#include "apps/cli/serve/vault-part.h"
#include "apps/cli/serve/watching.h"
#include "apps/cli/serve/web-pages.h"
#include "apps/cli/zone-files.h"
#include "engine/node/catalogue.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/sealing/data-lock.h"
#include "hosts/native/sealing/key-ring.h"
#include "hosts/native/server/http-server.h"
#include "service/api/api.h"
#include "service/api/auditor.h"
#include "service/api/once.h"
#include "service/auth/people.h"
#include "service/auth/provider.h"
#include "service/engines/engine-metrics.h"
#include "service/engines/engines.h"
#include "service/engines/memory-groups.h"
#include "service/engines/previews.h"
#include "service/engines/secret-desk.h"
#include "service/engines/supervisor.h"
#include "service/folders/folder-book.h"
#include "service/resources/disk/disk.h"
#include "service/resources/folders/folder-publishing.h"
#include "service/resources/server.h"
#include "service/schedule/scheduler.h"
#include "service/store/apply.h"
#include "service/store/letter-index.h"
#include "service/store/operations.h"
#include "service/store/quotas.h"
#include "service/store/request-keys.h"
#include "service/store/runs.h"
#include "service/store/schedules.h"
#include "service/store/secrets.h"
#include "service/store/sql/database.h"
#include "service/store/store.h"

namespace weir::cli {

/// The way of live requests to the engines.
class LinkedEngines final : public stream::EngineLinks {
 public:
  /// Both outlive it, the feeds also what they send to: they hear when it ends.
  LinkedEngines(engines::Engines& engines, stream::RunFeeds& feeds) : engines_(engines), feeds_(feeds) {
    feeds_.attach(this);
  }
  ~LinkedEngines() { feeds_.attach(nullptr); }
  LinkedEngines(const LinkedEngines&) = delete;
  LinkedEngines& operator=(const LinkedEngines&) = delete;
  bool send(const std::string& run, const live::Control& control) override { return engines_.send(run, control); }

 private:
  engines::Engines& engines_;
  stream::RunFeeds& feeds_;
};

/// In the order in which the parts need each other; they end in the opposite one.
struct ServerParts {
  explicit ServerParts(Config given) : config(std::move(given)) {}

  Config config;
  std::string data;                      // the data folder, there
  std::optional<native::DataLock> lock;  // and this process has it
  native::NativeClock clock;
  std::unique_ptr<native::Vaults> vaults;  // where secrets are kept elsewhere
  std::unique_ptr<VaultReferences> references;
  std::vector<std::string> services{};  // addresses of what it uses
  std::string databaseReference{};      // where the database's address is kept; empty: it was given as it is
  Catalogue catalogue;
  std::shared_ptr<Reserve> reserve;           // room in the data folder
  std::optional<native::KeyRing> keys;        // of the data folder; once there are other threads, ask keyRoom
  std::optional<native::KeyRing> secretKeys;  // of secrets, where the folder itself is not encrypted, or was not before
  bool secretsClosed = false;                 // another master key opens the database's secrets
  std::unique_ptr<RingRoom> keyRoom;
  CommitWatch commits;
  std::unique_ptr<ObjectFolder> objects;  // null: large documents lie in the database
  std::unique_ptr<store::sql::Database> database;
  std::unique_ptr<DatabasePulse> pulse;  // null: the database is in the data folder
  std::unique_ptr<api::Disk> disk;
  std::unique_ptr<store::Store> records;    // in the database
  std::unique_ptr<store::Store> store;      // the same with what is read most in memory; all changes go through it
  std::unique_ptr<store::Applier> applied;  // in the database
  std::unique_ptr<store::Applier> applier;  // the same through that memory
  std::unique_ptr<store::OperationLog> operations;
  std::unique_ptr<store::RunLogs> runLogs;
  std::unique_ptr<Watching> watching;
  LivePart live;  // outlives what tells it
  std::unique_ptr<store::RequestKeys> requestKeys;
  std::unique_ptr<store::Runs> runs;
  std::unique_ptr<store::Quotas> quotas;
  std::unique_ptr<FolderDisk> folderDisk;
  std::unique_ptr<Housekeeping> housekeeping;
  std::unique_ptr<store::LetterIndex> letterIndex;
  std::unique_ptr<KeptLetters> letters;
  std::unique_ptr<KeptRows> rows;
  std::unique_ptr<auth::People> people;
  std::unique_ptr<auth::Provider> provider;  // null: people sign in with passwords alone
  std::unique_ptr<store::Secrets> secrets;
  std::unique_ptr<store::Schedules> schedules;
  MachineZones zones;
  std::unique_ptr<store::FolderSettings> folderSettings;
  std::unique_ptr<folders::FolderBook> folders;
  std::unique_ptr<MachineGuard> guard;
  std::unique_ptr<HookDesk> hooks;
  std::unique_ptr<engines::MemoryGroups> memoryGroups;  // null: engines have no bounds of the system's
  std::unique_ptr<engines::Engines> engines;
  std::unique_ptr<engines::EngineMetrics> engineMetrics;
  std::unique_ptr<engines::Previews> previews;
  std::unique_ptr<LinkedEngines> links;
  std::unique_ptr<ProjectFolder> project;
  std::unique_ptr<api::Auditor> auditor;
  std::unique_ptr<AuditPush> auditPush;  // null: the log is in the database alone
  api::Once once{clock};                 // requests that are sent again
  api::Server server;                    // what the API's resources of a server need; filled in by the steps
  api::Gate* gate = nullptr;             // null: everybody may do everything

  // Made of what is above, by listen().
  std::unique_ptr<api::Runner> runner;
  std::unique_ptr<engines::Supervisor> supervisor;
  std::unique_ptr<BackupDesk> backupDesk;  // null: backups ask for nothing
  std::unique_ptr<api::FolderPublishing> publishing;
  std::unique_ptr<engines::SecretDesk> secretDesk;
  std::unique_ptr<api::Api> api;
  std::unique_ptr<schedule::Scheduler> scheduler;
  std::unique_ptr<ApiTurns> turns;
  native::HttpServerOptions listener;
  std::unique_ptr<WebPages> pages;
  Pooled pooled;  // what it is given to do reads what is above
  std::unique_ptr<native::HttpServer> http;
  std::unique_ptr<CertificateWatch> certificates;
};

/// All but the listener: from here on nothing is refused because of the data. `umask`: that of the files of a project.
[[nodiscard]] Result<std::unique_ptr<ServerParts>> buildServer(Config config, Catalogue catalogue, mode_t umask);
/// Answers requests from here on.
[[nodiscard]] Result<Unit> listen(ServerParts& parts);

}  // namespace weir::cli
