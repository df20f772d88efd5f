// Quotas, in SQL.
#include "service/store/sql/quota-table.h"

#include <algorithm>
#include <utility>

#include "engine/json/writer.h"
#include "service/store/sql/document-quota.h"
#include "service/store/sql/reach-sql.h"

namespace weir::store::sql {
namespace {

constexpr std::int64_t kMinute = 60'000, kDay = 24 * 60 * kMinute;
/// After so many nobody asks what was sent in one.
constexpr std::int64_t kDaysKept = 40;

constexpr std::string_view kColumns =
    "SELECT folder, runs, started_per_minute, memory_bytes, disk_bytes, max_run_ms, changed_by, "
    "changed_at, revision, total_disk_bytes, threads, descriptors, connections, total_connections, egress_bytes, "
    "egress_bytes_per_day, documents, versions, document_bytes FROM quotas";

std::vector<QuotaRecord> recordsOf(const std::vector<Row>& rows) {
  std::vector<QuotaRecord> records;
  for (const auto& row : rows) {
    QuotaRecord record;
    record.folder = row.text(0);
    record.quota = {.runs = row.integer(1),
                    .startedPerMinute = row.integer(2),
                    .totalDiskBytes = row.integer(9),
                    .totalConnections = row.integer(13),
                    .egressBytesPerDay = row.integer(15),
                    .documents = row.integer(16),
                    .versions = row.integer(17),
                    .documentBytes = row.integer(18),
                    .memoryBytes = row.integer(3),
                    .diskBytes = row.integer(4),
                    .maxRunMs = row.integer(5),
                    .threads = row.integer(10),
                    .descriptors = row.integer(11),
                    .connections = row.integer(12),
                    .egressBytes = row.integer(14)};
    record.changedBy = row.text(6);
    record.changedAt = row.integer(7);
    record.revision = row.integer(8);
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::vector<QuotaRecord>> all(Session& session) {
  WEIR_ASSIGN(const auto rows, session.query(std::string(kColumns) + " ORDER BY folder LIMIT 10000"));
  return recordsOf(rows);
}

bool covers(const std::string& quota, const std::string& folder) {
  return quota.empty() || folder == quota || folder.starts_with(quota + "/");
}

Result<std::int64_t> count(Session& session, const std::string& folder, const std::string& which, std::int64_t value) {
  const auto select = "SELECT COUNT(*) FROM runs WHERE " + which;
  WEIR_ASSIGN(const auto row, folder.empty()
                                  ? session.queryOne(select, {value})
                                  : session.queryOne(select + " AND (folder = ? OR folder LIKE ? ESCAPE '!')",
                                                     {value, folder, beginningWith(folder + "/")}));
  return row ? row->integer(0) : 0;
}

Result<std::int64_t> goingIn(Session& session, const std::string& folder) {
  return count(session, folder, "is_over = ?", 0);
}
Result<std::int64_t> startedIn(Session& session, const std::string& folder, std::int64_t nowMs) {
  return count(session, folder, "created_at > ?", nowMs - kMinute);
}

Result<std::int64_t> sentIn(Session& session, const std::string& folder, std::int64_t day) {
  const std::string select = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM folder_egress WHERE day = ?";
  WEIR_ASSIGN(const auto row, folder.empty()
                                  ? session.queryOne(select, {day})
                                  : session.queryOne(select + " AND (folder = ? OR folder LIKE ? ESCAPE '!')",
                                                     {day, folder, beginningWith(folder + "/")}));
  return row ? row->integer(0) : 0;
}

std::string inWords(const std::string& folder) {
  return folder.empty() ? std::string("the server") : "the folder '" + folder + "'";
}

/// What goes on now under each.
Result<void> addUse(Session& session, std::vector<QuotaRecord>& records, std::int64_t nowMs) {
  for (auto& one : records) {
    WEIR_ASSIGN(one.going, goingIn(session, one.folder));
    WEIR_ASSIGN(one.startedLately, startedIn(session, one.folder, nowMs));
    WEIR_ASSIGN(one.sentToday, sentIn(session, one.folder, nowMs / kDay));
  }
  return {};
}

std::int64_t lower(std::int64_t a, std::int64_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

/// A bound, and the folder whose it is.
struct OwnedBound {
  std::string name;
  std::int64_t most = 0;
  std::string folder{};

  void cut(std::int64_t bound, const std::string& of) {
    if (bound == 0 || (most > 0 && most <= bound)) return;
    most = bound;
    folder = of;
  }
  void write(json::Writer& out) const {
    if (most > 0) out.key(name).value(most).key(name + "Of").value(folder);
  }
};

}  // namespace

Result<void> admit(Session& session, const std::string& folder, std::int64_t nowMs) {
  WEIR_ASSIGN(const auto quotas, all(session));
  for (const auto& one : quotas) {
    if (!covers(one.folder, folder)) continue;
    if (one.quota.runs > 0) {
      WEIR_ASSIGN(const auto going, goingIn(session, one.folder));
      if (going >= one.quota.runs) {
        return fail("quota.runs", "for " + inWords(one.folder) + " at most " + std::to_string(one.quota.runs) +
                                      " runs may go on at a time, and as many do; stop one, or ask for a higher quota");
      }
    }
    if (one.quota.startedPerMinute > 0) {
      WEIR_ASSIGN(const auto started, startedIn(session, one.folder, nowMs));
      if (started >= one.quota.startedPerMinute) {
        return fail("quota.started",
                    "for " + inWords(one.folder) + " at most " + std::to_string(one.quota.startedPerMinute) +
                        " runs may be started a minute, and as many were; try again later, or ask for a higher quota",
                    true);
      }
    }
  }
  return {};
}

Result<std::string> limitsOf(Session& session, const std::string& folder) {
  WEIR_ASSIGN(const auto quotas, all(session));
  Quota found;
  OwnedBound connections{"connections"}, egress{"egressBytes"};
  std::vector<OwnedBound> shared;
  for (const auto& one : quotas) {
    if (!covers(one.folder, folder)) continue;
    connections.cut(one.quota.connections, one.folder);
    egress.cut(one.quota.egressBytes, one.folder);
    if (one.quota.totalConnections > 0) shared.push_back({"most", one.quota.totalConnections, one.folder});
    found.memoryBytes = lower(found.memoryBytes, one.quota.memoryBytes);
    found.diskBytes = lower(found.diskBytes, one.quota.diskBytes);
    found.maxRunMs = lower(found.maxRunMs, one.quota.maxRunMs);
    found.threads = lower(found.threads, one.quota.threads);
    found.descriptors = lower(found.descriptors, one.quota.descriptors);
  }
  if (std::max({found.memoryBytes, found.diskBytes, found.maxRunMs, found.threads, found.descriptors, connections.most,
                egress.most}) == 0 &&
      shared.empty())
    return std::string();
  std::string text;
  json::Writer out(text);
  out.beginObject().key("memoryBytes").value(found.memoryBytes).key("diskBytes").value(found.diskBytes);
  out.key("maxRunMs")
      .value(found.maxRunMs)
      .key("threads")
      .value(found.threads)
      .key("descriptors")
      .value(found.descriptors);
  connections.write(out);
  egress.write(out);
  out.key("totalConnections").beginArray();
  for (const auto& one : shared)
    out.beginObject().key("folder").value(one.folder).key("most").value(one.most).endObject();
  out.endArray().endObject();
  return text;
}

Operation<std::vector<QuotaRecord>> SqlQuotas::list(Waker waker) {
  using All = std::vector<QuotaRecord>;
  return database_.read<All>(std::move(waker), [this](Session& session) -> Result<All> {
    WEIR_ASSIGN(auto records, all(session));
    WEIR_TRY(addUse(session, records, clock_.nowMicros() / 1000));
    return records;
  });
}

Operation<QuotaPage> SqlQuotas::page(QuotaQuery query, Waker waker) {
  return database_.read<QuotaPage>(
      std::move(waker), [query = std::move(query), this](Session& session) -> Result<QuotaPage> {
        auto sql = std::string(kColumns) + " WHERE 1 = 1";
        std::vector<std::string> texts;
        if (!query.folder.empty()) onlyInFolders({sql, texts}, "folder", {query.folder});
        if (query.visible) onlyInReach({sql, texts}, *query.visible, "folder", {});
        if (query.after) {
          sql += " AND folder > ?";
          texts.push_back(*query.after);
        }
        std::vector<Value> values(texts.begin(), texts.end());
        values.emplace_back(query.limit + 1);
        WEIR_ASSIGN(const auto rows, session.query(sql + " ORDER BY folder LIMIT ?", std::span<const Value>(values)));
        QuotaPage page{.quotas = recordsOf(rows)};
        page.more = std::ssize(page.quotas) > query.limit;
        if (page.more) page.quotas.pop_back();
        WEIR_TRY(addUse(session, page.quotas, clock_.nowMicros() / 1000));
        for (auto& one : page.quotas) {
          WEIR_ASSIGN(const auto use, documentsIn(session, one.folder));
          one.documents = use.documents;
          one.versions = use.versions;
          one.documentBytes = use.bytes;
        }
        return page;
      });
}

Operation<QuotaRecord> SqlQuotas::put(QuotaRecord record, Waker waker) {
  return database_.write<QuotaRecord>(
      std::move(waker), [record = std::move(record)](Session& session) -> Result<QuotaRecord> {
        auto kept = record;
        WEIR_ASSIGN(kept.revision, session.nextNumber());
        const auto& quota = kept.quota;
        WEIR_TRY(session.exec(
            "INSERT INTO quotas (folder, runs, started_per_minute, memory_bytes, disk_bytes, max_run_ms, changed_by, "
            "changed_at, revision, total_disk_bytes, threads, descriptors, connections, total_connections, "
            "egress_bytes, egress_bytes_per_day, documents, versions, document_bytes) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (folder) DO UPDATE SET runs = "
            "excluded.runs, started_per_minute = excluded.started_per_minute, memory_bytes = excluded.memory_bytes, "
            "disk_bytes = excluded.disk_bytes, max_run_ms = excluded.max_run_ms, changed_by = excluded.changed_by, "
            "changed_at = excluded.changed_at, revision = excluded.revision, total_disk_bytes = "
            "excluded.total_disk_bytes, threads = excluded.threads, descriptors = excluded.descriptors, "
            "connections = excluded.connections, total_connections = excluded.total_connections, egress_bytes = "
            "excluded.egress_bytes, egress_bytes_per_day = excluded.egress_bytes_per_day, documents = "
            "excluded.documents, versions = excluded.versions, document_bytes = excluded.document_bytes",
            {kept.folder, quota.runs, quota.startedPerMinute, quota.memoryBytes, quota.diskBytes, quota.maxRunMs,
             kept.changedBy, kept.changedAt, kept.revision, quota.totalDiskBytes, quota.threads, quota.descriptors,
             quota.connections, quota.totalConnections, quota.egressBytes, quota.egressBytesPerDay, quota.documents,
             quota.versions, quota.documentBytes}));
        return kept;
      });
}

Operation<Unit> SqlQuotas::remove(std::string folder, Waker waker) {
  return database_.write<Unit>(
      std::move(waker),
      [folder = std::move(folder)](Session& session) -> Result<Unit> {
        WEIR_ASSIGN(const auto gone, session.exec("DELETE FROM quotas WHERE folder = ?", {folder}));
        if (gone == 0) return fail("storage.not_found", inWords(folder) + " has no quota of its own");
        return Unit{};
      },
      Database::Room::frees);
}

Operation<Unit> SqlQuotas::addSent(std::map<std::string, std::int64_t> bytes, Waker waker) {
  return database_.write<Unit>(std::move(waker), [this, bytes = std::move(bytes)](Session& session) -> Result<Unit> {
    const auto day = clock_.nowMicros() / 1000 / kDay;
    for (const auto& [folder, sent] : bytes) {
      WEIR_TRY(
          session.exec("INSERT INTO folder_egress (folder, day, bytes) VALUES (?, ?, ?) ON CONFLICT (folder, day) "
                       "DO UPDATE SET bytes = folder_egress.bytes + excluded.bytes",
                       {folder, day, sent}));
    }
    WEIR_TRY(session.exec("DELETE FROM folder_egress WHERE day < ?", {day - kDaysKept}));
    return Unit{};
  });
}

}  // namespace weir::store::sql
