// Lists of schedules and of quotas come in pages, filtered, and quotas bound documents, in both databases.
#include <doctest/doctest.h>

#include <thread>

#include "service/store/sql/both-databases.test.h"
#include "service/store/sql/quota-table.h"
#include "service/store/sql/schedule-table.h"
#include "service/store/sql/sql-store.h"
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
  sql::SqlQuotas quotas(database, clock);
  sql::SqlStore flows(database, clock);
  const auto emptied = sql::waitFor(database.write<Unit>({}, [](sql::Session& session) -> Result<Unit> {
    WEIR_TRY(session.exec("DELETE FROM quotas"));
    WEIR_TRY(session.exec("DELETE FROM flows WHERE id LIKE 'paged-%' OR id LIKE 'counted-%'"));
    return Unit{};
  }));
  REQUIRE_MESSAGE(emptied.has_value(), emptied.error().message);
  api::Strand strand;
  const auto complainsNot = [&strand](api::Job<std::vector<std::string>> job) {
    job.start();
    while (!job.done()) {
      strand.step();
      std::this_thread::yield();
    }
    for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
  };
  complainsNot(checkLists(schedules, quotas, flows, strand));
  complainsNot(checkDocumentQuotas(quotas, flows, strand));
}

TEST_CASE("lists of schedules and quotas in SQLite come in pages, cut to what is asked for and seen") {
  sql::inSqlite(check);
}

TEST_CASE("lists of schedules and quotas in PostgreSQL come in pages, cut to what is asked for and seen" *
          doctest::skip(!sql::hasPostgres())) {
  sql::inPostgres(check);
}

}  // namespace
