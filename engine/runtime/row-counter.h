// RowCounter: counts the rows of an edge that an alert is about, each under its key.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/cel/column/expression.h"
#include "engine/data/batch.h"

namespace weir::runtime {

/// Rows by key; without a key all rows are those of "".
struct RowTally {
  static constexpr std::size_t kMostKeys = 10'000;
  std::map<std::string, std::int64_t, std::less<>> rows;
  std::int64_t beyond = 0;  // rows of keys that there was no room for
  std::int64_t failed = 0;  // rows for which the condition or the key could not be computed
  std::string problem;      // of the first of these
  [[nodiscard]] bool empty() const { return rows.empty() && beyond == 0 && failed == 0; }
  void add(std::string_view key, std::int64_t count);
  void add(const RowTally& other);
};

class RowCounter {
 public:
  /// Both are CEL over rows; an empty condition counts every row. Errors of CEL.
  [[nodiscard]] static Result<std::unique_ptr<RowCounter>> compile(std::string_view where, std::string_view key,
                                                                   const cel::ExpressionOptions& options);
  /// What an alert names: its text, `null`, or JSON; cut after 200 bytes.
  static constexpr std::size_t kMostKeyBytes = 200;

  /// On any worker.
  void count(const Batch& batch, RowTally& into) const;

  // Under the run's lock.
  void add(const RowTally& tally) { tally_.add(tally); }
  [[nodiscard]] RowTally take();

 private:
  void countKeys(const Batch& batch, RowTally& into) const;

  cel::Expression where_, key_;
  RowTally tally_;
};

}  // namespace weir::runtime
