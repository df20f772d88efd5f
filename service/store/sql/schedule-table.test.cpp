// Schedules in both databases keep to their contract.
#include "service/store/sql/schedule-table.h"

#include <doctest/doctest.h>

#include <thread>

#include "service/store/sql/both-databases.test.h"
#include "service/store/sql/run-table.h"
#include "service/store/suite/suite.h"

namespace {

using namespace weir;
using namespace weir::store;

struct TickingClock final : Clock {
  std::int64_t nowMicros() override { return micros += 1'000; }
  std::int64_t steadyNanos() override { return nowMicros() * 1'000; }
  std::int64_t micros = 1'700'000'000'000'000;
};

void check(sql::Database& database) {
  TickingClock clock;
  sql::SqlSchedules schedules(database, clock);
  sql::SqlRuns runs(database, clock);
  api::Strand strand;
  auto job = checkSchedules(schedules, runs, strand);
  job.start();
  while (!job.done()) {
    strand.step();
    std::this_thread::yield();
  }
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
}

TEST_CASE("R18: schedules in SQLite keep to the contract of schedules") { sql::inSqlite(check); }

TEST_CASE("R18: schedules in PostgreSQL keep to the contract of schedules" * doctest::skip(!sql::hasPostgres())) {
  sql::inPostgres(check);
}

}  // namespace
