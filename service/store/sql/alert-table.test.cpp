// Numbers of alerts are given out once, in both databases.
#include "service/store/sql/alert-table.h"

#include <doctest/doctest.h>

#include <string>

#include "service/store/sql/both-databases.test.h"

namespace {

using namespace weir;
using namespace weir::store;
using sql::waitFor;

void check(sql::Database& database) {
  sql::SqlAlerts one(database), other(database);
  const auto kept = waitFor(one.load(10'000, {}));
  REQUIRE_MESSAGE(kept.has_value(), kept.error().message);
  CHECK(kept->shared == (database.dialect() == sql::Dialect::postgres));
  const auto first = waitFor(one.reserve(50, {})), second = waitFor(other.reserve(50, {}));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*first >= 1);
  CHECK(*second == *first + 50);
  // One that was kept before numbers were given out is above them.
  REQUIRE(waitFor(one.keep({*second + 1'000, "{}"}, 0, {})));
  const auto third = waitFor(other.reserve(1, {}));
  REQUIRE(third);
  CHECK(*third == *second + 1'001);
  REQUIRE(waitFor(database.write<Unit>({}, [number = *second + 1'000](sql::Session& session) -> Result<Unit> {
    WEIR_TRY(session.exec("DELETE FROM alerts WHERE number = ?", {number}));
    return Unit{};
  })));
}

TEST_CASE("numbers of alerts in SQLite are given out once") { sql::inSqlite(check); }

TEST_CASE("numbers of alerts in PostgreSQL are given out once" * doctest::skip(!sql::hasPostgres())) {
  sql::inPostgres(check);
}

}  // namespace
