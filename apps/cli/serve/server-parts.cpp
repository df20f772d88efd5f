// Puts a server together. A part of its own has a step of its own in buildServer().
#include "apps/cli/serve/server-parts.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "apps/cli/serve/data-folder.h"
#include "apps/cli/serve/key-options.h"
#include "apps/cli/serve/setup-link.h"
#include "engine/node/version.h"
#include "hosts/native/network/network-policy.h"
#include "hosts/native/sealing/database-key.h"
#include "service/auth/secret-text.h"
#include "service/engines/process-runner.h"
#include "service/resources/server-routes.h"
#include "service/store/cache/cached-store.h"
#include "service/store/sql/disk-use.h"
#include "service/store/sql/run-table.h"
#include "service/store/sql/secret-table.h"
#include "service/store/sql/sql-applier.h"
#include "service/store/sql/sql-store.h"

namespace weir::cli {
namespace {

constexpr std::size_t kCacheBytes = 4 << 20;  // of flows in memory

/// A project brings its own.
std::string dataFolderOf(const Config& config) {
  const auto& project = config.text("project");
  return project.empty() || config.given("data") ? config.text("data") : project + "/.weir";
}

Result<Unit> openData(ServerParts& parts) {
  parts.data = dataFolderOf(parts.config);
  return prepareDataFolder(parts.data);
}

/// Settings that are kept in a vault are read before anything needs them.
Result<Unit> openVaultsOf(ServerParts& parts) {
  WEIR_ASSIGN(parts.vaults, openVaults(parts.config));
  WEIR_TRY(readReferences(parts.config, *parts.vaults));
  parts.references = std::make_unique<VaultReferences>(*parts.vaults);
  return Unit{};
}

/// Finds the keys of the data folder, or makes them for a new one: before anything is written into it.
Result<Unit> openKeys(ServerParts& parts) {
  auto options = keyOptions(parts.config, parts.data);
  options.noEncryption = parts.config.flag("no-encryption");
  WEIR_ASSIGN(auto found, native::openDataKeys(options));
  if (!found.notice.empty()) std::fprintf(stderr, "weir: %s\n", found.notice.c_str());
  parts.keys.emplace(std::move(found.ring));
  // The processes of engines get no more than the keys of their folder.
  forgetSecretVariables();
  WEIR_TRY(native::finishDatabaseKey(parts.data, *parts.keys));
  parts.keyRoom = std::make_unique<RingRoom>(*parts.keys, parts.clock);
  parts.server.keys = parts.keyRoom.get();
  return Unit{};
}

Result<Unit> openStore(ServerParts& parts) {
  clearTemporary(parts.data);
  parts.reserve = std::make_shared<Reserve>(parts.data);
  const bool shared = parts.config.given("database-url");
  if (shared) {
    store::sql::PostgresOptions options;
    options.url = parts.config.text("database-url");
    options.rootFile = parts.config.text("database-ca");
    options.insecureTransport = parts.config.flag("insecure-transport");
    WEIR_ASSIGN(parts.database, store::sql::openPostgres(options));
  } else {
    store::sql::SqliteOptions options;
    options.freeReserve = [reserve = parts.reserve] { reserve->give(); };
    if (const auto* key = parts.keys->database()) options.key = *key;
    WEIR_ASSIGN(parts.database, store::sql::openSqlite(parts.data + "/weir.db", options));
  }
  parts.records = std::make_unique<store::sql::SqlStore>(*parts.database, parts.clock);
  // Of a database that others may share only it knows what is in it now.
  auto cached = std::make_unique<store::CachedStore>(*parts.records, shared ? 0 : kCacheBytes);
  parts.applied = std::make_unique<store::sql::SqlApplier>(*parts.database, parts.clock);
  parts.applier = std::make_unique<store::CachedApplier>(*cached, *parts.applied);
  parts.server.applier = parts.applier.get();
  parts.store = std::move(cached);
  return Unit{};
}

Result<Unit> addHousekeeping(ServerParts& parts) {
  parts.disk = std::make_unique<store::sql::DataFolderUse>(*parts.database, parts.data);
  parts.server.disk = parts.disk.get();
  parts.housekeeping = std::make_unique<Housekeeping>(*parts.database, *parts.store, parts.clock, parts.reserve);
  return Unit{};
}

Result<Unit> addWatching(ServerParts& parts) {
  WEIR_ASSIGN(parts.watching, Watching::make(parts.config, parts.clock, *parts.database));
  parts.server.metrics = &parts.watching->registry();
  parts.server.alerts = &parts.watching->alerts();
  return Unit{};
}

Result<Unit> addLive(ServerParts& parts) {
  parts.letters = std::make_unique<KeptLetters>(parts.data + "/runs", parts.keyRoom->letters());
  parts.server.live = &parts.live.sessions;
  parts.server.letters = parts.letters.get();
  return Unit{};
}

Result<Unit> addPeople(ServerParts& parts) {
  WEIR_ASSIGN(parts.people, auth::People::open(*parts.database, parts.clock, parts.config.text("public-url")));
  parts.server.signIn = &parts.people->signIn;
  parts.server.audit = &parts.people->audit;
  parts.gate = &parts.people->gate;
  return Unit{};
}

Result<Unit> addSecrets(ServerParts& parts) {
  parts.secrets = store::sql::secretsIn(*parts.database, parts.clock, parts.keys->secrets());
  parts.server.secrets = parts.secrets.get();
  return Unit{};
}

Result<Unit> openProject(ServerParts& parts) {
  const auto& folder = parts.config.text("project");
  if (folder.empty()) return Unit{};
  WEIR_ASSIGN(parts.project, ProjectFolder::open(folder, *parts.store));
  parts.server.project = parts.project.get();
  return Unit{};
}

Result<Unit> addEngines(ServerParts& parts) {
  engines::EnginesOptions options;
  options.allow = parts.config.list("network-allow");
  if (auto policy = native::NetworkPolicy::server(options.allow); !policy)
    return std::unexpected(std::move(policy.error()));
  parts.engines = std::make_unique<engines::Engines>(std::move(options));
  parts.engines->onLive([&live = parts.live](live::Frame frame) { live.post(std::move(frame)); });
  parts.links = std::make_unique<LinkedEngines>(*parts.engines);
  parts.live.feeds.attach(parts.links.get());
  return Unit{};
}

/// Runs of kept flows, each with a folder of its own; what an earlier start has left goes on.
void addRuns(ServerParts& parts) {
  parts.runs = std::make_unique<store::sql::SqlRuns>(*parts.database, parts.clock);
  engines::SupervisorOptions options;
  options.runsFolder = parts.data + "/runs";
  options.filesFolder = parts.data + "/files";
  options.owner = auth::newId();
  // Nobody else has a file in this data folder; a database may have other servers.
  options.alone = !parts.config.given("database-url");
  options.keys = [&parts](const std::string& folder) { return parts.keyRoom->ofRun(folder); };
  options.told = [&feeds = parts.live.feeds](const std::string& run, engines::RunTurn turn) {
    switch (turn) {
      case engines::RunTurn::lost:
        return feeds.lost(run);
      case engines::RunTurn::resumed:
        return feeds.resumed(run);
      case engines::RunTurn::ended:
        return feeds.ended(run, "failed");
    }
  };
  parts.supervisor = std::make_unique<engines::Supervisor>(*parts.runs, *parts.engines, parts.clock, std::move(options),
                                                           parts.http->waker());
  parts.server.runs = parts.runs.get();
  parts.server.supervisor = parts.supervisor.get();
}

/// Engines ask for secrets from here on.
void addSecretDesk(ServerParts& parts) {
  const auto folderOf = [&supervisor = *parts.supervisor](const std::string& run) -> std::optional<std::string> {
    const auto* record = supervisor.record(run);
    return record == nullptr ? std::nullopt : std::optional(record->folder);
  };
  parts.secretDesk =
      std::make_unique<engines::SecretDesk>(*parts.engines,
                                            engines::SecretDeskParts{.secrets = *parts.secrets,
                                                                     .audit = parts.people->audit,
                                                                     .references = parts.references.get(),
                                                                     .clock = parts.clock,
                                                                     .folderOf = folderOf},
                                            parts.http->waker());
}

}  // namespace

Result<std::unique_ptr<ServerParts>> openDataOf(Config config) {
  auto parts = std::make_unique<ServerParts>(std::move(config));
  WEIR_TRY(openVaultsOf(*parts));
  WEIR_TRY(openData(*parts));
  WEIR_TRY(openKeys(*parts));
  WEIR_TRY(openStore(*parts));
  WEIR_TRY(addPeople(*parts));
  return parts;
}

Result<std::unique_ptr<ServerParts>> buildServer(Config config, Catalogue catalogue) {
  const auto data = dataFolderOf(config);
  WEIR_TRY(prepareDataFolder(data));
  WEIR_ASSIGN(auto lock, native::DataLock::take(data));
  WEIR_ASSIGN(auto parts, openDataOf(std::move(config)));
  parts->lock.emplace(std::move(lock));
  parts->catalogue = std::move(catalogue);
  WEIR_TRY(addHousekeeping(*parts));
  WEIR_TRY(addWatching(*parts));
  WEIR_TRY(addLive(*parts));
  WEIR_TRY(addSecrets(*parts));
  WEIR_TRY(openProject(*parts));
  WEIR_TRY(addEngines(*parts));
  return parts;
}

Result<Unit> listen(ServerParts& parts) {
  api::Place place;
  place.host = "native";
  place.application = kEngineVersion;
  parts.turns = std::make_unique<ApiTurns>();
  parts.pages = std::make_unique<WebPages>(*parts.turns);
  WEIR_ASSIGN(auto http, listenerOptions(parts.config, parts.data));
  parts.certificates = std::make_unique<CertificateWatch>(http.certificateFile, http.keyFile);
  parts.http = std::make_unique<native::HttpServer>(std::move(http), *parts.pages);
  parts.runner =
      std::make_unique<engines::ProcessRunner>(*parts.engines, parts.catalogue, parts.clock, parts.http->waker());
  addRuns(parts);
  addSecretDesk(parts);
  api::ExecutionLimits executions;
  executions.running = 64;
  executions.kept = 256;
  const api::ApiExtras extras{.routes = &api::serverRoutes(),
                              .gate = parts.gate,
                              .server = &parts.server,
                              .observer = &parts.watching->observer(),
                              .once = &parts.once};
  parts.api = std::make_unique<api::Api>(std::move(place), executions, parts.clock, parts.catalogue, *parts.store,
                                         *parts.runner, parts.http->waker(), extras);
  parts.live.wakes(parts.http->waker());
  parts.turns->serve(*parts.api, parts.live, *parts.supervisor);
  parts.turns->add([&desk = *parts.secretDesk] { return desk.work(); });
  parts.turns->add([&watching = *parts.watching] { return watching.work(); });
  WEIR_TRY(parts.http->start());
  return announceSetup(parts);
}

}  // namespace weir::cli
