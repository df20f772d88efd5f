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

}  // namespace

Result<std::vector<HeldRun>> settleRestored(const std::string& dataFolder, const native::KeyRing& ring, bool resume) {
  std::vector<HeldRun> runs;
  {
    sqlite::OpenOptions options;
    if (const auto* key = ring.database()) options.key = *key;
    WEIR_ASSIGN(auto database, sqlite::Database::open(dataFolder + "/weir.db", options));
    WEIR_ASSIGN(const bool people, hasTable(database, "identities"));
    if (people) WEIR_TRY(database.execute("DELETE FROM identities WHERE kind = 'session'"));
    WEIR_ASSIGN(const bool running, hasTable(database, "runs"));
    if (running) {
      WEIR_ASSIGN(auto rows, database.prepare("SELECT id, flow, folder FROM runs WHERE is_over = 0 ORDER BY number"));
      for (;;) {
        WEIR_ASSIGN(const auto more, rows.step());
        if (!more) break;
        runs.push_back({std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2))});
      }
      rows.reset();
      WEIR_TRY(database.execute(resume ? kGoesOn : kHeld));
    }
    WEIR_TRY(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  for (auto& run : runs) run.positions = positionsOf(dataFolder + "/runs/" + run.id + "/state", ring);
  return runs;
}

}  // namespace weir::cli
