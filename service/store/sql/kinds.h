// Kinds of records, and the steps by which their tables came to be what they are.
#pragma once

#include <span>
#include <string>
#include <string_view>

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

/// A step as PostgreSQL wants it.
[[nodiscard]] std::string postgresOf(const Step& step);

}  // namespace weir::store::sql
