// What keeps schedules must do, call by call.
#include <utility>

#include "service/store/suite/suite.h"

namespace weir::store {
namespace {

ScheduleRecord scheduleNamed(const std::string& id, Overlap overlap, std::int64_t parallel = 1) {
  ScheduleRecord record;
  record.id = id;
  record.flow = "suite-planned";
  record.plan.name = id;
  record.plan.everyMs = 60'000;
  record.plan.overlap = overlap;
  record.plan.parallel = parallel;
  record.author = "anna";
  record.createdAt = 1'000;
  record.position = 1'000;
  return record;
}

StoredRun runNamed(const std::string& id, const std::string& schedule) {
  StoredRun run;
  run.record.id = id;
  run.record.flow = "suite-planned";
  run.record.starter = "schedule:" + schedule;
  run.record.owner = "suite";
  run.record.leaseUntil = 60'000;
  run.document = "{}";
  return run;
}

Fire fireAt(const ScheduleRecord& schedule, std::int64_t plannedAt) {
  Fire fire;
  fire.schedule = schedule.id;
  fire.revision = schedule.revision;
  fire.plannedAt = plannedAt;
  fire.at = plannedAt + 5;
  return fire;
}

struct Suite {
  Schedules& schedules;
  Runs& runs;
  api::Strand& strand;
  std::vector<std::string> found{};

  template <class T>
  [[nodiscard]] auto of(Operation<T> operation) {
    return strand.of(std::move(operation));
  }
  [[nodiscard]] const Waker& waker() const { return strand.waker(); }
  void expect(bool good, std::string what) {
    if (!good) found.push_back(std::move(what));
  }
};

api::Job<Unit> endRun(Suite& suite, std::string id) {
  auto run = co_await suite.of(suite.runs.read(std::move(id), suite.waker()));
  suite.expect(run.has_value(), "a run that was started is on record");
  if (!run) co_return Unit{};
  run->state = RunState::done;
  const auto saved = co_await suite.of(suite.runs.save(*run, suite.waker()));
  suite.expect(saved.has_value(), "a run that was started ends");
  co_return Unit{};
}

api::Job<Unit> checkChanges(Suite& suite) {
  auto& schedules = suite.schedules;
  const auto made = co_await suite.of(schedules.create(scheduleNamed("suite-a", Overlap::skip), suite.waker()));
  suite.expect(made && made->revision > 0 && made->plan.everyMs == 60'000 && made->author == "anna", "it is made");
  if (!made) co_return Unit{};
  auto plan = made->plan;
  plan.cron = "0 9 * * *";
  plan.everyMs = 0;
  plan.misfire = Missed::all;
  const auto changed =
      co_await suite.of(schedules.replace("suite-a", made->revision, plan, 5'000, 2'000, suite.waker()));
  suite.expect(changed && changed->plan.cron == "0 9 * * *" && changed->plan.misfire == Missed::all &&
                   changed->position == 5'000 && changed->changedAt == 2'000 && changed->createdAt == 1'000,
               "it is changed");
  const auto late = co_await suite.of(schedules.replace("suite-a", made->revision, plan, {}, 3'000, suite.waker()));
  suite.expect(!late && late.error().code == "storage.changed", "who has not seen the change is refused");
  const auto gone = co_await suite.of(schedules.remove("suite-a", made->revision, suite.waker()));
  suite.expect(!gone && gone.error().code == "storage.changed", "nor may they delete it");
  const auto none = co_await suite.of(schedules.read("suite-none", suite.waker()));
  suite.expect(!none && none.error().code == "storage.not_found", "one that is not there is not found");
  suite.expect((co_await suite.of(schedules.remove("suite-a", {}, suite.waker()))).has_value(), "it is deleted");
  const auto all = co_await suite.of(schedules.list("suite-planned", suite.waker()));
  suite.expect(all && all->empty(), "and listed no more");
  co_return Unit{};
}

api::Job<Unit> checkOnce(Suite& suite) {
  auto& schedules = suite.schedules;
  const auto made = co_await suite.of(schedules.create(scheduleNamed("suite-b", Overlap::skip), suite.waker()));
  if (!made) co_return Unit{};
  auto fire = fireAt(*made, 61'000);
  fire.missed = 3;
  const auto first = co_await suite.of(schedules.fire(fire, runNamed("suite-b1", "suite-b"), suite.waker()));
  suite.expect(first && first->outcome == FireOutcome::started && first->run == "suite-b1", "a time starts a run");
  const auto again = co_await suite.of(schedules.fire(fire, runNamed("suite-b2", "suite-b"), suite.waker()));
  suite.expect(again && again->run == "suite-b1", "a time that comes twice has one run");
  const auto lost = co_await suite.of(suite.runs.read("suite-b2", suite.waker()));
  suite.expect(!lost, "the second run came to nothing");
  const auto read = co_await suite.of(schedules.read("suite-b", suite.waker()));
  suite.expect(read && read->position == 61'000 && read->missed == 3 && read->going == 1, "it is known what goes on");
  const auto busy =
      co_await suite.of(schedules.fire(fireAt(*made, 121'000), runNamed("suite-b3", "suite-b"), suite.waker()));
  suite.expect(busy && busy->outcome == FireOutcome::skipped && busy->run.empty() && !busy->why.empty(),
               "a time is skipped while a run goes on");
  auto byHand = fireAt(*made, 122'000);
  byHand.byHand = true;
  const auto hand = co_await suite.of(schedules.fire(byHand, runNamed("suite-b4", "suite-b"), suite.waker()));
  suite.expect(!hand && hand.error().code == "schedule.overlap", "by hand it is refused");
  co_await endRun(suite, "suite-b1");
  auto broken = fireAt(*made, 181'000);
  broken.why = "it has no version";
  const auto failed = co_await suite.of(schedules.fire(broken, {}, suite.waker()));
  suite.expect(failed && failed->outcome == FireOutcome::failed && failed->why == "it has no version",
               "what cannot start is on record");
  auto old = fireAt(*made, 241'000);
  old.revision = made->revision - 1;
  const auto stale = co_await suite.of(schedules.fire(old, runNamed("suite-b5", "suite-b"), suite.waker()));
  suite.expect(!stale && stale.error().code == "storage.changed", "a time of an older plan starts nothing");
  const auto page = co_await suite.of(schedules.fires("suite-b", 0, 2, suite.waker()));
  suite.expect(page && page->fires.size() == 2 && page->fires[0].plannedAt == 181'000 && page->before == 121'000,
               "times are listed, newest first");
  const auto rest = co_await suite.of(schedules.fires("suite-b", 121'000, 2, suite.waker()));
  suite.expect(rest && rest->fires.size() == 1 && rest->fires[0].runState == "done" && rest->before == 0,
               "page by page, with the states of runs");
  co_return Unit{};
}

api::Job<Unit> checkQueue(Suite& suite) {
  auto& schedules = suite.schedules;
  const auto made = co_await suite.of(schedules.create(scheduleNamed("suite-c", Overlap::queue), suite.waker()));
  if (!made) co_return Unit{};
  const auto outcome = [&suite](const Result<FireRecord>& fire, FireOutcome wanted, const char* what) {
    suite.expect(fire && fire->outcome == wanted, what);
  };
  outcome(co_await suite.of(schedules.fire(fireAt(*made, 1'000), runNamed("suite-c1", "suite-c"), suite.waker())),
          FireOutcome::started, "the first begins");
  outcome(co_await suite.of(schedules.fire(fireAt(*made, 2'000), runNamed("suite-c2", "suite-c"), suite.waker())),
          FireOutcome::waiting, "the second waits");
  outcome(co_await suite.of(schedules.fire(fireAt(*made, 3'000), runNamed("suite-c3", "suite-c"), suite.waker())),
          FireOutcome::skipped, "the third is skipped");
  outcome(
      co_await suite.of(schedules.startWaiting(fireAt(*made, 2'000), runNamed("suite-c4", "suite-c"), suite.waker())),
      FireOutcome::waiting, "it waits while there is no room");
  const auto read = co_await suite.of(schedules.read("suite-c", suite.waker()));
  suite.expect(read && read->waitingSince == 2'000, "it is known what waits");
  co_await endRun(suite, "suite-c1");
  outcome(
      co_await suite.of(schedules.startWaiting(fireAt(*made, 2'000), runNamed("suite-c5", "suite-c"), suite.waker())),
      FireOutcome::started, "then it begins");
  outcome(
      co_await suite.of(schedules.startWaiting(fireAt(*made, 2'000), runNamed("suite-c6", "suite-c"), suite.waker())),
      FireOutcome::started, "once");
  suite.expect(!co_await suite.of(suite.runs.read("suite-c6", suite.waker())), "with one run");
  co_return Unit{};
}

api::Job<Unit> checkParallel(Suite& suite) {
  auto& schedules = suite.schedules;
  const auto made = co_await suite.of(schedules.create(scheduleNamed("suite-d", Overlap::parallel, 2), suite.waker()));
  if (!made) co_return Unit{};
  std::string outcomes;
  for (int i = 1; i <= 3; ++i) {
    const auto fire = co_await suite.of(
        schedules.fire(fireAt(*made, i * 1'000), runNamed("suite-d" + std::to_string(i), "suite-d"), suite.waker()));
    outcomes += fire ? kFireOutcomes[static_cast<std::size_t>(fire->outcome)] : "refused";
    outcomes += ' ';
  }
  suite.expect(outcomes == "started started skipped ", "two at a time, and no more: " + outcomes);
  suite.expect((co_await suite.of(schedules.advance("suite-d", 9'000, 6, suite.waker()))).has_value(), "it moves on");
  suite.expect((co_await suite.of(schedules.advance("suite-d", 8'000, 0, suite.waker()))).has_value(),
               "and never back");
  const auto read = co_await suite.of(schedules.read("suite-d", suite.waker()));
  suite.expect(read && read->position == 9'000 && read->missed == 6 && read->flowIsGone, "to where it was told");
  co_return Unit{};
}

}  // namespace

api::Job<std::vector<std::string>> checkSchedules(Schedules& schedules, Runs& runs, api::Strand& strand) {
  Suite suite{schedules, runs, strand};
  co_await checkChanges(suite);
  co_await checkOnce(suite);
  co_await checkQueue(suite);
  co_await checkParallel(suite);
  co_return std::move(suite.found);
}

}  // namespace weir::store
