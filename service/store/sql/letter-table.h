// The index of dead letters in SQL.
#pragma once

#include "service/store/letter-index.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& letterKind();

/// Thread-safe. The database outlives it.
class SqlLetterIndex final : public LetterIndex {
 public:
  explicit SqlLetterIndex(Database& database) : database_(database) {}
  Operation<std::vector<LetterSegment>> segments(Waker waker) override;
  Operation<Unit> put(std::vector<LetterSegment> changed, std::vector<LetterSegment> gone, Waker waker) override;
  Operation<std::vector<LetterRun>> runs(LetterQuery query, std::int64_t upTo, std::int64_t limit,
                                         Waker waker) override;
  Operation<std::vector<LetterCount>> counts(LetterQuery query, LetterGroup group, std::int64_t limit,
                                             Waker waker) override;

 private:
  Database& database_;
};

}  // namespace weir::store::sql
