// One table; lines go with their run, or by age, number and bytes.
#include "service/store/sql/run-log-table.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "service/store/sql/log-keep.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {R"(CREATE TABLE run_logs (
  number INTEGER PRIMARY KEY, run TEXT NOT NULL, epoch BIGINT NOT NULL, at BIGINT NOT NULL, line TEXT NOT NULL);
CREATE INDEX run_logs_of ON run_logs (run, number);
CREATE INDEX run_logs_at ON run_logs (at, number))",
     R"(CREATE TABLE run_logs (
  number BIGSERIAL PRIMARY KEY, run TEXT COLLATE "C" NOT NULL, epoch BIGINT NOT NULL, at BIGINT NOT NULL,
  line TEXT COLLATE "C" NOT NULL);
CREATE INDEX run_logs_of ON run_logs (run, number);
CREATE INDEX run_logs_at ON run_logs (at, number))"},
    {R"(ALTER TABLE run_logs ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
DROP INDEX run_logs_of;
CREATE INDEX run_logs_of ON run_logs (run, epoch, seq, number))"},
    {R"(CREATE TABLE run_log_use (run TEXT PRIMARY KEY, folder TEXT NOT NULL,
  lines BIGINT NOT NULL, bytes BIGINT NOT NULL, oldest_at BIGINT NOT NULL) WITHOUT ROWID;
CREATE INDEX run_log_use_of ON run_log_use (folder, oldest_at);
CREATE INDEX run_log_use_at ON run_log_use (oldest_at);
INSERT INTO run_log_use (run, folder, lines, bytes, oldest_at)
  SELECT counted.run, COALESCE(runs.folder, ''), counted.lines, counted.bytes, counted.oldest_at FROM
    (SELECT run, COUNT(*) AS lines, SUM(LENGTH(CAST(line AS BLOB)) + 60) AS bytes, MIN(at) AS oldest_at
     FROM run_logs GROUP BY run) AS counted LEFT JOIN runs ON runs.id = counted.run)",
     R"(CREATE TABLE run_log_use (run TEXT COLLATE "C" PRIMARY KEY, folder TEXT COLLATE "C" NOT NULL,
  lines BIGINT NOT NULL, bytes BIGINT NOT NULL, oldest_at BIGINT NOT NULL);
CREATE INDEX run_log_use_of ON run_log_use (folder, oldest_at);
CREATE INDEX run_log_use_at ON run_log_use (oldest_at);
INSERT INTO run_log_use (run, folder, lines, bytes, oldest_at)
  SELECT counted.run, COALESCE(runs.folder, ''), counted.lines, counted.bytes, counted.oldest_at FROM
    (SELECT run, COUNT(*) AS lines, SUM(OCTET_LENGTH(line) + 60) AS bytes, MIN(at) AS oldest_at
     FROM run_logs GROUP BY run) AS counted LEFT JOIN runs ON runs.id = counted.run)"}};

/// What comes to a run.
struct Added {
  std::int64_t lines = 0, bytes = 0, oldestAt = 0;
};

}  // namespace

const Kind& runLogKind() {
  static const Kind kKind{"run-logs", kSteps};
  return kKind;
}

Operation<Unit> SqlRunLogs::add(std::vector<RunLogLine> lines, Waker waker) {
  return database_.write<Unit>(std::move(waker), [lines = std::move(lines)](Session& session) -> Result<Unit> {
    std::map<std::string, Added> added;
    for (const auto& line : lines) {
      auto& use = added.try_emplace(line.run, Added{.oldestAt = line.at}).first->second;
      ++use.lines;
      use.bytes += std::ssize(line.json) + kLineBytes;
      WEIR_TRY(session.exec("INSERT INTO run_logs (run, epoch, at, line, seq) VALUES (?, ?, ?, ?, ?)",
                            {line.run, line.epoch, line.at, line.json, line.seq}));
    }
    for (const auto& [run, use] : added) {
      WEIR_TRY(session.exec(
          "INSERT INTO run_log_use (run, folder, lines, bytes, oldest_at) VALUES (?, COALESCE((SELECT folder FROM runs "
          "WHERE id = ?), ''), ?, ?, ?) ON CONFLICT (run) DO UPDATE SET lines = run_log_use.lines + excluded.lines, "
          "bytes = run_log_use.bytes + excluded.bytes",
          {run, run, use.lines, use.bytes, use.oldestAt}));
    }
    return Unit{};
  });
}

Operation<std::vector<KeptRunLog>> SqlRunLogs::list(RunLogQuery query, Waker waker) {
  using Lines = std::vector<KeptRunLog>;
  return database_.read<Lines>(std::move(waker), [query = std::move(query)](Session& session) -> Result<Lines> {
    std::string sql = "SELECT epoch, seq, number, line FROM run_logs WHERE run = ?";
    std::vector<Value> values{query.run};
    if (query.before) {
      sql += " AND (epoch, seq, number) < (?, ?, ?)";
      for (const auto value : {query.before->epoch, query.before->seq, query.before->row}) values.emplace_back(value);
    }
    if (query.from > 0) {
      sql += " AND at >= ?";
      values.emplace_back(query.from);
    }
    if (query.until > 0) {
      sql += " AND at < ?";
      values.emplace_back(query.until);
    }
    values.emplace_back(query.limit);
    WEIR_ASSIGN(const auto rows, session.query(sql + " ORDER BY epoch DESC, seq DESC, number DESC LIMIT ?", values));
    Lines lines;
    for (const auto& row : rows) {
      const auto seq = row.integer(1);
      lines.push_back({{row.integer(0), seq, seq == 0 ? row.integer(2) : 0}, row.text(3)});
    }
    return lines;
  });
}

}  // namespace weir::store::sql
