// Puts a server together. A part of its own has a step of its own in buildServer().
#include "apps/cli/serve/server-parts.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "apps/cli/serve/data-folder.h"
#include "apps/cli/serve/execution-limits.h"
#include "apps/cli/serve/kept-database.h"
#include "apps/cli/serve/key-options.h"
#include "apps/cli/serve/own-database.h"
#include "apps/cli/serve/own-services.h"
#include "apps/cli/serve/provider-options.h"
#include "apps/cli/serve/public-url.h"
#include "apps/cli/serve/server-words.h"
#include "apps/cli/serve/setup-link.h"
#include "apps/cli/serve/upgrade-copy.h"
#include "engine/node/version.h"
#include "hosts/native/network/network-policy.h"
#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/master-key.h"
#include "service/auth/secret-text.h"
#include "service/engines/process-runner.h"
#include "service/engines/read-only-folder.h"
#include "service/resources/audit/server-auditor.h"
#include "service/resources/live/alert-feed.h"
#include "service/store/cache/cached-store.h"
#include "service/store/sql/audit-table.h"
#include "service/store/sql/disk-use.h"
#include "service/store/sql/folder-table.h"
#include "service/store/sql/letter-table.h"
#include "service/store/sql/operation-table.h"
#include "service/store/sql/quota-table.h"
#include "service/store/sql/renewed-address.h"
#include "service/store/sql/request-key-table.h"
#include "service/store/sql/run-log-table.h"
#include "service/store/sql/run-table.h"
#include "service/store/sql/schedule-table.h"
#include "service/store/sql/secret-table.h"
#include "service/store/sql/sql-applier.h"
#include "service/store/sql/sql-store.h"

namespace weir::cli {
namespace {

constexpr int kSyncFailed = 74;               // docs/guide/first-flow.md lists codes
constexpr std::size_t kCacheBytes = 4 << 20;  // of flows in memory

Result<Unit> openData(ServerParts& parts) {
  parts.data = dataFolderOf(parts.config);
  WEIR_TRY(prepareDataFolder(parts.data));
  return checkDatabaseIsHere(parts.data, parts.config.given("database-url"));
}

/// Settings that are kept in a vault are read before anything needs them.
Result<Unit> openVaultsOf(ServerParts& parts) {
  WEIR_ASSIGN(parts.vaults, openVaults(parts.config));
  if (isSecretReference(parts.config.text("database-url"))) {
    parts.databaseReference = parts.config.text("database-url");
  }
  WEIR_TRY(readReferences(parts.config, *parts.vaults));
  parts.references = std::make_unique<VaultReferences>(*parts.vaults);
  WEIR_ASSIGN(parts.services, servicesOf(parts.config));
  return Unit{};
}

/// Finds the keys of the data folder, or makes them for a new one: before anything is written into it.
Result<Unit> openKeys(ServerParts& parts) {
  auto options = keyOptions(parts.config, parts.data);
  options.noEncryption = parts.config.flag("no-encryption");
  WEIR_ASSIGN(auto found, native::openDataKeys(options));
  if (!found.notice.empty()) say(LogLevel::warning, found.notice);
  parts.keys.emplace(std::move(found.ring));
  WEIR_ASSIGN(auto secrets, native::openSecretKeys(options, *parts.keys));
  if (!secrets.notice.empty()) say(LogLevel::warning, secrets.notice);
  parts.secretKeys = std::move(secrets.ring);
  // The processes of engines get no more than the keys of their folder.
  forgetSecretVariables();
  WEIR_TRY(native::finishDatabaseKey(parts.data, *parts.keys));
  parts.keyRoom = std::make_unique<RingRoom>(*parts.keys, parts.clock, postgresOptionsOf(parts.config).has_value());
  parts.server.keys = parts.keyRoom.get();
  return Unit{};
}

/// A sync that failed is never tried again: what is on the disk is found out by the next start.
[[noreturn]] void endForDisk(const Error& why) {
  say(LogLevel::error, "the database could not be brought to the disk: " + why.message,
      "Nothing of that change was confirmed. The server ends; check the disk, then start it again.");
  std::_Exit(kSyncFailed);
}

Result<Unit> openStore(ServerParts& parts) {
  clearTemporary(parts.data);
  parts.reserve = std::make_shared<Reserve>(parts.data);
  parts.reserve->take();
  auto elsewhere = postgresOptionsOf(parts.config);
  const bool shared = elsewhere.has_value();
  if (elsewhere) {
    elsewhere->watched = true;
    elsewhere->unreached = [](const std::string& why) { say(LogLevel::error, why); };
    elsewhere->beforeMigration = keepCopy(parts.data, *parts.keys, parts.config);
    std::function<Result<std::string>()> urlNow;
    if (!parts.databaseReference.empty()) {
      urlNow = [&vaults = *parts.vaults, reference = parts.databaseReference] { return vaults.readNow(reference); };
    }
    WEIR_ASSIGN(parts.database, store::sql::openPostgres(*elsewhere, std::move(urlNow)));
    parts.pulse = std::make_unique<DatabasePulse>(*parts.database);
    parts.server.storeWatch = parts.pulse.get();
  } else {
    store::sql::SqliteOptions options;
    options.freeReserve = [reserve = parts.reserve] { reserve->give(); };
    options.mayGrow = [reserve = parts.reserve] { return reserve->mayGrow(); };
    options.grew = [&watch = parts.commits](bool refused) { watch.grew(refused); };
    parts.commits.looksAt([reserve = parts.reserve] { return reserve->hasRoom(); });
    parts.commits.asks([data = parts.data] { return engines::isOnReadOnlyDisk(data); });
    options.syncFailed = endForDisk;
    options.commits = [&watch = parts.commits](bool before) { before ? watch.began() : watch.ended(); };
    parts.server.storeWatch = &parts.commits;
    if (const auto* key = parts.keys->database()) options.key = *key;
    // Servers that share a database share no folder.
    parts.objects = std::make_unique<ObjectFolder>(parts.data, [&room = *parts.keyRoom] { return room.ofObjects(); });
    options.objects = parts.objects.get();
    options.beforeMigration = keepCopy(parts.data, *parts.keys, parts.config);
    WEIR_ASSIGN(parts.database, store::sql::openSqlite(parts.data + "/weir.db", options));
  }
  WEIR_TRY(rememberDatabase(parts.data, shared));
  parts.records = std::make_unique<store::sql::SqlStore>(*parts.database, parts.clock);
  // Of a database that others may share only it knows what is in it now.
  auto cached = std::make_unique<store::CachedStore>(*parts.records, shared ? 0 : kCacheBytes);
  parts.applied = std::make_unique<store::sql::SqlApplier>(*parts.database, parts.clock);
  parts.applier = std::make_unique<store::CachedApplier>(*cached, *parts.applied);
  parts.server.applier = parts.applier.get();
  parts.operations = std::make_unique<store::sql::SqlOperations>(*parts.database, parts.clock);
  parts.server.operations = parts.operations.get();
  parts.store = std::move(cached);
  return Unit{};
}

/// Servers that share a database read each other's secrets, if they have the same master key.
Result<Unit> shareSecretKey(ServerParts& parts) {
  if (!parts.config.given("database-url")) return Unit{};
  auto* ring = parts.keys->encrypted() ? &*parts.keys : parts.secretKeys ? &*parts.secretKeys : nullptr;
  if (ring == nullptr) return Unit{};
  const auto own = *ring->secrets();
  WEIR_ASSIGN(const auto shared,
              store::sql::waitFor(store::sql::shareSecretKey(*parts.database, own, *ring->masterKey(), {})));
  if (!shared.key) {
    parts.secretsClosed = true;
    say(LogLevel::warning,
        "Values of secrets can be neither kept nor read: the servers of this database have the master key " +
            shared.master + ", and this one has " + ring->master() +
            ". Start it with theirs (--master-key-file, or WEIR_MASTER_KEY).");
    return Unit{};
  }
  if (!(*shared.key == own)) WEIR_TRY(ring->takeSecrets(*shared.key, parts.clock.nowMicros() / 1000));
  if (shared.foreign.empty()) return Unit{};
  std::string names;
  for (const auto& name : shared.foreign) names += (names.empty() ? "" : ", ") + name;
  say(LogLevel::warning, "Secrets that another server has sealed with a key of its own cannot be read: " + names,
      "Start that server once again with the master key " + shared.master + ", or set them again.");
  return Unit{};
}

Result<Unit> addHousekeeping(ServerParts& parts) {
  HouseRules rules;
  const auto& config = parts.config;
  const std::array keeps = {
      store::sql::Keep{"bin", config.number("keep-bin")},
      store::sql::Keep{"versions", config.number("keep-versions"), config.number("keep-versions-count")},
      store::sql::Keep{"runs", config.number("keep-runs"), config.number("keep-runs-count"),
                       config.number("keep-runs-bytes")},
      store::sql::Keep{"run-logs", config.number("keep-logs"), config.number("keep-logs-count"),
                       config.number("keep-logs-bytes")},
      store::sql::Keep{"audit", config.number("keep-audit"), config.number("keep-audit-count"),
                       config.number("keep-audit-bytes")},
  };
  rules.records = store::sql::retentionsWith(keeps);
  rules.runsFolder = parts.data + "/runs";
  rules.objects = parts.objects.get();
  std::vector<api::DiskUse> bounds;
  for (const auto* part : {"dead-letters", "recordings", "traces"}) {
    const auto name = "keep-" + std::string(part);
    rules.files.push_back({part, config.number(name), config.number(name + "-count"), config.number(name + "-bytes")});
    const auto& kept = rules.files.back();
    bounds.push_back({.name = "runs/" + kept.part,
                      .what = {},
                      .keepMs = kept.keepMs,
                      .keepCount = kept.keepFiles,
                      .keepBytes = kept.keepBytes});
  }
  rules.everyMs = std::max<std::int64_t>(100, config.number("keeping-every"));
  parts.disk = std::make_unique<store::sql::DataFolderUse>(*parts.database, parts.data, rules.records, bounds);
  parts.server.disk = parts.disk.get();
  parts.runs = std::make_unique<store::sql::SqlRuns>(*parts.database, parts.clock);
  parts.quotas = std::make_unique<store::sql::SqlQuotas>(*parts.database, parts.clock);
  parts.server.quotas = parts.quotas.get();
  parts.folderDisk =
      std::make_unique<FolderDisk>(*parts.quotas, *parts.runs, *parts.operations, parts.data, rules.everyMs);
  parts.server.folderUse = parts.folderDisk.get();
  parts.housekeeping = std::make_unique<Housekeeping>(*parts.database, *parts.store, *parts.runs, parts.clock,
                                                      parts.reserve, std::move(rules));
  return Unit{};
}

Result<Unit> addWatching(ServerParts& parts) {
  WEIR_ASSIGN(parts.watching, Watching::make(parts.config, parts.clock, *parts.database));
  parts.watching->registry().add(parts.commits);
  parts.watching->registry().add(*parts.folderDisk);
  parts.people->rates.set(callerLimitsOf(parts.config));
  parts.watching->registry().add(parts.people->rates);
  parts.runLogs = std::make_unique<store::sql::SqlRunLogs>(*parts.database);
  parts.server.runLogs = parts.runLogs.get();
  parts.watching->keepLogs(*parts.runLogs, *parts.folderDisk);
  parts.server.metrics = &parts.watching->registry();
  parts.server.alerts = &parts.watching->alerts();
  return Unit{};
}

Result<Unit> addLive(ServerParts& parts) {
  parts.letterIndex = std::make_unique<store::sql::SqlLetterIndex>(*parts.database);
  parts.letters =
      std::make_unique<KeptLetters>(parts.data + "/runs", parts.keyRoom->letters(), parts.letterIndex.get());
  parts.server.letterIndex = parts.letterIndex.get();
  parts.server.live = &parts.live.sessions;
  api::feedAlerts(parts.watching->alerts(), parts.live.hub);
  parts.server.letters = parts.letters.get();
  parts.rows = std::make_unique<KeptRows>(parts.data + "/runs", parts.keyRoom->letters());
  parts.server.rowShelf = parts.rows.get();
  return Unit{};
}

Result<Unit> addPeople(ServerParts& parts) {
  WEIR_ASSIGN(parts.people, auth::People::open(*parts.database, parts.clock, parts.config.text("public-url")));
  parts.server.signIn = &parts.people->signIn;
  parts.server.audit = &parts.people->audit;
  parts.gate = &parts.people->gate;
  const auto takeAlong = [&database = *parts.database](store::AuditEntry entry) {
    store::sql::takeAlong(database, std::move(entry));
  };
  parts.auditor = std::make_unique<api::ServerAuditor>(parts.people->audit, parts.clock, takeAlong);
  return Unit{};
}

Result<Unit> addProvider(ServerParts& parts) {
  WEIR_ASSIGN(auto settings, providerOptions(parts.config));
  auto& signIn = parts.people->signIn;
  signIn.localPasswords = parts.config.text("local-passwords") != "off";
  signIn.breakGlass = parts.config.text("break-glass-user");
  if (!settings) return Unit{};
  parts.provider = std::make_unique<auth::Provider>(std::move(*settings), parts.watching->http(), parts.clock);
  signIn.provider = parts.provider.get();
  return Unit{};
}

Result<Unit> addAuditPush(ServerParts& parts) {
  const auto& file = parts.config.text("audit-file");
  if (file.empty() && !parts.config.flag("audit-syslog")) return Unit{};
  WEIR_ASSIGN(parts.auditPush, AuditPush::make(parts.people->audit, file, parts.config.flag("audit-syslog")));
  return Unit{};
}

Result<Unit> addSecrets(ServerParts& parts) {
  const auto* own = parts.keys->secrets();
  const auto* other = parts.secretKeys ? parts.secretKeys->secrets() : nullptr;
  const auto* key = parts.secretsClosed ? nullptr : own != nullptr ? own : other;
  if (key != nullptr) {
    // Also those from before there was a key, or from before the folder was encrypted.
    std::optional<sodium::Key> before;
    if (other != nullptr && other != key) before = *other;
    WEIR_TRY(store::sql::waitFor(store::sql::sealSecrets(*parts.database, *key, before, {})));
    if (before) native::dropSecretKeys(parts.data);
  }
  parts.secrets = store::sql::secretsIn(*parts.database, parts.clock, key);
  parts.server.secrets = parts.secrets.get();
  parts.watching->alerts().useSecrets(*parts.secrets,
                                      [&references = *parts.references](std::string reference, Waker waker) {
                                        return references.read(std::move(reference), std::move(waker));
                                      });
  return Unit{};
}

/// What the server has of its own: no flow gets at it by a mount.
std::vector<std::string> ownFiles(const ServerParts& parts) {
  std::vector<std::string> files{parts.data, parts.config.file()};
  for (const auto* name : {"master-key-file", "tls-cert", "tls-key"}) files.push_back(parts.config.text(name));
  if (auto keyFile = native::defaultMasterKeyPath()) files.push_back(std::move(*keyFile));
  std::erase(files, std::string());
  return files;
}

Result<Unit> addFolders(ServerParts& parts) {
  parts.folderSettings = std::make_unique<store::sql::SqlFolderSettings>(*parts.database);
  parts.folders = std::make_unique<folders::FolderBook>(*parts.folderSettings);
  WEIR_ASSIGN(auto records, store::sql::waitFor(parts.folderSettings->load({})));
  parts.folders->fill(std::move(records));
  if (auto policy = native::NetworkPolicy::server(parts.config.list("network-allow")); !policy)
    return std::unexpected(std::move(policy.error()));
  parts.guard =
      std::make_unique<MachineGuard>(ownFiles(parts), parts.config.list("network-allow"), parts.data + "/files");
  parts.hooks = std::make_unique<HookDesk>(*parts.folders, parts.clock);
  parts.hooks->bound(parts.config.number("hooks-memory"));
  parts.hooks->whenSent(parts.folderDisk->counter());
  parts.server.folders = parts.folders.get();
  parts.server.guard = parts.guard.get();
  return Unit{};
}

Result<Unit> openProject(ServerParts& parts, mode_t umask) {
  const auto& folder = parts.config.text("project");
  if (folder.empty()) return Unit{};
  WEIR_ASSIGN(parts.project, ProjectFolder::open(ProjectDisk(folder, umask), *parts.store));
  parts.server.project = parts.project.get();
  return Unit{};
}

Result<Unit> addEngines(ServerParts& parts) {
  engines::EnginesOptions options;
  if (auto groups = engines::MemoryGroups::open(engines::memoryPlaceOfThis())) {
    parts.memoryGroups = std::move(*groups);
    options.groups = parts.memoryGroups.get();
    say(LogLevel::info, "engine processes have bounds of memory of the system's", parts.memoryGroups->folder());
  }
  parts.engines = std::make_unique<engines::Engines>(std::move(options));
  parts.engines->onLive([&live = parts.live](live::Frame frame) { live.post(std::move(frame)); });
  parts.engineMetrics = std::make_unique<engines::EngineMetrics>(*parts.engines);
  parts.watching->registry().add(*parts.engineMetrics);
  parts.previews = std::make_unique<engines::Previews>(
      *parts.engines,
      [&parts](const std::string& folder, engines::EngineOrder& order) {
        return parts.guard->furnish(*parts.folders, parts.data + "/files", folder, order);
      },
      parts.folderDisk->counter());
  parts.server.previews = parts.previews.get();
  parts.links = std::make_unique<LinkedEngines>(*parts.engines, parts.live.feeds);
  return Unit{};
}

/// What is kept, without a runner or a listener.
Result<std::unique_ptr<ServerParts>> openDataOf(Config config) {
  auto parts = std::make_unique<ServerParts>(std::move(config));
  WEIR_TRY(openVaultsOf(*parts));
  WEIR_TRY(openData(*parts));
  WEIR_TRY(openKeys(*parts));
  WEIR_TRY(openStore(*parts));
  WEIR_TRY(shareSecretKey(*parts));
  WEIR_TRY(addPeople(*parts));
  return parts;
}

}  // namespace

Result<std::unique_ptr<ServerParts>> buildServer(Config config, Catalogue catalogue, mode_t umask) {
  WEIR_TRY(checkPublicUrl(config));
  // What cannot be served leaves no data folder behind, in which much is decided for good.
  WEIR_ASSIGN(auto listener, listenerOptions(config));
  if (const auto& project = config.text("project"); !project.empty())
    WEIR_TRY(ProjectDisk(project, umask).check(kOwnFolder));
  const auto data = dataFolderOf(config);
  WEIR_TRY(prepareDataFolder(data));
  WEIR_ASSIGN(auto lock, native::DataLock::take(data));
  WEIR_ASSIGN(auto parts, openDataOf(std::move(config)));
  parts->lock.emplace(std::move(lock));
  parts->listener = std::move(listener);
  parts->catalogue = std::move(catalogue);
  WEIR_TRY(addHousekeeping(*parts));
  WEIR_TRY(addWatching(*parts));
  WEIR_TRY(addProvider(*parts));
  WEIR_TRY(addAuditPush(*parts));
  WEIR_TRY(addLive(*parts));
  WEIR_TRY(addSecrets(*parts));
  WEIR_TRY(addFolders(*parts));
  WEIR_TRY(openProject(*parts, umask));
  WEIR_TRY(addEngines(*parts));
  return parts;
}

}  // namespace weir::cli
