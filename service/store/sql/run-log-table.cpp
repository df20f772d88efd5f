// One table; lines go with their run, or by age, number and bytes.
#include "service/store/sql/run-log-table.h"

#include <algorithm>
#include <utility>

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
CREATE INDEX run_logs_at ON run_logs (at, number))"}};

}  // namespace

const Kind& runLogKind() {
  static const Kind kKind{"run-logs", kSteps};
  return kKind;
}

Operation<Unit> SqlRunLogs::add(std::vector<RunLogLine> lines, Waker waker) {
  return database_.write<Unit>(std::move(waker), [lines = std::move(lines)](Session& session) -> Result<Unit> {
    for (const auto& line : lines) {
      WEIR_TRY(session.exec("INSERT INTO run_logs (run, epoch, at, line) VALUES (?, ?, ?, ?)",
                            {line.run, line.epoch, line.at, line.json}));
    }
    return Unit{};
  });
}

Operation<std::vector<std::string>> SqlRunLogs::list(std::string run, std::int64_t epoch, std::int64_t most,
                                                     Waker waker) {
  using Lines = std::vector<std::string>;
  return database_.read<Lines>(
      std::move(waker), [run = std::move(run), epoch, most](Session& session) -> Result<Lines> {
        WEIR_ASSIGN(const auto rows, session.query("SELECT line FROM run_logs WHERE run = ? AND (? = 0 OR epoch < ?) "
                                                   "ORDER BY number DESC LIMIT ?",
                                                   {run, epoch, epoch, most}));
        Lines lines;
        for (const auto& row : rows) lines.push_back(row.text(0));
        std::ranges::reverse(lines);
        return lines;
      });
}

}  // namespace weir::store::sql
