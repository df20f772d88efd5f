// Kinds of records, and the steps by which their tables came to be what they are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "service/store/sql/session.h"

namespace weir::store::sql {

/// Statements, with semicolons between. What PostgreSQL writes otherwise is put in its words: BLOB is BYTEA there, TEXT
/// is compared by its bytes, INTEGER is BIGINT, WITHOUT ROWID is left out. `postgres` replaces all of it where that is
/// not enough.
struct Step {
  std::string_view sql;
  std::string_view postgres{};
};

/// Steps are numbered from 1 in their order; those that were released never change.
struct Kind {
  std::string_view name;
  std::span<const Step> steps;
};

/// One line for each kind in kinds.cpp; a kind comes behind those to which its tables refer.
[[nodiscard]] std::span<const Kind* const> allKinds();

/// Brings the tables up to date inside the caller's transaction, which holds a lock. `storage.newer` for a database of
/// a newer program, of which nothing was changed then.
Result<void> migrate(Session& session, std::span<const Kind* const> kinds);

/// How far each kind of a database is.
using Steps = std::map<std::string, std::int64_t>;
/// As the database says it, without a change to it; empty: it holds none yet. `storage.newer` as of migrate().
[[nodiscard]] Result<Steps> stepsIn(Session& session, std::span<const Kind* const> kinds);
/// Calls `before` for a database that is older than these kinds, and holds some.
Result<void> beforeMigrating(Session& session, std::span<const Kind* const> kinds,
                             const std::function<Result<void>(const Steps& from)>& before);
/// All steps of all kinds, as one number that only grows.
[[nodiscard]] std::int64_t versionOf(const Steps& steps);
/// `storage.newer`: a kind, or a step of one, that is not among these.
[[nodiscard]] Result<void> checkSteps(const Steps& steps, std::span<const Kind* const> kinds);
/// As far as these kinds go.
[[nodiscard]] Steps stepsOf(std::span<const Kind* const> kinds);
/// As migrate(), of a database that holds none yet, and no further than `steps`.
Result<void> migrateTo(Session& session, std::span<const Kind* const> kinds, const Steps& steps);
/// The tables that there are behind these steps, in an order in which each may be filled.
[[nodiscard]] std::vector<std::string> tablesOf(std::span<const Kind* const> kinds, const Steps& steps);

/// A step as PostgreSQL wants it.
[[nodiscard]] std::string postgresOf(const Step& step);

}  // namespace weir::store::sql
