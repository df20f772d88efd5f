// Retention: how long records are kept, as a table; and the work that removes those that are kept no longer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/sql/database.h"

namespace weir::store::sql {

/// One kind of records. Texts are SQL of both dialects. The oldest go first, by `when`, which is in milliseconds.
struct Retention {
  std::string_view name, what;  // for people: "bin", "flows in the bin"
  std::string_view table, key, when;
  std::string_view bytes{};  // of a row; empty: they are not counted
  std::string_view only{};   // a condition: only these rows
  /// 0: no bound.
  std::int64_t keepMs = 0, keepRows = 0, keepBytes = 0;
  std::string_view per{};        // a column: of each of its values
  std::int64_t keepRowsPer = 0;  // so many are kept
};

/// One line for each kind in retention.cpp.
[[nodiscard]] std::span<const Retention> allRetentions();

/// How a server was told to keep one of them.
struct Keep {
  std::string_view name;
  std::int64_t keepMs = 0, keepRows = 0, keepBytes = 0;
};
[[nodiscard]] std::vector<Retention> retentionsWith(std::span<const Keep> keeps);

/// Ids of runs that are over and kept no longer: by the bounds of their flow, where it has some, else by `kind`. Some
/// hundred at most.
[[nodiscard]] Operation<std::vector<std::string>> expiredRuns(Database& database, Retention kind, std::int64_t nowMs,
                                                              Waker waker);
/// A run of a flow that says how much the files of its runs may take.
struct BoundRun {
  std::string id, flow;
  std::int64_t keepBytes = 0;  // as the newest run of the flow says
  bool isOver = false;
};
/// Flow by flow, of each the newest first.
[[nodiscard]] Operation<std::vector<BoundRun>> runsBoundByBytes(Database& database, Waker waker);
struct EndedRun {
  std::string id, folder;
};
/// The one that has ended last first.
[[nodiscard]] Operation<std::vector<EndedRun>> endedRuns(Database& database, Waker waker);
/// Ids of those that are not over.
[[nodiscard]] Operation<std::vector<std::string>> runsThatGoOn(Database& database, Waker waker);

struct Removed {
  std::string name;
  std::int64_t rows = 0;
};

/// Removes what is kept no longer, some hundred rows of each kind at most, so that nobody waits for long: asked for
/// again while it has removed something. Only kinds of which something went are told.
[[nodiscard]] Operation<std::vector<Removed>> removeOld(Database& database, std::span<const Retention> kinds,
                                                        std::int64_t nowMs, Waker waker);

}  // namespace weir::store::sql
