// SqlSchedules: schedules and their times in the service's database.
#pragma once

#include "engine/host/clock.h"
#include "service/store/schedules.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& scheduleKind();

/// Thread-safe. Both outlive it. Needs the tables of flows and runs.
class SqlSchedules final : public Schedules {
 public:
  SqlSchedules(Database& database, Clock& clock) : database_(database), clock_(clock) {}

  Operation<ScheduleRecord> create(ScheduleRecord schedule, Waker waker) override;
  Operation<ScheduleRecord> read(std::string id, Waker waker) override;
  Operation<std::vector<ScheduleRecord>> list(std::string flow, Waker waker) override;
  Operation<SchedulePage> page(ScheduleQuery query, Waker waker) override;
  Operation<ScheduleRecord> replace(std::string id, std::optional<std::int64_t> ifRevision, SchedulePlan plan,
                                    std::optional<std::int64_t> position, std::int64_t now, Waker waker) override;
  Operation<Unit> remove(std::string id, std::optional<std::int64_t> ifRevision, Waker waker) override;
  Operation<FireRecord> fire(Fire fire, std::optional<StoredRun> run, Waker waker) override;
  Operation<FireRecord> startWaiting(Fire fire, std::optional<StoredRun> run, Waker waker) override;
  Operation<Unit> advance(std::string id, std::int64_t position, std::int64_t missed, Waker waker) override;
  Operation<FirePage> fires(std::string id, std::int64_t before, std::int64_t limit, Waker waker) override;

 private:
  Database& database_;
  Clock& clock_;
};

}  // namespace weir::store::sql
