// Looked for by a reader, so that no change waits while it does; removed in one transaction.
#include "service/store/sql/version-keep.h"

#include <string>
#include <utility>
#include <vector>

#include "service/store/sql/object-table.h"

namespace weir::store::sql {
namespace {

constexpr std::int64_t kAtOnce = 200;
/// Flows with too many that are looked at in a round: of some nothing may go.
constexpr std::int64_t kMostFlows = 1'000;

/// Of a row of versions with that of its flow.
constexpr std::string_view kMayGo =
    " AND versions.published = 0 AND versions.number < flows.latest_version"
    " AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.flow = versions.flow AND is_over = 0"
    " AND runs.version = versions.number)"
    " AND NOT EXISTS (SELECT 1 FROM schedules WHERE schedules.flow = versions.flow"
    " AND schedules.version = versions.number)";

struct Old {
  std::string flow;
  std::int64_t number = 0;
};

std::string selecting(std::string_view columns, std::string_view condition) {
  return "SELECT " + std::string(columns) + " FROM versions JOIN flows ON flows.id = versions.flow WHERE " +
         std::string(condition) + std::string(kMayGo);
}

Result<void> addBeyond(Session& session, std::int64_t keepRows, std::vector<Old>& found) {
  static const auto kBelow = selecting("versions.flow, versions.number", "versions.flow = ? AND versions.number < ?") +
                             " ORDER BY versions.number LIMIT ?";
  WEIR_ASSIGN(const auto flows, session.query("SELECT id FROM flows WHERE version_count > ? ORDER BY id LIMIT ?",
                                              {keepRows, kMostFlows}));
  for (const auto& flow : flows) {
    const auto left = kAtOnce - std::ssize(found);
    if (left <= 0) return {};
    WEIR_ASSIGN(const auto first,
                session.queryOne("SELECT number FROM versions WHERE flow = ? ORDER BY number DESC LIMIT 1 OFFSET ?",
                                 {flow.text(0), keepRows - 1}));
    if (!first) continue;
    WEIR_ASSIGN(const auto rows, session.query(kBelow, {flow.text(0), first->integer(0), left}));
    for (const auto& row : rows) found.push_back({row.text(0), row.integer(1)});
  }
  return {};
}

Result<std::vector<Old>> oldVersions(Session& session, const VersionKeep& keep, std::int64_t nowMs) {
  static const auto kBefore = selecting("versions.flow, versions.number", "versions.created_at < ?") + " LIMIT ?";
  std::vector<Old> found;
  if (keep.keepMs > 0) {
    WEIR_ASSIGN(const auto rows, session.query(kBefore, {nowMs - keep.keepMs, kAtOnce}));
    for (const auto& row : rows) found.push_back({row.text(0), row.integer(1)});
  }
  if (keep.keepRows > 0) WEIR_TRY(addBeyond(session, keep.keepRows, found));
  return found;
}

/// What has come to be named since it was found stays.
Result<bool> removeOne(Session& session, const Old& old, std::int64_t nowMs) {
  static const auto kRead = selecting("versions.object, versions.bytes", "versions.flow = ? AND versions.number = ?");
  WEIR_ASSIGN(const auto rows, session.query(kRead, {old.flow, old.number}));
  if (rows.empty()) return false;
  const auto bytes = rows.front().integer(1);
  WEIR_TRY(session.post("DELETE FROM versions WHERE flow = ? AND number = ?", {old.flow, old.number}));
  WEIR_TRY(
      session.post("UPDATE flows SET version_count = version_count - 1, version_bytes = version_bytes - ? WHERE id = ?",
                   {bytes, old.flow}));
  WEIR_TRY(dropped(session, namesIn(rows), nowMs));
  return true;
}

}  // namespace

Result<std::int64_t> trimVersions(Database& database, VersionKeep keep, std::int64_t nowMs) {
  WEIR_ASSIGN(auto old, waitFor(database.read<std::vector<Old>>(
                            {}, [keep, nowMs](Session& session) { return oldVersions(session, keep, nowMs); })));
  if (old.empty()) return 0;
  const auto remove = [old = std::move(old), nowMs](Session& session) -> Result<std::int64_t> {
    std::int64_t gone = 0;
    for (const auto& one : old) {
      WEIR_ASSIGN(const auto went, removeOne(session, one, nowMs));
      gone += went ? 1 : 0;
    }
    return gone;
  };
  return waitFor(database.write<std::int64_t>({}, remove, Database::Room::frees));
}

}  // namespace weir::store::sql
