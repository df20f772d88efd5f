// Records of runs, in SQL.
#include "service/store/sql/run-table.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "service/store/sql/object-table.h"
#include "service/store/sql/quota-table.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE runs (id TEXT PRIMARY KEY, number INTEGER NOT NULL, flow TEXT NOT NULL, folder TEXT NOT NULL, "
     "version INTEGER NOT NULL, wanted INTEGER NOT NULL, state TEXT NOT NULL, is_over INTEGER NOT NULL, "
     "why TEXT NOT NULL, starter TEXT NOT NULL, parameters TEXT NOT NULL, request_key TEXT, created_at INTEGER NOT "
     "NULL, "
     "started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, outcome TEXT NOT NULL, error_code TEXT NOT NULL, "
     "error_message TEXT NOT NULL, result TEXT NOT NULL, metrics TEXT NOT NULL, restarts INTEGER NOT NULL, "
     "owner TEXT NOT NULL, epoch INTEGER NOT NULL, lease_until INTEGER NOT NULL);"
     "CREATE UNIQUE INDEX runs_by_number ON runs (number);"
     "CREATE INDEX runs_by_flow ON runs (flow, number);"
     "CREATE INDEX runs_going_on ON runs (is_over, owner);"
     "CREATE UNIQUE INDEX runs_by_request ON runs (flow, request_key);"
     "CREATE TABLE run_documents (run TEXT PRIMARY KEY, document TEXT NOT NULL)"},
    {"ALTER TABLE runs ADD COLUMN keep_ms INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE runs ADD COLUMN keep_runs INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE runs ADD COLUMN replay TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE runs ADD COLUMN environment TEXT NOT NULL DEFAULT '';"
     "CREATE TABLE quotas (folder TEXT PRIMARY KEY, runs INTEGER NOT NULL, started_per_minute INTEGER NOT NULL, "
     "memory_bytes INTEGER NOT NULL, disk_bytes INTEGER NOT NULL, max_run_ms INTEGER NOT NULL, changed_by TEXT NOT "
     "NULL, changed_at INTEGER NOT NULL, revision INTEGER NOT NULL);"
     "CREATE INDEX runs_by_time ON runs (created_at)"},
    {"ALTER TABLE run_documents ADD COLUMN object TEXT;"
     "CREATE INDEX run_documents_by_object ON run_documents (object) WHERE object IS NOT NULL;"
     "ALTER TABLE runs ADD COLUMN keep_bytes INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE quotas ADD COLUMN total_disk_bytes INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE quotas ADD COLUMN threads INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE quotas ADD COLUMN descriptors INTEGER NOT NULL DEFAULT 0"},
    {"ALTER TABLE quotas ADD COLUMN connections INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE quotas ADD COLUMN total_connections INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE quotas ADD COLUMN egress_bytes INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE quotas ADD COLUMN egress_bytes_per_day INTEGER NOT NULL DEFAULT 0;"
     "CREATE TABLE folder_egress (folder TEXT NOT NULL, day INTEGER NOT NULL, bytes INTEGER NOT NULL, "
     "PRIMARY KEY (folder, day))"},
    {"ALTER TABLE runs ADD COLUMN flow_made_at INTEGER NOT NULL DEFAULT 0"},
    {"ALTER TABLE quotas ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE quotas ADD COLUMN versions INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE quotas ADD COLUMN document_bytes INTEGER NOT NULL DEFAULT 0"},
    {"ALTER TABLE runs ADD COLUMN rows_kept TEXT NOT NULL DEFAULT ''"}};
constexpr Kind kKind{"runs", kSteps};

constexpr std::string_view kColumns =
    "id, flow, folder, version, wanted, state, why, starter, parameters, request_key, created_at, started_at, "
    "ended_at, outcome, error_code, error_message, result, metrics, restarts, owner, epoch, lease_until, number, "
    "replay, environment, flow_made_at, rows_kept";

std::string selecting(std::string_view rest) {
  return "SELECT " + std::string(kColumns) + " FROM runs " + std::string(rest);
}

RunRecord recordOf(const Row& row) {
  RunRecord run;
  run.id = row.text(0);
  run.flow = row.text(1);
  run.folder = row.text(2);
  run.version = row.integer(3);
  run.wanted = row.flag(4);
  run.state = runStateNamed(row.text(5)).value_or(RunState::held);
  run.why = row.text(6);
  run.starter = row.text(7);
  run.parameters = row.text(8);
  run.requestKey = row.text(9);
  run.createdAt = row.integer(10);
  run.startedAt = row.integer(11);
  run.endedAt = row.integer(12);
  run.outcome = row.text(13);
  run.errorCode = row.text(14);
  run.errorMessage = row.text(15);
  run.result = row.text(16);
  run.metrics = row.text(17);
  run.restarts = row.integer(18);
  run.owner = row.text(19);
  run.epoch = row.integer(20);
  run.leaseUntil = row.integer(21);
  run.replay = row.text(23);
  run.environment = row.text(24);
  run.flowMadeAt = row.integer(25);
  run.rowsKept = row.text(26);
  return run;
}

std::unexpected<Error> noRun(const std::string& id) {
  return fail("storage.not_found", "there is no run '" + id + "' here");
}

Result<RunRecord> find(Session& session, const std::string& id) {
  WEIR_ASSIGN(const auto row, session.queryOne(selecting("WHERE id = ?"), {id}));
  if (!row) return noRun(id);
  return recordOf(*row);
}

/// By the database's clock, so that servers that share it agree.
Result<std::int64_t> nowMs(Session& session, Clock& clock) {
  if (session.dialect() == Dialect::sqlite) return clock.nowMicros() / 1000;
  WEIR_ASSIGN(const auto row, session.queryOne("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"));
  return row ? row->integer(0) : clock.nowMicros() / 1000;
}

Result<void> insert(Session& session, const StoredRun& run, std::int64_t number) {
  const auto& record = run.record;
  const std::optional<std::string> key =
      record.requestKey.empty() ? std::nullopt : std::optional<std::string>(record.requestKey);
  WEIR_TRY(session.exec(
      "INSERT INTO runs (id, number, flow, folder, version, wanted, state, is_over, why, starter, parameters, "
      "request_key, created_at, started_at, ended_at, outcome, error_code, error_message, result, metrics, restarts, "
      "owner, epoch, lease_until, keep_ms, keep_runs, replay, environment, keep_bytes, flow_made_at, "
      "rows_kept) VALUES (?, ?, ?, ?, ?, 1, 'starting', 0, '', ?, ?, ?, ?, 0, 0, '', '', '', '', '', 0, ?, 1, ?, ?, ?, "
      "?, ?, ?, ?, ?)",
      {record.id, number, record.flow, record.folder, record.version, record.starter, record.parameters, key,
       record.createdAt, record.owner, record.leaseUntil, record.keepMs, record.keepRuns, record.replay,
       record.environment, record.keepBytes, record.flowMadeAt, record.rowsKept}));
  WEIR_ASSIGN(const auto kept, rowText(session, run.document, record.createdAt));
  WEIR_TRY(session.exec("INSERT INTO run_documents (run, document, object) VALUES (?, ?, ?)",
                        {record.id, kept.text, kept.object}));
  return {};
}

/// What the words of a query come to, with what is bound.
struct Condition {
  std::string sql;
  std::vector<std::string> texts;
  void also(std::string_view text) { sql += (sql.empty() ? "WHERE " : " AND ") + std::string(text); }
};

void within(Condition& condition, std::string& either, const std::string& folder) {
  either += either.empty() ? "" : " OR ";
  either += "folder = ? OR folder LIKE ? ESCAPE '!'";
  condition.texts.push_back(folder);
  condition.texts.push_back(beginningWith(folder + "/"));
}

Condition conditionOf(const RunQuery& query) {
  Condition condition;
  if (!query.flow.empty()) {
    condition.also("flow = ?");
    condition.texts.push_back(query.flow);
  }
  if (query.state) {
    condition.also("state = ?");
    condition.texts.emplace_back(nameOf(*query.state));
  }
  if (!query.starter.empty()) {
    condition.also("starter = ?");
    condition.texts.push_back(query.starter);
  }
  if (!query.folder.empty()) {
    std::string inside;
    within(condition, inside, query.folder);
    condition.also("(" + inside + ")");
  }
  bool everywhere = query.folders.empty() && query.flows.empty();
  std::string either;
  for (const auto& folder : query.folders) everywhere = everywhere || folder.empty();
  if (everywhere) return condition;
  for (const auto& folder : query.folders) within(condition, either, folder);
  for (const auto& flow : query.flows) {
    either += either.empty() ? "flow = ?" : " OR flow = ?";
    condition.texts.push_back(flow);
  }
  condition.also("(" + either + ")");
  return condition;
}

Result<std::int64_t> numberIn(const std::string& cursor) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
  if (error != std::errc() || end != cursor.data() + cursor.size()) {
    return fail("storage.invalid", "the cursor '" + cursor + "' is of no list of runs; begin with the first page");
  }
  return number;
}

}  // namespace

const Kind& runKind() { return kKind; }

Result<RunRecord> insertRun(Session& session, Clock& clock, const StoredRun& run) {
  const auto& record = run.record;
  if (!record.requestKey.empty()) {
    WEIR_ASSIGN(const auto known,
                session.queryOne(selecting("WHERE flow = ? AND request_key = ?"), {record.flow, record.requestKey}));
    if (known) {
      auto before = recordOf(*known);
      const bool sameFlow = before.flowMadeAt == 0 || before.flowMadeAt == record.flowMadeAt;
      if (sameFlow && before.folder == record.folder) return before;
      // Of another flow that had the id, or of this one where it was before: the key is of who asks here now.
      WEIR_TRY(session.exec("UPDATE runs SET request_key = NULL WHERE id = ?", {before.id}));
    }
  }
  WEIR_ASSIGN(const auto number, session.nextNumber());
  auto stored = run;
  WEIR_ASSIGN(const auto now, nowMs(session, clock));
  WEIR_TRY(admit(session, record.folder, clock.nowMicros() / 1000));
  WEIR_ASSIGN(stored.record.limits, limitsOf(session, record.folder));
  stored.record.leaseUntil += now;
  stored.record.epoch = 1;
  WEIR_TRY(insert(session, stored, number));
  return stored.record;
}

Operation<RunRecord> SqlRuns::create(StoredRun run, Waker waker) {
  return database_.write<RunRecord>(
      std::move(waker), [run = std::move(run), this](Session& session) { return insertRun(session, clock_, run); });
}

Operation<RunRecord> SqlRuns::read(std::string id, Waker waker) {
  return database_.read<RunRecord>(std::move(waker),
                                   [id = std::move(id)](Session& session) { return find(session, id); });
}

Operation<RunPage> SqlRuns::list(RunQuery query, Waker waker) {
  return database_.read<RunPage>(std::move(waker), [query = std::move(query)](Session& session) -> Result<RunPage> {
    auto condition = conditionOf(query);
    std::vector<Value> values(condition.texts.begin(), condition.texts.end());
    if (query.from > 0) {
      condition.also("created_at >= ?");
      values.emplace_back(query.from);
    }
    if (query.until > 0) {
      condition.also("created_at < ?");
      values.emplace_back(query.until);
    }
    if (!query.cursor.empty()) {
      WEIR_ASSIGN(const auto before, numberIn(query.cursor));
      condition.also("number < ?");
      values.emplace_back(before);
    }
    values.emplace_back(query.limit + 1);
    WEIR_ASSIGN(const auto rows, session.query(selecting(condition.sql + " ORDER BY number DESC LIMIT ?"),
                                               std::span<const Value>(values)));
    RunPage page;
    for (const auto& row : rows) {
      if (std::ssize(page.runs) == query.limit) break;
      page.runs.push_back(recordOf(row));
      page.cursor = std::to_string(row.integer(22));
    }
    if (std::ssize(rows) <= query.limit) page.cursor.clear();
    return page;
  });
}

namespace {

Result<void> saveRecord(Session& session, const RunRecord& record) {
  WEIR_ASSIGN(const auto touched,
              session.exec("UPDATE runs SET state = ?, is_over = ?, why = ?, started_at = ?, ended_at = ?, outcome = "
                           "?, error_code = ?, error_message = ?, result = ?, metrics = ?, restarts = ?, version = ? "
                           "WHERE id = ? AND epoch = ?",
                           {nameOf(record.state), isOver(record.state), record.why, record.startedAt, record.endedAt,
                            record.outcome, record.errorCode, record.errorMessage, record.result, record.metrics,
                            record.restarts, record.version, record.id, record.epoch}));
  if (touched == 1) return {};
  return fail("run.fenced", "another server has taken the run '" + record.id + "', or it was deleted");
}

Result<std::string> documentOf(Session& session, const std::string& run) {
  WEIR_ASSIGN(const auto document, session.queryOne("SELECT document, object FROM run_documents WHERE run = ?", {run}));
  if (!document) return std::string();
  return textOf(session, *document, 0, 1, "the document of run '" + run + "'");
}

/// Others have held them, for what they go on from is here.
Result<void> takeHome(Session& session, const std::string& owner, std::int64_t until, const IsHere& isHere) {
  WEIR_ASSIGN(
      const auto rows,
      session.query("SELECT id FROM runs WHERE is_over = 0 AND state = 'held' AND error_code = ?", {kElsewhere}));
  for (const auto& row : rows) {
    if (!isHere(row.text(0))) continue;
    WEIR_TRY(
        session.exec("UPDATE runs SET owner = ?, epoch = epoch + 1, lease_until = ?, state = 'starting', why = '', "
                     "error_code = '', error_message = '' WHERE id = ?",
                     {owner, until, row.text(0)}));
  }
  return {};
}

}  // namespace

Operation<Unit> SqlRuns::save(RunRecord record, Waker waker) {
  return database_.write<Unit>(std::move(waker), [record = std::move(record)](Session& session) -> Result<Unit> {
    WEIR_TRY(saveRecord(session, record));
    return Unit{};
  });
}

Operation<Unit> SqlRuns::saveVersion(StoredRun run, Waker waker) {
  return database_.write<Unit>(std::move(waker), [run = std::move(run), this](Session& session) -> Result<Unit> {
    WEIR_TRY(saveRecord(session, run.record));
    const auto now = clock_.nowMicros() / 1000;
    const auto& id = run.record.id;
    WEIR_ASSIGN(const auto before, session.query("SELECT object FROM run_documents WHERE run = ?", {id}));
    WEIR_ASSIGN(const auto kept, rowText(session, run.document, now));
    WEIR_TRY(
        session.exec("UPDATE run_documents SET document = ?, object = ? WHERE run = ?", {kept.text, kept.object, id}));
    WEIR_TRY(dropped(session, namesIn(before), now));
    return Unit{};
  });
}

Operation<RunRecord> SqlRuns::want(std::string id, bool running, Waker waker) {
  return database_.write<RunRecord>(
      std::move(waker), [id = std::move(id), running, this](Session& session) -> Result<RunRecord> {
        WEIR_TRY(session.exec("UPDATE runs SET wanted = ? WHERE id = ? AND is_over = 0", {running, id}));
        WEIR_ASSIGN(const auto now, nowMs(session, clock_));
        // Nobody works it who could see that.
        if (!running) {
          WEIR_TRY(
              session.exec("UPDATE runs SET state = 'stopped', is_over = 1, why = '', ended_at = ? WHERE id = ? "
                           "AND state = 'held'",
                           {now, id}));
        }
        return find(session, id);
      });
}

Operation<StoredRun> SqlRuns::resume(std::string id, std::string owner, std::int64_t leaseMs, Waker waker) {
  return database_.write<StoredRun>(
      std::move(waker),
      [id = std::move(id), owner = std::move(owner), leaseMs, this](Session& session) -> Result<StoredRun> {
        WEIR_ASSIGN(const auto before, find(session, id));
        if (!isOver(before.state) && before.state != RunState::held) {
          return fail("run.goes_on", "the run '" + id + "' goes on; there is nothing to resume");
        }
        if (before.state == RunState::done || before.outcome == "done") {
          return fail("run.ended", "the run '" + id + "' has come to its end; start a new one");
        }
        WEIR_ASSIGN(const auto now, nowMs(session, clock_));
        WEIR_TRY(
            session.exec("UPDATE runs SET wanted = 1, state = 'starting', is_over = 0, why = '', ended_at = 0, "
                         "outcome = '', error_code = '', error_message = '', result = '', owner = ?, epoch = "
                         "epoch + 1, lease_until = ? WHERE id = ?",
                         {owner, now + leaseMs, id}));
        StoredRun run;
        WEIR_ASSIGN(run.record, find(session, id));
        WEIR_ASSIGN(run.record.limits, limitsOf(session, run.record.folder));
        WEIR_ASSIGN(run.document, documentOf(session, id));
        return run;
      });
}

Operation<Unit> SqlRuns::remove(std::string id, Waker waker) {
  return database_.write<Unit>(
      std::move(waker),
      [id = std::move(id), this](Session& session) -> Result<Unit> {
        WEIR_ASSIGN(const auto run, find(session, id));
        if (!isOver(run.state)) return fail("run.goes_on", "the run '" + id + "' goes on; stop it first");
        WEIR_ASSIGN(const auto objects, session.query("SELECT object FROM run_documents WHERE run = ?", {id}));
        WEIR_TRY(session.exec("DELETE FROM run_documents WHERE run = ?", {id}));
        WEIR_TRY(dropped(session, namesIn(objects), clock_.nowMicros() / 1000));
        WEIR_TRY(session.exec("DELETE FROM run_logs WHERE run = ?", {id}));
        WEIR_TRY(session.exec("DELETE FROM run_log_use WHERE run = ?", {id}));
        WEIR_TRY(session.exec("DELETE FROM runs WHERE id = ?", {id}));
        return Unit{};
      },
      Database::Room::frees);
}

Operation<std::vector<StoredRun>> SqlRuns::takeOver(std::string owner, std::int64_t leaseMs, bool alone, IsHere isHere,
                                                    Waker waker) {
  using Taken = std::vector<StoredRun>;
  return database_.write<Taken>(
      std::move(waker),
      [owner = std::move(owner), leaseMs, alone, isHere = std::move(isHere), this](Session& session) -> Result<Taken> {
        WEIR_ASSIGN(const auto now, nowMs(session, clock_));
        const auto until = now + leaseMs;
        WEIR_TRY(
            session.exec("UPDATE runs SET owner = ?, epoch = epoch + 1, lease_until = ? WHERE is_over = 0 AND "
                         "state <> 'held' AND owner <> ? AND (lease_until < ? OR ? = 1)",
                         {owner, until, owner, now, alone}));
        if (isHere) WEIR_TRY(takeHome(session, owner, until, isHere));
        WEIR_ASSIGN(const auto rows, session.query(selecting("WHERE is_over = 0 AND owner = ? AND lease_until = ? "
                                                             "ORDER BY number LIMIT 10000"),
                                                   {owner, until}));
        Taken taken;
        for (const auto& row : rows) {
          StoredRun run{recordOf(row), {}};
          auto document = documentOf(session, run.record.id);
          if (!document && document.error().code == "storage.corrupt") {
            // It waits for somebody to put its file back, and the others go on.
            WEIR_TRY(session.exec("UPDATE runs SET state = 'held', why = ? WHERE id = ?",
                                  {document.error().message, run.record.id}));
            continue;
          }
          WEIR_ASSIGN(run.document, std::move(document));
          WEIR_ASSIGN(run.record.limits, limitsOf(session, run.record.folder));
          taken.push_back(std::move(run));
        }
        return taken;
      });
}

Operation<std::vector<StoredRun>> SqlRuns::strays(std::string owner, std::vector<std::string> known, Waker waker) {
  using Found = std::vector<StoredRun>;
  return database_.read<Found>(
      std::move(waker), [owner = std::move(owner), known = std::move(known)](Session& session) -> Result<Found> {
        WEIR_ASSIGN(const auto rows, session.query(selecting("WHERE is_over = 0 AND owner = ? AND state <> 'held' "
                                                             "ORDER BY number LIMIT 10000"),
                                                   {owner}));
        Found found;
        for (const auto& row : rows) {
          StoredRun run{recordOf(row), {}};
          if (std::ranges::binary_search(known, run.record.id)) continue;
          WEIR_ASSIGN(run.document, documentOf(session, run.record.id));
          WEIR_ASSIGN(run.record.limits, limitsOf(session, run.record.folder));
          found.push_back(std::move(run));
        }
        return found;
      });
}

Operation<std::vector<std::string>> SqlRuns::renew(std::string owner, std::int64_t leaseMs, Waker waker) {
  using Ids = std::vector<std::string>;
  return database_.write<Ids>(
      std::move(waker), [owner = std::move(owner), leaseMs, this](Session& session) -> Result<Ids> {
        WEIR_ASSIGN(const auto now, nowMs(session, clock_));
        WEIR_TRY(
            session.exec("UPDATE runs SET lease_until = ? WHERE is_over = 0 AND owner = ?", {now + leaseMs, owner}));
        WEIR_ASSIGN(const auto rows,
                    session.query("SELECT id FROM runs WHERE is_over = 0 AND owner = ? AND wanted = 0", {owner}));
        Ids ids;
        for (const auto& row : rows) ids.push_back(row.text(0));
        return ids;
      });
}

}  // namespace weir::store::sql
