// Versions of flows go by number and age, but none that is used, in both databases.
#include "service/store/sql/version-keep.h"

#include <doctest/doctest.h>

#include <string>

#include "service/store/sql/both-databases.test.h"
#include "service/store/sql/document-quota.h"
#include "service/store/sql/run-table.h"
#include "service/store/sql/schedule-table.h"
#include "service/store/sql/sql-store.h"

namespace {

using namespace weir;
using namespace weir::store;
using sql::waitFor;

struct SetClock final : Clock {
  std::int64_t nowMicros() override { return ms * 1'000; }
  std::int64_t steadyNanos() override { return ms * 1'000'000; }
  std::int64_t ms = 1'700'000'000'000;
};

struct Place {
  sql::Database& database;
  SetClock clock{};
  sql::SqlStore flows{database, clock};

  explicit Place(sql::Database& opened) : database(opened) {
    const auto emptied = waitFor(database.write<Unit>({}, [](sql::Session& session) -> Result<Unit> {
      WEIR_TRY(session.exec("DELETE FROM runs WHERE flow LIKE 'trimmed-%'"));
      WEIR_TRY(session.exec("DELETE FROM schedules WHERE flow LIKE 'trimmed-%'"));
      WEIR_TRY(session.exec("DELETE FROM run_documents WHERE run LIKE 'trimmed-%'"));
      WEIR_TRY(session.exec("DELETE FROM flows WHERE id LIKE 'trimmed-%'"));
      return Unit{};
    }));
    REQUIRE_MESSAGE(emptied.has_value(), emptied.error().message);
  }
  void flow(const std::string& id, int versions, std::size_t bytes = 10) {
    FlowChange made;
    made.document = std::string(bytes, 'x');
    REQUIRE(waitFor(flows.create(id, made, {})));
    for (int i = 0; i < versions; ++i) keep(id);
  }
  void keep(const std::string& id, bool published = false) {
    clock.ms += 1'000;
    REQUIRE(waitFor(flows.appendVersion(id, {}, {.label = {}, .message = {}, .published = published}, {})));
  }
  std::int64_t trim(sql::VersionKeep rules) {
    std::int64_t gone = 0;
    for (;;) {
      const auto went = sql::trimVersions(database, rules, clock.ms);
      REQUIRE_MESSAGE(went.has_value(), went.error().message);
      if (*went == 0) return gone;
      gone += *went;
    }
  }
  /// Numbers, newest first.
  std::string kept(const std::string& id) {
    std::string numbers;
    const auto heads = waitFor(flows.listVersions(id, 0, 10'000, {}));
    REQUIRE(heads);
    for (const auto& head : *heads) numbers += (numbers.empty() ? "" : " ") + std::to_string(head.number);
    return numbers;
  }
  sql::DocumentUse counted(const std::string& id) {
    const auto use = waitFor(
        database.read<sql::DocumentUse>({}, [id](sql::Session& session) { return sql::documentsOf(session, id); }));
    REQUIRE(use);
    return *use;
  }
};

void check(sql::Database& database) {
  Place place(database);
  place.flow("trimmed-a", 6);
  place.flow("trimmed-b", 2);
  CHECK(place.counted("trimmed-a").versions == 6);
  CHECK(place.counted("trimmed-a").bytes == 70);
  CHECK(place.trim({}) == 0);
  CHECK(place.trim({.keepRows = 3}) == 3);
  CHECK(place.kept("trimmed-a") == "6 5 4");
  CHECK(place.kept("trimmed-b") == "2 1");
  CHECK(place.counted("trimmed-a").versions == 3);
  CHECK(place.counted("trimmed-a").bytes == 40);
  // Numbers are given once.
  place.keep("trimmed-a");
  CHECK(place.kept("trimmed-a") == "7 6 5 4");

  // What was published, what a run that goes on has and what a schedule names stays; a run that is over holds nothing.
  place.flow("trimmed-c", 1);
  place.keep("trimmed-c", true);
  for (int i = 0; i < 4; ++i) place.keep("trimmed-c");
  sql::SqlRuns runs(database, place.clock);
  for (const auto& [id, version] : {std::pair{"trimmed-run", 3}, std::pair{"trimmed-over", 1}}) {
    StoredRun run;
    run.record.id = id;
    run.record.flow = "trimmed-c";
    run.record.version = version;
    run.record.owner = "here";
    run.document = "{}";
    auto made = waitFor(runs.create(std::move(run), {}));
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    if (version != 1) continue;
    made->state = RunState::done;
    made->endedAt = place.clock.ms;
    REQUIRE(waitFor(runs.save(*made, {})));
  }
  sql::SqlSchedules schedules(database, place.clock);
  ScheduleRecord schedule;
  schedule.id = "trimmed-schedule";
  schedule.flow = "trimmed-c";
  schedule.plan.name = "daily";
  schedule.plan.everyMs = 60'000;
  schedule.plan.version = 4;
  const auto planned = waitFor(schedules.create(std::move(schedule), {}));
  REQUIRE_MESSAGE(planned.has_value(), planned.error().message);
  CHECK(place.trim({.keepRows = 1}) > 0);
  CHECK(place.kept("trimmed-c") == "6 4 3 2");
  CHECK(place.trim({.keepRows = 1}) == 0);

  // The newest stays however old it is.
  place.flow("trimmed-e", 3);
  place.clock.ms += 10'000'000;
  CHECK(place.trim({.keepMs = 1'000'000}) > 0);
  CHECK(place.kept("trimmed-b") == "2");
  CHECK(place.kept("trimmed-e") == "3");
  CHECK(place.kept("trimmed-c") == "6 4 3 2");
  CHECK(waitFor(runs.remove("trimmed-over", {})).has_value());
  // More than go at once.
  place.flow("trimmed-d", 450);
  CHECK(place.trim({.keepRows = 2}) == 448);
  CHECK(place.kept("trimmed-d") == "450 449");
}

TEST_CASE("old versions in SQLite go, and none that is used") { sql::inSqlite(check); }

TEST_CASE("old versions in PostgreSQL go, and none that is used" * doctest::skip(!sql::hasPostgres())) {
  sql::inPostgres(check);
}

}  // namespace
