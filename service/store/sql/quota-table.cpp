// Quotas, in SQL.
#include "service/store/sql/quota-table.h"

#include <algorithm>
#include <utility>

#include "engine/json/writer.h"

namespace weir::store::sql {
namespace {

constexpr std::int64_t kMinute = 60'000;

Result<std::vector<QuotaRecord>> all(Session& session) {
  WEIR_ASSIGN(
      const auto rows,
      session.query(
          "SELECT folder, runs, started_per_minute, memory_bytes, disk_bytes, max_run_ms, changed_by, "
          "changed_at, revision, total_disk_bytes, threads, descriptors FROM quotas ORDER BY folder LIMIT 10000"));
  std::vector<QuotaRecord> records;
  for (const auto& row : rows) {
    QuotaRecord record;
    record.folder = row.text(0);
    record.quota = {.runs = row.integer(1),
                    .startedPerMinute = row.integer(2),
                    .totalDiskBytes = row.integer(9),
                    .memoryBytes = row.integer(3),
                    .diskBytes = row.integer(4),
                    .maxRunMs = row.integer(5),
                    .threads = row.integer(10),
                    .descriptors = row.integer(11)};
    record.changedBy = row.text(6);
    record.changedAt = row.integer(7);
    record.revision = row.integer(8);
    records.push_back(std::move(record));
  }
  return records;
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

std::string inWords(const std::string& folder) {
  return folder.empty() ? std::string("the server") : "the folder '" + folder + "'";
}

std::int64_t lower(std::int64_t a, std::int64_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

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
  for (const auto& one : quotas) {
    if (!covers(one.folder, folder)) continue;
    found.memoryBytes = lower(found.memoryBytes, one.quota.memoryBytes);
    found.diskBytes = lower(found.diskBytes, one.quota.diskBytes);
    found.maxRunMs = lower(found.maxRunMs, one.quota.maxRunMs);
    found.threads = lower(found.threads, one.quota.threads);
    found.descriptors = lower(found.descriptors, one.quota.descriptors);
  }
  if (std::max({found.memoryBytes, found.diskBytes, found.maxRunMs, found.threads, found.descriptors}) == 0)
    return std::string();
  std::string text;
  json::Writer out(text);
  out.beginObject().key("memoryBytes").value(found.memoryBytes).key("diskBytes").value(found.diskBytes);
  out.key("maxRunMs")
      .value(found.maxRunMs)
      .key("threads")
      .value(found.threads)
      .key("descriptors")
      .value(found.descriptors)
      .endObject();
  return text;
}

Operation<std::vector<QuotaRecord>> SqlQuotas::list(Waker waker) {
  using All = std::vector<QuotaRecord>;
  return database_.read<All>(std::move(waker), [this](Session& session) -> Result<All> {
    WEIR_ASSIGN(auto records, all(session));
    for (auto& one : records) {
      WEIR_ASSIGN(one.going, goingIn(session, one.folder));
      WEIR_ASSIGN(one.startedLately, startedIn(session, one.folder, clock_.nowMicros() / 1000));
    }
    return records;
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
            "changed_at, revision, total_disk_bytes, threads, descriptors) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (folder) DO UPDATE SET runs = "
            "excluded.runs, started_per_minute = excluded.started_per_minute, memory_bytes = excluded.memory_bytes, "
            "disk_bytes = excluded.disk_bytes, max_run_ms = excluded.max_run_ms, changed_by = excluded.changed_by, "
            "changed_at = excluded.changed_at, revision = excluded.revision, total_disk_bytes = "
            "excluded.total_disk_bytes, threads = excluded.threads, descriptors = excluded.descriptors",
            {kept.folder, quota.runs, quota.startedPerMinute, quota.memoryBytes, quota.diskBytes, quota.maxRunMs,
             kept.changedBy, kept.changedAt, kept.revision, quota.totalDiskBytes, quota.threads, quota.descriptors}));
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

}  // namespace weir::store::sql
