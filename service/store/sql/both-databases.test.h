// What holds in SQLite and in PostgreSQL alike, tried in each.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "service/store/sql/database.h"

namespace weir::store::sql {

/// Without the variable the cases of PostgreSQL are skipped.
inline bool hasPostgres() { return std::getenv("WEIR_TEST_POSTGRES") != nullptr; }

/// `check(database)` in a database of its own, which goes afterwards.
template <class Check>
void inSqlite(Check check) {
  std::string folder = (std::filesystem::temp_directory_path() / "weir-database-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  {
    auto opened = openSqlite(folder + "/weir.db", {});
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    check(**opened);
  }
  std::filesystem::remove_all(folder);
}

/// The same in the one that the variable names.
template <class Check>
void inPostgres(Check check) {
  PostgresOptions options;
  options.url = std::getenv("WEIR_TEST_POSTGRES");
  auto opened = openPostgres(options);
  REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  check(**opened);
}

}  // namespace weir::store::sql
