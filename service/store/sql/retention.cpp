// The table of what is kept for how long, and the statements that it makes.
#include "service/store/sql/retention.h"

#include <algorithm>
#include <array>
#include <utility>

#include "service/store/request-keys.h"

namespace weir::store::sql {
namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kAtOnce = 500;
/// What has an order of its own in which it goes: trimAudit, trimVersions, trimRunLogs.
constexpr std::array<std::string_view, 3> kByThemselves{"audit", "versions", "run-logs"};

constexpr std::array kRetentions = {
    Retention{.name = "bin",
              .what = "flows in the bin, with their versions",
              .table = "flows",
              .key = "id",
              .when = "binned_at",
              .bytes = "bytes",
              .only = "binned_at IS NOT NULL",
              .keepMs = 30 * kDay},
    // What is named stays: trimVersions.
    Retention{.name = "versions",
              .what = "versions of flows; so many are kept of each",
              .table = "versions",
              .key = "number",
              .when = "created_at",
              .bytes = "bytes",
              .keepRows = 1'000},
    Retention{.name = "runs",
              .what = "runs that have ended, with their files",
              .table = "runs",
              .key = "id",
              .when = "ended_at",
              .bytes = "LENGTH(result) + LENGTH(metrics) + LENGTH(parameters) + 500",
              .only = "is_over = 1",
              .keepMs = 90 * kDay,
              .keepRows = 100'000,
              .keepBytes = std::int64_t{64} << 30},
    Retention{.name = "run-logs",
              .what = "log lines of runs",
              .table = "run_logs",
              .key = "number",
              .when = "at",
              .bytes = "LENGTH(line) + 60",
              .keepMs = 30 * kDay,
              .keepRows = 1'000'000,
              .keepBytes = std::int64_t{256} << 20},
    Retention{.name = "request-keys",
              .what = "keys of requests that may be sent again, with their answers",
              .table = "request_keys",
              .key = "name",
              .when = "at",
              .bytes = "LENGTH(headers) + LENGTH(body) + 300",
              .keepMs = RequestKeys::kKeptMs,
              .keepRows = 200'000,
              .keepBytes = std::int64_t{64} << 20,
              .per = "caller",
              .keepRowsPer = RequestKeys::kMostOfCaller},
    // Of the chain only its beginning goes, by trimAudit.
    Retention{.name = "audit",
              .what = "the audit log",
              .table = "audit",
              .key = "number",
              .when = "at",
              .bytes = "LENGTH(detail) + 300",
              .keepMs = 730 * kDay,
              .keepRows = 10'000'000,
              .keepBytes = std::int64_t{4} << 30},
};

std::string conditionOf(const Retention& kind, std::string_view before = "WHERE") {
  return kind.only.empty() ? std::string() : " " + std::string(before) + " (" + std::string(kind.only) + ")";
}

std::string deleteText(const Retention& kind, const std::string& keys) {
  return "DELETE FROM " + std::string(kind.table) + " WHERE " + std::string(kind.key) + " IN (" + keys + ")";
}

Result<std::int64_t> removeOf(Session& session, const Retention& kind, std::int64_t nowMs) {
  const auto key = std::string(kind.key), when = std::string(kind.when), table = std::string(kind.table);
  std::int64_t removed = 0;
  const auto remove = [&](const std::string& keys, Session::Values values) -> Result<void> {
    WEIR_ASSIGN(const auto rows, session.exec(deleteText(kind, keys), values));
    removed += rows;
    return {};
  };
  const auto select = "SELECT " + key + " FROM " + table;
  if (kind.keepMs > 0) {
    WEIR_TRY(remove(select + " WHERE " + when + " < ?" + conditionOf(kind, "AND") + " ORDER BY " + when + " LIMIT ?",
                    {nowMs - kind.keepMs, kAtOnce}));
  }
  const auto newest = " ORDER BY " + when + " DESC, " + key + " DESC";
  if (kind.keepRows > 0) {
    WEIR_TRY(remove(select + conditionOf(kind) + newest + " LIMIT ? OFFSET ?", {kAtOnce, kind.keepRows}));
  }
  if (kind.keepRowsPer > 0) {
    const auto counted = "SELECT " + key + ", ROW_NUMBER() OVER (PARTITION BY " + std::string(kind.per) + newest +
                         ") AS nth FROM " + table + conditionOf(kind);
    WEIR_TRY(
        remove("SELECT " + key + " FROM (" + counted + ") AS kept WHERE nth > ? LIMIT ?", {kind.keepRowsPer, kAtOnce}));
  }
  if (kind.keepBytes > 0 && !kind.bytes.empty()) {
    const auto running = "SELECT " + key + ", SUM(" + std::string(kind.bytes) + ") OVER (" + newest.substr(1) +
                         ") AS total FROM " + table + conditionOf(kind);
    WEIR_TRY(
        remove("SELECT " + key + " FROM (" + running + ") AS kept WHERE total > ? LIMIT ?", {kind.keepBytes, kAtOnce}));
  }
  return removed;
}

}  // namespace

std::span<const Retention> allRetentions() { return kRetentions; }

std::vector<Retention> retentionsWith(std::span<const Keep> keeps) {
  std::vector<Retention> all(kRetentions.begin(), kRetentions.end());
  for (const auto& keep : keeps) {
    const auto found = std::ranges::find(all, keep.name, &Retention::name);
    if (found == all.end()) continue;
    found->keepMs = keep.keepMs;
    found->keepRows = keep.keepRows;
    found->keepBytes = keep.keepBytes;
  }
  return all;
}

Operation<std::vector<std::string>> expiredRuns(Database& database, Retention kind, std::int64_t nowMs, Waker waker) {
  using Ids = std::vector<std::string>;
  return database.read<Ids>(std::move(waker), [kind, nowMs](Session& session) -> Result<Ids> {
    Ids ids;
    const auto add = [&](std::string_view text, Session::Values values) -> Result<void> {
      WEIR_ASSIGN(const auto rows, session.query(text, values));
      for (const auto& row : rows) {
        if (std::ranges::find(ids, row.text(0)) == ids.end()) ids.push_back(row.text(0));
      }
      return {};
    };
    WEIR_TRY(add(
        "SELECT id FROM runs WHERE is_over = 1 AND keep_ms > 0 AND ended_at < ? - keep_ms ORDER BY ended_at LIMIT ?",
        {nowMs, kAtOnce}));
    WEIR_TRY(
        add("SELECT id FROM (SELECT id, keep_runs, ROW_NUMBER() OVER (PARTITION BY flow ORDER BY number DESC) AS nth "
            "FROM runs WHERE is_over = 1) AS counted WHERE keep_runs > 0 AND nth > keep_runs LIMIT ?",
            {kAtOnce}));
    if (kind.keepMs > 0) {
      WEIR_TRY(add("SELECT id FROM runs WHERE is_over = 1 AND keep_ms = 0 AND ended_at < ? ORDER BY ended_at LIMIT ?",
                   {nowMs - kind.keepMs, kAtOnce}));
    }
    if (kind.keepRows > 0) {
      // By which it is in its folder: the folder that has most gives first.
      WEIR_TRY(add(
          "SELECT id FROM (SELECT id, ended_at, ROW_NUMBER() OVER (PARTITION BY folder ORDER BY ended_at DESC, id "
          "DESC) AS nth FROM runs WHERE is_over = 1) AS counted ORDER BY nth, ended_at DESC, id DESC LIMIT ? OFFSET ?",
          {kAtOnce, kind.keepRows}));
    }
    return ids;
  });
}

Operation<std::vector<BoundRun>> runsBoundByBytes(Database& database, Waker waker) {
  using Runs = std::vector<BoundRun>;
  return database.read<Runs>(std::move(waker), [](Session& session) -> Result<Runs> {
    WEIR_ASSIGN(const auto rows, session.query("SELECT id, flow, keep_bytes, is_over FROM runs WHERE flow IN "
                                               "(SELECT flow FROM runs WHERE keep_bytes > 0) "
                                               "ORDER BY flow, number DESC LIMIT 100000"));
    Runs runs;
    for (const auto& row : rows) {
      const bool first = runs.empty() || runs.back().flow != row.text(1);
      runs.push_back({row.text(0), row.text(1), first ? row.integer(2) : runs.back().keepBytes, row.flag(3)});
    }
    // Its newest version may say nothing of bytes any more.
    std::erase_if(runs, [](const BoundRun& run) { return run.keepBytes == 0; });
    return runs;
  });
}

Operation<std::vector<EndedRun>> endedRuns(Database& database, Waker waker) {
  using Runs = std::vector<EndedRun>;
  return database.read<Runs>(std::move(waker), [](Session& session) -> Result<Runs> {
    WEIR_ASSIGN(
        const auto rows,
        session.query("SELECT id, folder FROM runs WHERE is_over = 1 ORDER BY ended_at DESC, id DESC LIMIT 1000000"));
    Runs runs;
    for (const auto& row : rows) runs.push_back({row.text(0), row.text(1)});
    return runs;
  });
}

Operation<std::vector<std::string>> runsThatGoOn(Database& database, Waker waker) {
  using Ids = std::vector<std::string>;
  return database.read<Ids>(std::move(waker), [](Session& session) -> Result<Ids> {
    WEIR_ASSIGN(const auto rows, session.query("SELECT id FROM runs WHERE is_over = 0", {}));
    Ids ids;
    for (const auto& row : rows) ids.push_back(row.text(0));
    return ids;
  });
}

Operation<std::vector<Removed>> removeOld(Database& database, std::span<const Retention> kinds, std::int64_t nowMs,
                                          Waker waker) {
  return database.write<std::vector<Removed>>(
      std::move(waker),
      [kinds, nowMs](Session& session) -> Result<std::vector<Removed>> {
        std::vector<Removed> all;
        for (const auto& kind : kinds) {
          if (std::ranges::contains(kByThemselves, kind.name)) continue;
          WEIR_ASSIGN(const auto rows, removeOf(session, kind, nowMs));
          if (rows > 0) all.push_back({std::string(kind.name), rows});
        }
        return all;
      },
      Database::Room::frees);
}

}  // namespace weir::store::sql
