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
#include "apps/cli/serve/server-words.h"
#include "apps/cli/serve/setup-link.h"
#include "apps/cli/serve/upgrade-copy.h"
#include "engine/node/version.h"
#include "engine/text/url.h"
#include "hosts/native/network/network-policy.h"
#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/master-key.h"
#include "service/auth/secret-text.h"
#include "service/engines/process-runner.h"
#include "service/resources/audit/server-auditor.h"
#include "service/resources/live/alert-feed.h"
#include "service/resources/server-routes.h"
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
  const bool syslog = parts.config.flag("audit-syslog");
  if (file.empty() && !syslog) return Unit{};
  WEIR_ASSIGN(parts.auditPush, AuditPush::make(parts.people->audit, file, syslog));
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
  parts.guard = std::make_unique<MachineGuard>(ownFiles(parts), parts.config.list("network-allow"));
  parts.hooks = std::make_unique<HookDesk>(*parts.folders, parts.clock);
  parts.hooks->bound(parts.config.number("hooks-memory"));
  parts.server.folders = parts.folders.get();
  parts.server.guard = parts.guard.get();
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
  parts.engines = std::make_unique<engines::Engines>(std::move(options));
  parts.engines->onLive([&live = parts.live](live::Frame frame) { live.post(std::move(frame)); });
  parts.engineMetrics = std::make_unique<engines::EngineMetrics>(*parts.engines);
  parts.watching->registry().add(*parts.engineMetrics);
  parts.previews = std::make_unique<engines::Previews>(
      *parts.engines, [&parts](const std::string& folder, engines::EngineOrder& order) {
        return parts.guard->furnish(*parts.folders, parts.data + "/files", folder, order);
      });
  parts.server.previews = parts.previews.get();
  parts.links = std::make_unique<LinkedEngines>(*parts.engines, parts.live.feeds);
  return Unit{};
}

/// Runs of kept flows, each with a folder of its own; what an earlier start has left goes on.
void addRuns(ServerParts& parts) {
  engines::SupervisorOptions options;
  options.runsFolder = parts.data + "/runs";
  options.filesFolder = parts.data + "/files";
  options.owner = auth::newId();
  options.newOwner = auth::newId;
  // Nobody else has a file in this data folder; a database may have other servers.
  options.alone = !parts.config.given("database-url");
  options.keys = [&parts](const std::string& folder) { return parts.keyRoom->ofRun(folder); };
  options.observer = &parts.watching->runs();
  options.held = [&disk = *parts.folderDisk](const std::string& folder) { return disk.whyHeld(folder); };
  options.hooked = [&hooks = *parts.hooks](const std::string& run, std::string_view json) { hooks.post(run, json); };
  options.told = [&feeds = parts.live.feeds, &hooks = *parts.hooks](const std::string& run, engines::RunTurn turn) {
    if (turn != engines::RunTurn::resumed) hooks.forget(run);
    switch (turn) {
      case engines::RunTurn::lost:
        return feeds.lost(run);
      case engines::RunTurn::resumed:
        return feeds.resumed(run);
      case engines::RunTurn::ended:
        return feeds.ended(run, "failed");
    }
  };
  options.furnish = [&parts](const store::RunRecord& run, engines::EngineOrder& order) {
    return parts.guard->furnish(*parts.folders, {}, run.folder, order);
  };
  parts.supervisor = std::make_unique<engines::Supervisor>(*parts.runs, *parts.engines, parts.clock, std::move(options),
                                                           parts.http->waker());
  parts.server.runs = parts.runs.get();
  parts.server.supervisor = parts.supervisor.get();
  parts.publishing = std::make_unique<api::FolderPublishing>(*parts.folders, parts.catalogue, parts.runs.get());
}

/// Runs that begin by themselves.
void addSchedules(ServerParts& parts) {
  parts.schedules = std::make_unique<store::sql::SqlSchedules>(*parts.database, parts.clock);
  schedule::SchedulerOptions options;
  options.owner = [&supervisor = *parts.supervisor] { return supervisor.options().owner; };
  options.leaseMs = parts.supervisor->options().leaseMs;
  options.adopt = [&supervisor = *parts.supervisor](store::StoredRun run) { supervisor.adopt(std::move(run)); };
  parts.scheduler = std::make_unique<schedule::Scheduler>(*parts.schedules, parts.api->services(), parts.zones,
                                                          std::move(options), parts.http->waker());
  parts.server.schedules = parts.schedules.get();
  parts.server.scheduler = parts.scheduler.get();
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

/// What this server holds in memory is as in the database, whoever writes there.
void followOthers(ServerParts& parts) {
  constexpr std::int64_t kLookMs = 1'000;
  constexpr int kSoonMs = 50;
  const bool shared = parts.database->dialect() == store::sql::Dialect::postgres;
  parts.turns->add([&parts, shared, next = std::int64_t{0}]() mutable {
    const auto now = parts.clock.steadyNanos() / 1'000'000;
    const bool due = shared && now >= next;
    if (due) next = now + kLookMs;
    const auto waker = parts.http->waker();
    bool soon = parts.people->follow(due, waker);
    soon = parts.folders->follow(due, waker) || soon;
    soon = parts.watching->alerts().follow(due, waker) || soon;
    if (soon) return kSoonMs;
    return shared ? static_cast<int>(next - now) : static_cast<int>(kLookMs);
  });
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

Result<std::unique_ptr<ServerParts>> buildServer(Config config, Catalogue catalogue) {
  if (const auto& text = config.text("public-url"); !text.empty()) {
    const auto url = parseUrl(text);
    if (!url || (url->scheme != "https" && url->scheme != "http"))
      return fail("settings.invalid", config.origin("public-url") + ": '" + text +
                                          "' is no address that people reach the server at; give one such as "
                                          "https://weir.example.com");
    if (!url->user.empty() || url->target != "/" || text.contains('#'))
      return fail("settings.invalid",
                  config.origin("public-url") + ": '" + text +
                      "' has more than a host and a port, and nothing is served below a path; give '" + url->origin() +
                      "', and let a proxy in front pass all of that host on");
  }
  const auto data = dataFolderOf(config);
  WEIR_TRY(prepareDataFolder(data));
  WEIR_ASSIGN(auto lock, native::DataLock::take(data));
  WEIR_ASSIGN(auto parts, openDataOf(std::move(config)));
  parts->lock.emplace(std::move(lock));
  parts->catalogue = std::move(catalogue);
  WEIR_TRY(addHousekeeping(*parts));
  WEIR_TRY(addWatching(*parts));
  WEIR_TRY(addProvider(*parts));
  WEIR_TRY(addAuditPush(*parts));
  WEIR_TRY(addLive(*parts));
  WEIR_TRY(addSecrets(*parts));
  WEIR_TRY(addFolders(*parts));
  WEIR_TRY(openProject(*parts));
  WEIR_TRY(addEngines(*parts));
  return parts;
}

Result<Unit> listen(ServerParts& parts) {
  api::Place place;
  place.host = "native";
  place.application = kEngineVersion;
  place.foldersAreFiles = parts.project != nullptr;
  place.mostWideBytes = parts.config.number("max-apply-size");
  parts.turns = std::make_unique<ApiTurns>();
  parts.pages = std::make_unique<WebPages>(*parts.hooks);
  WEIR_ASSIGN(auto http, listenerOptions(parts.config, parts.data));
  parts.certificates = std::make_unique<CertificateWatch>(http.certificateFile, http.keyFile);
  parts.http = std::make_unique<native::HttpServer>(std::move(http), *parts.pages);
  parts.runner = std::make_unique<engines::ProcessRunner>(*parts.engines, parts.catalogue, parts.clock,
                                                          parts.http->waker(), parts.config.number("execution-memory"));
  addRuns(parts);
  addSecretDesk(parts);
  const auto executions = executionLimitsOf(parts.config, 256);
  // Drafts of a project are files: no transaction could hold their keys, too.
  if (parts.project == nullptr) {
    parts.requestKeys = std::make_unique<store::sql::SqlRequestKeys>(*parts.database, parts.clock);
    parts.once.keepIn(*parts.requestKeys);
  }
  const api::ApiExtras extras{.routes = &api::serverRoutes(),
                              .gate = parts.gate,
                              .server = &parts.server,
                              .observer = &parts.watching->observer(),
                              .once = &parts.once,
                              .auditor = parts.auditor.get(),
                              .publishing = parts.publishing.get(),
                              .elsewhere = &parts.pooled,
                              .zones = &parts.zones};
  parts.api = std::make_unique<api::Api>(std::move(place), executions, parts.clock, parts.catalogue, *parts.store,
                                         *parts.runner, parts.http->waker(), extras);
  addSchedules(parts);
  parts.live.wakes(parts.http->waker());
  parts.turns->serve(*parts.api, parts.live, *parts.supervisor);
  parts.turns->add([&scheduler = *parts.scheduler] { return scheduler.work(); });
  parts.turns->add([&desk = *parts.secretDesk] { return desk.work(); });
  parts.turns->add([&watching = *parts.watching] { return watching.work(); });
  followOthers(parts);
  if (parts.auditPush != nullptr) parts.turns->add([&push = *parts.auditPush] { return push.work(); });
  parts.hooks->attach(*parts.turns, *parts.engines, *parts.supervisor, parts.http->waker());
  WEIR_TRY(parts.http->start());
  parts.http->post([&hooks = *parts.hooks, address = parts.http->address()] { hooks.listensAt(address); });
  parts.engines->keepFrom(ownAddresses(parts.http->address(), parts.services));
  return announceSetup(parts);
}

}  // namespace weir::cli
