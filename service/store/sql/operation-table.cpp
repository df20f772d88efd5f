// Two tables: a line for each log, with what is counted of it, and one for each operation. Both go with the flow.
#include "service/store/sql/operation-table.h"

#include <utility>

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {{R"(CREATE TABLE operation_logs (
  flow TEXT PRIMARY KEY REFERENCES flows ON DELETE CASCADE, oldest BIGINT NOT NULL, last BIGINT NOT NULL,
  bytes BIGINT NOT NULL) WITHOUT ROWID;
CREATE TABLE operations (
  flow TEXT NOT NULL REFERENCES flows ON DELETE CASCADE, number BIGINT NOT NULL, author TEXT NOT NULL,
  at BIGINT NOT NULL, base TEXT NOT NULL, operation TEXT NOT NULL, bytes BIGINT NOT NULL,
  PRIMARY KEY (flow, number)) WITHOUT ROWID)"}};

struct Log {
  std::int64_t oldest = 1, last = 0, bytes = 0;
};

class OperationTable {
 public:
  OperationTable(Session& session, const std::string& flow) : session_(session), flow_(flow) {}

  Result<Log> log(bool change) {
    WEIR_ASSIGN(const auto row, session_.queryOne("SELECT binned_at, oldest, last, operation_logs.bytes FROM flows "
                                                  "LEFT JOIN operation_logs ON flow = id WHERE id = ?",
                                                  {flow_}));
    if (!row) return fail("storage.not_found", "there is no flow '" + flow_ + "'");
    if (change && !row->null(0)) return fail("storage.in_bin", "flow '" + flow_ + "' is in the bin; restore it first");
    if (row->null(1)) return Log{};
    return Log{row->integer(1), row->integer(2), row->integer(3)};
  }

  Result<std::vector<LoggedOperation>> behind(std::int64_t after, std::int64_t most) {
    WEIR_ASSIGN(const auto rows, session_.query("SELECT number, author, at, base, operation FROM operations "
                                                "WHERE flow = ? AND number > ? ORDER BY number LIMIT ?",
                                                {flow_, after, most}));
    std::vector<LoggedOperation> found;
    found.reserve(rows.size());
    for (const auto& row : rows)
      found.push_back({row.integer(0), row.text(1), row.integer(2), row.text(3), row.text(4)});
    return found;
  }

  Result<void> add(Log& log, const NewOperation& one, const std::string& author, std::int64_t now) {
    const auto bytes = bytesOf(one, author);
    log.bytes += bytes;
    return session_.post(
        "INSERT INTO operations (flow, number, author, at, base, operation, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {flow_, ++log.last, author, now, one.base, one.operation, bytes});
  }

  /// Of `log`, until it is within the bounds.
  Result<void> dropOldest(Log& log, const OperationBounds& bounds) {
    constexpr std::int64_t kAtOnce = 100;
    const auto isOver = [&] {
      return log.last - log.oldest + 1 > bounds.mostOperations || log.bytes > bounds.mostBytes;
    };
    const auto before = log.oldest;
    while (isOver() && log.oldest <= log.last) {
      WEIR_ASSIGN(const auto rows,
                  session_.query("SELECT bytes FROM operations WHERE flow = ? AND number >= ? ORDER BY number LIMIT ?",
                                 {flow_, log.oldest, kAtOnce}));
      if (rows.empty()) return fail("storage.corrupt", "operations of the flow '" + flow_ + "' are missing");
      for (const auto& row : rows) {
        if (!isOver()) break;
        log.bytes -= row.integer(0);
        ++log.oldest;
      }
    }
    if (log.oldest == before) return {};
    return session_.post("DELETE FROM operations WHERE flow = ? AND number < ?", {flow_, log.oldest});
  }

  Result<void> write(const Log& log) {
    return session_.post(
        "INSERT INTO operation_logs (flow, oldest, last, bytes) VALUES (?, ?, ?, ?) ON CONFLICT (flow) DO UPDATE SET "
        "oldest = excluded.oldest, last = excluded.last, bytes = excluded.bytes",
        {flow_, log.oldest, log.last, log.bytes});
  }

 private:
  Session& session_;
  const std::string& flow_;
};

std::int64_t oldestOf(const Log& log) { return log.last < log.oldest ? 0 : log.oldest; }

}  // namespace

const Kind& operationKind() {
  static const Kind kKind{"operations", kSteps};
  return kKind;
}

Operation<Appended> SqlOperations::append(std::string flow, std::int64_t after, std::string author,
                                          std::vector<NewOperation> operations, Waker waker) {
  return database_.write<Appended>(std::move(waker),
                                   [this, flow = std::move(flow), after, author = std::move(author),
                                    operations = std::move(operations)](Session& session) -> Result<Appended> {
                                     OperationTable table(session, flow);
                                     WEIR_ASSIGN(auto log, table.log(true));
                                     std::vector<LoggedOperation> behind;
                                     if (after < log.last) {
                                       WEIR_ASSIGN(behind, table.behind(after, std::ssize(operations)));
                                     }
                                     const auto there = alreadyThere(after, log.last, behind, author, operations);
                                     if (!there) return Appended{oldestOf(log), log.last, 0, false};
                                     const auto added = std::ssize(operations) - static_cast<std::int64_t>(*there);
                                     if (added == 0) return Appended{oldestOf(log), log.last, 0, true};
                                     const auto now = clock_.nowMicros() / 1000;
                                     for (auto i = *there; i < operations.size(); ++i)
                                       WEIR_TRY(table.add(log, operations[i], author, now));
                                     WEIR_TRY(table.dropOldest(log, bounds_));
                                     WEIR_TRY(table.write(log));
                                     return Appended{oldestOf(log), log.last, added, true};
                                   });
}

Operation<OperationPage> SqlOperations::operations(std::string flow, OperationQuery query, Waker waker) {
  return database_.read<OperationPage>(
      std::move(waker), [flow = std::move(flow), query](Session& session) -> Result<OperationPage> {
        OperationTable table(session, flow);
        WEIR_ASSIGN(const auto log, table.log(false));
        OperationPage page;
        page.oldest = oldestOf(log);
        page.last = log.last;
        WEIR_ASSIGN(page.operations, table.behind(query.after.value_or(log.last - query.limit), query.limit));
        return page;
      });
}

Operation<std::vector<std::pair<std::string, std::int64_t>>> SqlOperations::bytesOfLogs(Waker waker) {
  using Bytes = std::vector<std::pair<std::string, std::int64_t>>;
  return database_.read<Bytes>(std::move(waker), [](Session& session) -> Result<Bytes> {
    WEIR_ASSIGN(const auto rows, session.query("SELECT folder, CAST(SUM(operation_logs.bytes) AS BIGINT) FROM "
                                               "operation_logs JOIN flows ON id = flow GROUP BY folder"));
    Bytes all;
    for (const auto& row : rows) all.emplace_back(row.text(0), row.integer(1));
    return all;
  });
}

}  // namespace weir::store::sql
