// One table; lines go with their run, or by age, number and bytes.
#include "service/store/sql/run-log-table.h"

#include <string>
#include <utility>
#include <vector>

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {{R"(CREATE TABLE run_logs (
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
CREATE INDEX run_logs_of ON run_logs (run, epoch, seq, number))"}};

}  // namespace

const Kind& runLogKind() {
  static const Kind kKind{"run-logs", kSteps};
  return kKind;
}

Operation<Unit> SqlRunLogs::add(std::vector<RunLogLine> lines, Waker waker) {
  return database_.write<Unit>(std::move(waker), [lines = std::move(lines)](Session& session) -> Result<Unit> {
    for (const auto& line : lines) {
      WEIR_TRY(session.exec("INSERT INTO run_logs (run, epoch, at, line, seq) VALUES (?, ?, ?, ?, ?)",
                            {line.run, line.epoch, line.at, line.json, line.seq}));
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
