// The parts of a server that answer: what runs, what is due, and the listener.
#include <utility>

#include "apps/cli/serve/backup-part.h"
#include "apps/cli/serve/execution-limits.h"
#include "apps/cli/serve/own-services.h"
#include "apps/cli/serve/server-parts.h"
#include "apps/cli/serve/server-words.h"
#include "apps/cli/serve/setup-link.h"
#include "engine/node/version.h"
#include "hosts/native/network/network-policy.h"
#include "service/auth/secret-text.h"
#include "service/engines/process-runner.h"
#include "service/resources/audit/server-auditor.h"
#include "service/resources/server-routes.h"
#include "service/store/cache/cached-store.h"
#include "service/store/sql/disk-use.h"
#include "service/store/sql/letter-table.h"
#include "service/store/sql/request-key-table.h"
#include "service/store/sql/schedule-table.h"
#include "service/store/sql/sql-applier.h"

namespace weir::cli {
namespace {

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
  const auto waits = [&desk = parts.backupDesk] { return desk != nullptr && desk->holds(); };
  parts.publishing = std::make_unique<api::FolderPublishing>(*parts.folders, parts.catalogue, parts.runs.get(), waits);
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

}  // namespace

Result<Unit> listen(ServerParts& parts) {
  api::Place place;
  place.host = "native";
  place.application = kEngineVersion;
  place.foldersAreFiles = parts.project != nullptr;
  place.mostWideBytes = parts.config.number("max-apply-size");
  parts.turns = std::make_unique<ApiTurns>();
  parts.pages = std::make_unique<WebPages>(*parts.hooks);
  auto http = std::move(parts.listener);
  WEIR_TRY(certify(http, parts.config, parts.data));
  parts.certificates = std::make_unique<CertificateWatch>(http.certificateFile, http.keyFile);
  parts.http = std::make_unique<native::HttpServer>(std::move(http), *parts.pages);
  auto runner = std::make_unique<engines::ProcessRunner>(*parts.engines, parts.catalogue, parts.clock,
                                                         parts.http->waker(), parts.config.number("execution-memory"));
  // An execution is in no folder: it counts for the whole of the server.
  runner->whenSent([sent = parts.folderDisk->counter()](std::int64_t bytes) { sent({}, bytes); });
  parts.runner = std::move(runner);
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
  addBackupDesk(parts);
  followOthers(parts);
  if (parts.auditPush != nullptr) parts.turns->add([&push = *parts.auditPush] { return push.work(); });
  parts.hooks->attach(*parts.turns, *parts.engines, *parts.supervisor, parts.http->waker());
  WEIR_TRY(parts.http->start());
  parts.http->post([&hooks = *parts.hooks, address = parts.http->address()] { hooks.listensAt(address); });
  parts.engines->keepFrom(ownAddresses(parts.http->address(), parts.services));
  return announceSetup(parts);
}

}  // namespace weir::cli
