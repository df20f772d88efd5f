// Rounds through all schedules: what is due begins.
#include "service/schedule/scheduler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "service/resources/runs/new-run.h"
#include "service/schedule/schedule-times.h"

namespace weir::schedule {
namespace {

constexpr std::int64_t kRetryMs = 1'000;
constexpr int kTickMs = 250, kSoonMs = 20;

bool hasRoom(const store::ScheduleRecord& schedule) {
  const auto& plan = schedule.plan;
  return schedule.going < (plan.overlap == store::Overlap::parallel ? plan.parallel : 1);
}

bool sleeps(const store::ScheduleRecord& schedule) { return schedule.plan.paused || schedule.flowInBin; }

}  // namespace

Scheduler::Scheduler(store::Schedules& schedules, api::Services& services, TimeZones& zones, SchedulerOptions options,
                     Waker moved)
    : schedules_(schedules),
      services_(services),
      zones_(zones),
      options_(std::move(options)),
      strand_(std::move(moved)) {}

bool Scheduler::hasWork(std::int64_t now) const {
  if (now >= reloadAtMs_) return true;
  const auto wall = services_.clock.nowMicros();
  return std::ranges::any_of(known_, [&](const auto& one) {
    const auto& known = one.second;
    return !sleeps(known.record) && known.times && known.dueMicros <= wall && known.retryAtMs <= now;
  });
}

int Scheduler::work() {
  strand_.step();
  if (busy_ && round_.done()) {
    round_ = {};
    busy_ = false;
  }
  if (!busy_ && hasWork(steadyMs())) {
    busy_ = true;
    round_ = round();
    round_.start();
    return kSoonMs;
  }
  if (busy_) return kTickMs;
  auto wait = std::int64_t{kTickMs};
  for (const auto& [id, known] : known_) {
    if (sleeps(known.record) || !known.times) continue;
    wait = std::min(wait, (known.dueMicros - services_.clock.nowMicros()) / 1000 + 1);
  }
  return static_cast<int>(std::clamp<std::int64_t>(wait, 1, kTickMs));
}

api::Job<Unit> Scheduler::round() {
  if (steadyMs() >= reloadAtMs_) co_await reload();
  std::vector<std::string> ids;
  for (const auto& [id, known] : known_) ids.push_back(id);
  for (const auto& id : ids) {
    auto& known = known_.at(id);
    if (sleeps(known.record) || !known.times || known.retryAtMs > steadyMs()) continue;
    if (known.record.waitingSince && hasRoom(known.record)) co_await startWaiting(known);
    if (known.dueMicros <= services_.clock.nowMicros()) co_await dealWith(known);
  }
  co_return Unit{};
}

api::Job<Unit> Scheduler::reload() {
  reloadAtMs_ = steadyMs() + options_.lookMs;
  auto all = co_await strand_.of(schedules_.list({}, strand_.waker()));
  if (!all) {
    reloadAtMs_ = std::max(reloadAtMs_, steadyMs() + kRetryMs);
    co_return Unit{};
  }
  std::set<std::string> there;
  for (auto& record : *all) {
    if (record.flowIsGone) {
      static_cast<void>(co_await strand_.of(schedules_.remove(record.id, {}, strand_.waker())));
      continue;
    }
    there.insert(record.id);
    remember(std::move(record));
  }
  std::erase_if(known_, [&there](const auto& one) { return !there.contains(one.first); });
  co_return Unit{};
}

void Scheduler::remember(store::ScheduleRecord record) {
  auto& known = known_[record.id];
  if (!known.times || known.record.revision != record.revision) {
    known.times.reset();
    // The zone of a plan that was good may be gone from the machine; people see that it plans no time.
    if (auto times = timesOf(record, zones_)) known.times.emplace(std::move(*times));
    known.dueMicros = 0;
    known.retryAtMs = 0;
  }
  known.record = std::move(record);
}

api::Job<Unit> Scheduler::dealWith(Known& known) {
  auto& state = known.times->state();
  for (;;) {
    const auto next = known.times->consider(services_.clock.nowMicros(), [] { return false; });
    const bool dealt = co_await fireAll(known);
    if (!dealt) co_return Unit{};
    known.dueMicros = next == DueTimes::kMore ? 0 : next;
    if (next != DueTimes::kMore) break;
  }
  if (state.missed > 0) {
    const auto position = state.position / 1000;
    const auto kept = co_await strand_.of(schedules_.advance(known.record.id, position, state.missed, strand_.waker()));
    if (kept) state.missed = 0;
  }
  co_return Unit{};
}

/// False: something is in the way, and the times stay for later.
api::Job<bool> Scheduler::fireAll(Known& known) {
  auto& state = known.times->state();
  while (!state.fires.empty()) {
    store::Fire fire;
    fire.schedule = known.record.id;
    fire.revision = known.record.revision;
    fire.plannedAt = state.fires.front() / 1000;
    fire.at = nowMs();
    fire.missed = state.missed;
    auto run = co_await prepare(known.record, fire);
    const auto made = co_await strand_.of(schedules_.fire(fire, run, strand_.waker()));
    if (!made) {
      known.retryAtMs = steadyMs() + kRetryMs;
      known.dueMicros = 0;
      reloadAtMs_ = 0;
      co_return false;
    }
    state.fires.pop_front();
    state.missed = 0;
    adoptIfMade(*made, std::move(run));
    if (made->outcome == store::FireOutcome::waiting) known.record.waitingSince = made->plannedAt;
    // What goes on now counts for the next time.
    reloadAtMs_ = 0;
  }
  co_return true;
}

api::Job<Unit> Scheduler::startWaiting(Known& known) {
  store::Fire fire;
  fire.schedule = known.record.id;
  fire.plannedAt = *known.record.waitingSince;
  fire.at = nowMs();
  auto run = co_await prepare(known.record, fire);
  const auto made = co_await strand_.of(schedules_.startWaiting(fire, run, strand_.waker()));
  reloadAtMs_ = 0;
  if (!made) {
    known.retryAtMs = steadyMs() + kRetryMs;
    co_return Unit{};
  }
  known.record.waitingSince.reset();
  adoptIfMade(*made, std::move(run));
  co_return Unit{};
}

api::Job<std::optional<store::StoredRun>> Scheduler::prepare(const store::ScheduleRecord& schedule, store::Fire& fire) {
  api::NewRun wish;
  wish.flow = schedule.flow;
  if (schedule.plan.version > 0) wish.version = schedule.plan.version;
  wish.parameters = schedule.plan.parameters;
  wish.environment = schedule.plan.environment;
  wish.starter = starterOf(schedule);
  wish.owner = options_.owner();
  wish.leaseMs = options_.leaseMs;
  auto run = co_await api::prepareRun(services_, strand_, std::move(wish));
  if (run) co_return std::move(*run);
  fire.why = run.error().detail;
  co_return std::nullopt;
}

void Scheduler::adoptIfMade(const store::FireRecord& made, std::optional<store::StoredRun> run) {
  // Another server may have been first.
  if (!run || made.outcome != store::FireOutcome::started || made.run != run->record.id) return;
  run->record.epoch = 1;
  run->record.limits = made.limits;
  options_.adopt(std::move(*run));
}

api::Job<api::Expected<store::FireRecord>> Scheduler::runNow(api::Strand& strand, store::ScheduleRecord schedule) {
  api::NewRun wish;
  wish.flow = schedule.flow;
  if (schedule.plan.version > 0) wish.version = schedule.plan.version;
  wish.parameters = schedule.plan.parameters;
  wish.environment = schedule.plan.environment;
  wish.starter = starterOf(schedule);
  wish.owner = options_.owner();
  wish.leaseMs = options_.leaseMs;
  auto run = co_await api::prepareRun(services_, strand, std::move(wish));
  if (!run) co_return std::unexpected(std::move(run.error()));
  store::Fire fire;
  fire.schedule = schedule.id;
  fire.revision = schedule.revision;
  fire.plannedAt = nowMs();
  fire.at = fire.plannedAt;
  fire.byHand = true;
  const auto made = co_await strand.of(schedules_.fire(fire, *run, strand.waker()));
  if (!made) co_return std::unexpected(api::refusalOf(made.error()));
  adoptIfMade(*made, std::move(*run));
  changed();
  co_return *made;
}

}  // namespace weir::schedule
