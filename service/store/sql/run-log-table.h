// The log lines of runs in SQL.
#pragma once

#include "service/store/run-logs.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& runLogKind();

class SqlRunLogs final : public RunLogs {
 public:
  /// It outlives this.
  explicit SqlRunLogs(Database& database) : database_(database) {}
  Operation<Unit> add(std::vector<RunLogLine> lines, Waker waker) override;
  Operation<std::vector<KeptRunLog>> list(RunLogQuery query, Waker waker) override;

 private:
  Database& database_;
};

}  // namespace weir::store::sql
