// R15: runs begin at their times, once each, while clocks jump, servers stop and others do the same.
#include "service/schedule/scheduler.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "engine/node/node-type.h"
#include "service/api/fake-place.test.h"
#include "service/schedule/schedule-times.h"
#include "service/store/sql/run-table.h"
#include "service/store/sql/schedule-table.h"
#include "service/store/sql/sql-store.h"

namespace weir::schedule {
namespace {

constexpr std::int64_t kSecond = 1'000, kMinute = 60'000, kHour = 3'600'000;
constexpr std::string_view kNode = R"({"id": "test/source", "version": "1.0.0",
  "compatibility": {"minRuntime": "1.0.0", "hosts": ["native"]}, "category": "Test", "name": "Test",
  "description": "For tests", "touches": "nothing", "kind": "source", "cardinality": "source",
  "ports": {"inputs": [], "outputs": [{"name": "rows", "type": "rows"}]}, "settings": []})";

Result<NodePtr> makeNothing(const json::Value&, NodeContext&) { return fail("host.missing", "it never runs"); }

/// Fixed offsets, and no others.
struct FixedZones final : TimeZones {
  Result<std::shared_ptr<const TimeZone>> zone(std::string_view name) override {
    if (auto fixed = TimeZone::fromOffsetText(name)) return std::make_shared<const TimeZone>(std::move(*fixed));
    return fail("zone.unknown", "there is no time zone '" + std::string(name) + "'");
  }
};

struct WallClock final : Clock {
  std::int64_t nowMicros() override { return wallMs * 1000; }
  std::int64_t steadyNanos() override { return steadyMs * 1'000'000; }
  void pass(std::int64_t ms) {
    wallMs += ms;
    steadyMs += ms;
  }
  std::int64_t wallMs = 1'700'000'000'000, steadyMs = 0;
};

struct Place {
  Place() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-scheduler-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
    auto opened = store::sql::openSqlite(path + "/weir.db", {});
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    database = std::move(*opened);
    const BuiltinNode nodes[] = {{kNode, "[]", makeNothing}};
    auto known = Catalogue::make(nodes);
    REQUIRE_MESSAGE(known.has_value(), known.error().message);
    catalogue = std::move(*known);
    flows = std::make_unique<store::sql::SqlStore>(*database, clock);
    runs = std::make_unique<store::sql::SqlRuns>(*database, clock);
    schedules = std::make_unique<store::sql::SqlSchedules>(*database, clock);
    api = std::make_unique<api::Api>(api::FakePlace::placeOf(1 << 20), api::ExecutionLimits{}, clock, catalogue, *flows,
                                     runner);
    store::FlowChange change;
    change.document = api::flowText("orders");
    REQUIRE(store::sql::waitFor(flows->create("orders", change, {})));
    REQUIRE(
        store::sql::waitFor(flows->appendVersion("orders", {}, {.label = "", .message = "", .published = true}, {})));
    open();
  }
  ~Place() {
    scheduler.reset();
    api.reset();
    schedules.reset();
    runs.reset();
    flows.reset();
    database.reset();
    std::filesystem::remove_all(path);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  /// As if the server had been started anew.
  void open() {
    SchedulerOptions options;
    options.owner = [] { return "owner"; };
    options.adopt = [this](store::StoredRun run) { adopted.push_back(run.record.id); };
    scheduler = std::make_unique<Scheduler>(*schedules, api->services(), zones, std::move(options), Waker());
    scheduler->work();
    settle(*scheduler);
  }

  /// Until nothing more is to be done at this moment.
  static void settle(Scheduler& one) {
    for (int quiet = 0; quiet < 3;) {
      static_cast<void>(one.work());
      quiet = one.isBusy() ? 0 : quiet + 1;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }
  void pass(std::int64_t ms) {
    clock.pass(ms);
    settle(*scheduler);
  }

  store::ScheduleRecord plan(std::int64_t everyMs, store::Overlap overlap, store::Missed misfire,
                             std::int64_t jitterMs = 0) {
    store::ScheduleRecord record;
    record.id = "plan-" + std::to_string(++made);
    record.flow = "orders";
    record.plan.everyMs = everyMs;
    record.plan.overlap = overlap;
    record.plan.parallel = overlap == store::Overlap::parallel ? 1'000'000 : 1;
    record.plan.misfire = misfire;
    record.plan.toleranceMs = kSecond;
    record.plan.catchUp = 3;
    record.plan.jitterMs = jitterMs;
    record.createdAt = clock.wallMs;
    record.position = clock.wallMs;
    auto kept = store::sql::waitFor(schedules->create(record, {}));
    REQUIRE_MESSAGE(kept.has_value(), kept.error().message);
    scheduler->changed();
    settle(*scheduler);
    return *kept;
  }

  /// Planned times, oldest first, relative to when the schedule was made; and their outcomes.
  std::string fires(const store::ScheduleRecord& schedule) {
    const auto page = store::sql::waitFor(schedules->fires(schedule.id, 0, 500, {}));
    REQUIRE(page.has_value());
    std::string text;
    for (const auto& fire : page->fires) {
      auto one = std::to_string((fire.plannedAt - schedule.createdAt) / kSecond);
      if (fire.outcome != store::FireOutcome::started) {
        one += store::kFireOutcomes[static_cast<std::size_t>(fire.outcome)];
      }
      text = one + (text.empty() ? "" : " ") + text;
    }
    return text;
  }
  std::int64_t missed(const store::ScheduleRecord& schedule) {
    return store::sql::waitFor(schedules->read(schedule.id, {}))->missed;
  }
  void endRuns() {
    for (const auto& run : store::sql::waitFor(runs->list({}, {}))->runs) {
      if (store::isOver(run.state)) continue;
      auto over = run;
      over.state = store::RunState::done;
      REQUIRE(store::sql::waitFor(runs->save(over, {})));
    }
  }

  WallClock clock;
  FixedZones zones;
  std::string path;
  Catalogue catalogue;
  api::ScriptedRunner runner;
  std::unique_ptr<store::sql::Database> database;
  std::unique_ptr<store::Store> flows;
  std::unique_ptr<store::Runs> runs;
  std::unique_ptr<store::Schedules> schedules;
  std::unique_ptr<api::Api> api;
  std::unique_ptr<Scheduler> scheduler;
  std::vector<std::string> adopted;
  int made = 0;
};

TEST_CASE("R15: runs begin at their times, and are handed on") {
  Place place;
  const auto schedule = place.plan(kMinute, store::Overlap::parallel, store::Missed::once);
  for (int i = 0; i < 150; ++i) place.pass(kSecond);
  CHECK(place.fires(schedule) == "60 120");
  CHECK(place.adopted.size() == 2);
  const auto runs = store::sql::waitFor(place.runs->list({}, {}))->runs;
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].starter == "schedule:" + schedule.id);
  CHECK(runs[0].version == 1);
  CHECK(runs[0].epoch == 1);
}

TEST_CASE(
    "R15: a clock that jumps forward follows the rule for missed times, and one that jumps back fires nothing twice") {
  for (const auto& [misfire, wanted, missed] :
       {std::tuple(store::Missed::skip, "60", 59), std::tuple(store::Missed::once, "60 3600", 58),
        std::tuple(store::Missed::all, "60 3480 3540 3600", 56)}) {
    Place place;
    const auto schedule = place.plan(kMinute, store::Overlap::parallel, misfire);
    place.pass(kMinute);
    place.clock.wallMs += kHour - 30 * kSecond;  // from minute 1 to minute 60 and a half
    place.pass(kSecond);
    CHECK(place.fires(schedule) == wanted);
    CHECK(place.missed(schedule) == missed);
    place.clock.wallMs -= kHour;
    for (int i = 0; i < 5; ++i) place.pass(kMinute);
    CHECK(place.fires(schedule) == wanted);
    place.clock.wallMs += kHour - 5 * kMinute;
    place.pass(29 * kSecond);
    CHECK(place.fires(schedule) == std::string(wanted) + " 3660");
  }
}

TEST_CASE("R15: after a stop of the server the missed times come as said, and those that came do not come again") {
  Place place;
  const auto schedule = place.plan(kMinute, store::Overlap::parallel, store::Missed::once);
  place.pass(kMinute);
  place.scheduler.reset();
  place.clock.pass(10 * kMinute + 30 * kSecond);
  place.open();
  CHECK(place.fires(schedule) == "60 660");
  CHECK(place.missed(schedule) == 9);
  place.scheduler.reset();
  place.open();
  CHECK(place.fires(schedule) == "60 660");
}

TEST_CASE("R15: of two servers one starts the run of a time") {
  Place place;
  SchedulerOptions options;
  options.owner = [] { return "other"; };
  std::vector<std::string> theirs;
  options.adopt = [&theirs](store::StoredRun run) { theirs.push_back(run.record.id); };
  Scheduler other(*place.schedules, place.api->services(), place.zones, options, Waker());
  const auto schedule = place.plan(kMinute, store::Overlap::parallel, store::Missed::all);
  other.changed();
  Place::settle(other);
  for (int i = 0; i < 10; ++i) {
    place.clock.pass(kMinute);
    // Both at once.
    for (int quiet = 0; quiet < 3;) {
      static_cast<void>(place.scheduler->work());
      static_cast<void>(other.work());
      quiet = place.scheduler->isBusy() || other.isBusy() ? 0 : quiet + 1;
    }
  }
  CHECK(place.fires(schedule) == "60 120 180 240 300 360 420 480 540 600");
  CHECK(place.adopted.size() + theirs.size() == 10);
  CHECK(store::sql::waitFor(place.runs->list({}, {}))->runs.size() == 10);
}

TEST_CASE("a schedule of a flow that was deleted starts no later flow of that id, and goes") {
  Place place;
  const auto schedule = place.plan(kMinute, store::Overlap::parallel, store::Missed::once);
  place.pass(kMinute);
  CHECK(place.adopted.size() == 1);
  REQUIRE(store::sql::waitFor(place.flows->bin("orders", {}, {})));
  REQUIRE(store::sql::waitFor(place.flows->purge("orders", {}, {})));
  store::FlowChange change;
  change.document = api::flowText("orders");
  REQUIRE(store::sql::waitFor(place.flows->create("orders", change, {})));
  REQUIRE(store::sql::waitFor(
      place.flows->appendVersion("orders", {}, {.label = "", .message = "", .published = true}, {})));
  CHECK(store::sql::waitFor(place.schedules->page({.flow = "orders"}, {}))->schedules.empty());
  CHECK(store::sql::waitFor(place.schedules->read(schedule.id, {}))->flowIsGone);
  // Also by who has read it before.
  store::Fire fire;
  fire.schedule = schedule.id;
  fire.revision = schedule.revision;
  fire.plannedAt = fire.at = place.clock.wallMs;
  store::StoredRun run;
  run.record.id = "of-the-later-one";
  run.record.flow = "orders";
  const auto fired = store::sql::waitFor(place.schedules->fire(fire, run, {}));
  REQUIRE_FALSE(fired.has_value());
  CHECK(fired.error().code == "storage.not_found");
  for (int i = 0; i < 5; ++i) place.pass(kMinute);
  CHECK(place.adopted.size() == 1);
  CHECK(store::sql::waitFor(place.schedules->list({}, {}))->empty());
  CHECK(store::sql::waitFor(place.runs->list({}, {}))->runs.size() == 1);
  // And one that is made for the later flow is its own.
  place.plan(kMinute, store::Overlap::parallel, store::Missed::once);
  place.pass(kMinute);
  CHECK(place.adopted.size() == 2);
}

TEST_CASE("with jitter each run begins up to so much later than planned, and none is left out") {
  constexpr std::int64_t kJitter = 30 * kSecond;
  Place place;
  const auto schedule = place.plan(kMinute, store::Overlap::parallel, store::Missed::once, kJitter);
  std::set<std::int64_t> later;
  std::size_t begun = 0;
  for (int i = 0; i < 690; ++i) {
    place.pass(kSecond);
    if (place.adopted.size() == begun) continue;
    CHECK(place.adopted.size() == begun + 1);
    begun = place.adopted.size();
    const auto after = place.clock.wallMs - schedule.createdAt - static_cast<std::int64_t>(begun) * kMinute;
    CHECK(after >= 0);
    CHECK(after <= kJitter);
    later.insert(after);
  }
  CHECK(begun == 11);
  CHECK(later.size() > 3);
  // On record are the times of the plan.
  CHECK(place.fires(schedule) == "60 120 180 240 300 360 420 480 540 600 660");
}

TEST_CASE("a time that waits begins when the run before it has ended") {
  Place place;
  const auto schedule = place.plan(kMinute, store::Overlap::queue, store::Missed::once);
  place.pass(kMinute);
  place.pass(kMinute);
  place.pass(kMinute);
  CHECK(place.fires(schedule) == "60 120waiting 180skipped");
  place.endRuns();
  place.pass(3 * kSecond);
  CHECK(place.fires(schedule) == "60 120 180skipped");
  CHECK(place.adopted.size() == 2);
}

TEST_CASE("what cannot start is on record, and a paused schedule or one of a flow in the bin sleeps") {
  Place place;
  auto schedule = place.plan(kMinute, store::Overlap::skip, store::Missed::once);
  auto plan = schedule.plan;
  plan.version = 7;
  REQUIRE(store::sql::waitFor(place.schedules->replace(schedule.id, {}, plan, {}, place.clock.wallMs, {})));
  place.scheduler->changed();
  place.pass(kMinute);
  CHECK(place.fires(schedule) == "60failed");
  plan.version = 0;
  plan.paused = true;
  REQUIRE(store::sql::waitFor(place.schedules->replace(schedule.id, {}, plan, {}, place.clock.wallMs, {})));
  place.scheduler->changed();
  place.pass(kMinute);
  CHECK(place.fires(schedule) == "60failed");
  plan.paused = false;
  REQUIRE(
      store::sql::waitFor(place.schedules->replace(schedule.id, {}, plan, place.clock.wallMs, place.clock.wallMs, {})));
  REQUIRE(store::sql::waitFor(place.flows->bin("orders", {}, {})));
  place.scheduler->changed();
  place.pass(kMinute);
  CHECK(place.fires(schedule) == "60failed");
  REQUIRE(store::sql::waitFor(place.flows->purge("orders", {}, {})));
  place.pass(kMinute);
  CHECK(store::sql::waitFor(place.schedules->list({}, {}))->empty());
}

TEST_CASE("the next times of a plan are those of its zone") {
  FixedZones zones;
  store::ScheduleRecord record;
  record.plan.cron = "30 9 * * *";
  record.plan.timeZone = "+02:00";
  const auto times = timesOf(record, zones);
  REQUIRE(times.has_value());
  CHECK(nextTimes(*times, 0, 2) == std::vector<std::int64_t>{27'000'000, 113'400'000});
  record.plan.timeZone = "Mars/Olympus";
  CHECK(timesOf(record, zones).error().code == "zone.unknown");
  record.plan.cron = "61 * * * *";
  CHECK(timesOf(record, zones).error().code == "cron.syntax");
  record.plan.cron = "";
  for (const std::int64_t everyMs : {0, 1, 999, -1000}) {
    record.plan.everyMs = everyMs;
    CHECK(timesOf(record, zones).error().code == "cron.syntax");
  }
  record.plan.everyMs = 1'000;
  CHECK(timesOf(record, zones).has_value());
}

TEST_CASE("a schedule on record that plans nothing, neither a cron line nor an interval, starts no runs") {
  Place place;
  const auto schedule = place.plan(0, store::Overlap::parallel, store::Missed::all);
  place.pass(3 * kMinute);
  CHECK(place.fires(schedule).empty());
}

}  // namespace
}  // namespace weir::schedule
