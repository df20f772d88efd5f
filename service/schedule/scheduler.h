// Scheduler: starts runs of kept flows at their planned times.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/host/time-zones.h"
#include "engine/time/due-times.h"
#include "service/api/job.h"
#include "service/api/refusal.h"
#include "service/api/services.h"
#include "service/store/schedules.h"

namespace weir::schedule {

struct SchedulerOptions {
  std::function<std::string()> owner{};  // of the leases of its runs
  std::int64_t leaseMs = 30'000;
  std::int64_t lookMs = 2'000;  // so often it is looked what others have changed
  /// Takes a run that was just stored.
  std::function<void(store::StoredRun)> adopt{};
};

/// One thread, that of the API. Everything it is given outlives it. Any number of servers may have one over the same
/// store: a time is dealt with once.
class Scheduler {
 public:
  /// `moved` is woken, from any thread, when work() has something to do.
  Scheduler(store::Schedules& schedules, api::Services& services, TimeZones& zones, SchedulerOptions options,
            Waker moved);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// To be called when it was woken, and after as many milliseconds as it gives.
  int work();
  /// A schedule was made, changed or deleted here.
  void changed() { reloadAtMs_ = 0; }
  /// A round is under way.
  [[nodiscard]] bool isBusy() const { return busy_; }
  [[nodiscard]] TimeZones& zones() { return zones_; }
  [[nodiscard]] const SchedulerOptions& options() const { return options_; }
  /// Begins a run of it, beside its plan. Refusals: those of prepareRun, and `schedule.overlap`.
  [[nodiscard]] api::Job<api::Expected<store::FireRecord>> runNow(api::Strand& strand, store::ScheduleRecord schedule);

 private:
  struct Known {
    store::ScheduleRecord record;
    std::optional<DueTimes> times;  // none: its plan cannot be read any more
    std::int64_t dueMicros = 0, retryAtMs = 0;
  };

  [[nodiscard]] std::int64_t steadyMs() const { return services_.clock.steadyNanos() / 1'000'000; }
  [[nodiscard]] std::int64_t nowMs() const { return services_.clock.nowMicros() / 1000; }
  [[nodiscard]] bool hasWork(std::int64_t now) const;
  api::Job<Unit> round();
  api::Job<Unit> reload();
  void remember(store::ScheduleRecord record);
  api::Job<Unit> dealWith(Known& known);
  api::Job<bool> fireAll(Known& known);
  api::Job<Unit> startWaiting(Known& known);
  /// The run of a time, or why there is none.
  api::Job<std::optional<store::StoredRun>> prepare(const store::ScheduleRecord& schedule, store::Fire& fire);
  void adoptIfMade(const store::FireRecord& made, std::optional<store::StoredRun> run);

  store::Schedules& schedules_;
  api::Services& services_;
  TimeZones& zones_;
  SchedulerOptions options_;
  api::Strand strand_;
  std::map<std::string, Known> known_;
  std::int64_t reloadAtMs_ = 0;
  bool busy_ = false;
  api::Job<Unit> round_;  // behind all that it uses
};

}  // namespace weir::schedule
