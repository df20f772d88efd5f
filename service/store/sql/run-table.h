// SqlRuns: runs in the service's database.
#pragma once

#include "engine/host/clock.h"
#include "service/store/runs.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& runKind();

/// Runs::create inside the transaction of somebody else.
[[nodiscard]] Result<RunRecord> insertRun(Session& session, Clock& clock, const StoredRun& run);

/// Thread-safe. Both outlive it. Leases end by the clock of the database's server, if it has one.
class SqlRuns final : public Runs {
 public:
  SqlRuns(Database& database, Clock& clock) : database_(database), clock_(clock) {}

  Operation<RunRecord> create(StoredRun run, Waker waker) override;
  Operation<RunRecord> read(std::string id, Waker waker) override;
  Operation<RunPage> list(RunQuery query, Waker waker) override;
  Operation<Unit> save(RunRecord record, Waker waker) override;
  Operation<Unit> saveVersion(StoredRun run, Waker waker) override;
  Operation<StoredRun> resume(std::string id, std::string owner, std::int64_t leaseMs, Waker waker) override;
  Operation<RunRecord> want(std::string id, bool running, Waker waker) override;
  Operation<Unit> remove(std::string id, Waker waker) override;
  Operation<std::vector<StoredRun>> takeOver(std::string owner, std::int64_t leaseMs, bool alone, IsHere isHere,
                                             Waker waker) override;
  Operation<std::vector<std::string>> renew(std::string owner, std::int64_t leaseMs, Waker waker) override;
  Operation<std::vector<StoredRun>> strays(std::string owner, std::vector<std::string> known, Waker waker) override;

 private:
  Database& database_;
  Clock& clock_;
};

}  // namespace weir::store::sql
