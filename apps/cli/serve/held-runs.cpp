// Statements on the restored database, and a look at the checkpoints.
#include "apps/cli/serve/held-runs.h"

#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "adapters/sqlite/database.h"
#include "engine/runtime/checkpoint-record.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/state/sealed-state.h"

namespace weir::cli {
namespace {

constexpr const char* kHeld =
    "UPDATE runs SET state = 'held', owner = '', lease_until = 0, "
    "why = 'it was restored from a backup; look where its sources stood, then resume it' WHERE is_over = 0";
constexpr const char* kGoesOn = "UPDATE runs SET owner = '', lease_until = 0 WHERE is_over = 0";

constexpr const char* kGoing = "SELECT id, flow, folder FROM runs WHERE is_over = 0 ORDER BY number";
constexpr const char* kNoSessions = "DELETE FROM identities WHERE kind = 'session'";

constexpr const char* kSchedules =
    "SELECT s.id, s.name, s.flow, coalesce(f.folder, '') FROM schedules s LEFT JOIN flows f ON f.id = s.flow "
    "WHERE s.paused = 0 ORDER BY s.flow, s.name, s.id";
constexpr const char* kPause = "UPDATE schedules SET paused = 1 WHERE paused = 0";
constexpr const char* kChannels =
    "SELECT id FROM alert_settings WHERE kind = 'channel' AND json_extract(document, '$.enabled') <> 0 ORDER BY id";
constexpr const char* kSwitchOff =
    "UPDATE alert_settings SET document = json_set(document, '$.enabled', json('false')) WHERE kind = 'channel'";
// The same where documents are read otherwise.
constexpr const char* kChannelsElsewhere =
    "SELECT id FROM alert_settings WHERE kind = 'channel' AND document::jsonb -> 'enabled' <> 'false' ORDER BY id";
constexpr const char* kSwitchOffElsewhere =
    "UPDATE alert_settings SET document = jsonb_set(document::jsonb, '{enabled}', 'false')::text WHERE kind = "
    "'channel'";

Result<bool> hasTable(sqlite::Database& database, const char* name) {
  WEIR_ASSIGN(auto statement,
              database.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1"));
  WEIR_TRY(statement.bindText(1, name));
  WEIR_TRY(statement.step());
  return statement.integer(0) > 0;
}

template <class T>
Result<T> waited(Operation<T> operation) {
  while (!operation.ready()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return operation.take();
}

/// What stands in the newest checkpoint of a run; a state that cannot be read is for the run to tell of.
std::vector<std::pair<std::string, std::int64_t>> positionsOf(const std::string& path, const native::KeyRing& ring) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  native::NativeClock clock;
  native::FileStateOptions options;
  options.path = path;
  auto classes = ring.filesOf(native::FileClass::state);
  if (classes.empty()) classes.emplace_back();
  for (const auto& keys : classes) {
    auto opened = native::openState(options, keys, clock);
    if (!opened) continue;
    std::vector<StateEntry> entries;
    for (std::string after;;) {
      constexpr std::int64_t kMost = 1'000;
      auto page = waited((*opened)->list(runtime::CheckpointRecord::kPrefix, after, kMost, Waker()));
      if (!page) return {};
      const bool more = std::ssize(*page) == kMost;
      for (auto& entry : *page) entries.push_back(std::move(entry));
      if (!more) break;
      after = entries.back().key;
    }
    std::vector<std::pair<std::string, std::int64_t>> positions;
    const auto record = runtime::CheckpointRecord::read(entries);
    if (!record) return positions;
    for (const auto& stage : record->stages) {
      if (!stage.ports.empty() || stage.stage != 0 || stage.retired()) continue;
      std::int64_t rows = 0;
      for (const auto& instance : stage.instances) rows += instance.made;
      positions.emplace_back(stage.nodeId, rows);
    }
    return positions;
  }
  return {};
}

/// Of a database of any version that can be restored, so a table may not be there.
template <class Row>
Result<void> eachRow(sqlite::Database& database, const char* table, const char* query, Row take) {
  WEIR_ASSIGN(const bool there, hasTable(database, table));
  if (!there) return {};
  WEIR_ASSIGN(auto rows, database.prepare(query));
  for (;;) {
    WEIR_ASSIGN(const auto more, rows.step());
    if (!more) return {};
    take(rows);
  }
}

Result<void> settleRuns(sqlite::Database& database, bool resume, std::vector<HeldRun>& runs) {
  WEIR_TRY(eachRow(database, "runs", kGoing, [&runs](const sqlite::Statement& row) {
    runs.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))});
  }));
  return runs.empty() ? Result<void>() : database.execute(resume ? kGoesOn : kHeld);
}

Result<void> holdSchedules(sqlite::Database& database, std::vector<HeldSchedule>& schedules) {
  WEIR_TRY(eachRow(database, "schedules", kSchedules, [&schedules](const sqlite::Statement& row) {
    schedules.push_back(
        {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3))});
  }));
  return schedules.empty() ? Result<void>() : database.execute(kPause);
}

Result<void> holdChannels(sqlite::Database& database, std::vector<std::string>& channels) {
  WEIR_TRY(eachRow(database, "alert_settings", kChannels,
                   [&channels](const sqlite::Statement& row) { channels.emplace_back(row.text(0)); }));
  return channels.empty() ? Result<void>() : database.execute(kSwitchOff);
}

Result<bool> isThere(store::sql::Session& session, const char* name) {
  WEIR_ASSIGN(const auto found, session.queryOne("SELECT to_regclass(?) IS NOT NULL", {name}));
  return found && found->flag(0);
}

/// Of a database of any version that can be restored, so a table may not be there.
template <class Row>
Result<void> eachRow(store::sql::Session& session, const char* table, const char* query, Row take) {
  WEIR_ASSIGN(const bool there, isThere(session, table));
  if (!there) return {};
  WEIR_ASSIGN(const auto rows, session.query(query));
  for (const auto& row : rows) take(row);
  return {};
}

Result<Held> settleElsewhere(store::sql::Session& session, bool resume) {
  Held held;
  WEIR_ASSIGN(const bool people, isThere(session, "identities"));
  if (people) WEIR_TRY(session.exec(kNoSessions));
  WEIR_TRY(eachRow(session, "runs", kGoing,
                   [&](const auto& row) { held.runs.push_back({row.text(0), row.text(1), row.text(2)}); }));
  if (!held.runs.empty()) WEIR_TRY(session.exec(resume ? kGoesOn : kHeld));
  if (resume) return held;
  WEIR_TRY(eachRow(session, "schedules", kSchedules, [&](const auto& row) {
    held.schedules.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
  }));
  if (!held.schedules.empty()) WEIR_TRY(session.exec(kPause));
  WEIR_TRY(eachRow(session, "alert_settings", kChannelsElsewhere,
                   [&](const auto& row) { held.channels.push_back(row.text(0)); }));
  if (!held.channels.empty()) WEIR_TRY(session.exec(kSwitchOffElsewhere));
  return held;
}

Result<Held> settleFile(const std::string& path, const native::KeyRing& ring, bool resume) {
  Held held;
  sqlite::OpenOptions options;
  if (const auto* key = ring.database()) options.key = *key;
  WEIR_ASSIGN(auto database, sqlite::Database::open(path, options));
  WEIR_ASSIGN(const bool people, hasTable(database, "identities"));
  if (people) WEIR_TRY(database.execute(kNoSessions));
  WEIR_TRY(settleRuns(database, resume, held.runs));
  if (!resume) {
    WEIR_TRY(holdSchedules(database, held.schedules));
    WEIR_TRY(holdChannels(database, held.channels));
  }
  WEIR_TRY(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  return held;
}

}  // namespace

Result<Held> settleRestored(const std::string& dataFolder, const native::KeyRing& ring, bool resume,
                            ElsewhereRecords* elsewhere) {
  WEIR_ASSIGN(auto held, elsewhere != nullptr ? settleElsewhere(*elsewhere, resume)
                                              : settleFile(dataFolder + "/weir.db", ring, resume));
  for (auto& run : held.runs) run.positions = positionsOf(dataFolder + "/runs/" + run.id + "/state", ring);
  return held;
}

}  // namespace weir::cli
