// Numbers of alerts are given out once, in both databases.
#include "service/store/sql/alert-table.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

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

TEST_CASE("numbers of alerts in SQLite are given out once") {
  std::string name = (std::filesystem::temp_directory_path() / "weir-alerts-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  {
    auto opened = sql::openSqlite(name + "/weir.db", {});
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    check(**opened);
  }
  std::filesystem::remove_all(name);
}

TEST_CASE("numbers of alerts in PostgreSQL are given out once" *
          doctest::skip(std::getenv("WEIR_TEST_POSTGRES") == nullptr)) {
  sql::PostgresOptions options;
  options.url = std::getenv("WEIR_TEST_POSTGRES");
  auto opened = sql::openPostgres(options);
  REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  check(**opened);
}

}  // namespace
