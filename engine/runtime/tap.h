// Tap: what somebody watches of an edge: the newest rows that match a condition, within a budget.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/data/batch.h"
#include "engine/data/sensitive.h"
#include "engine/runtime/entry-queue.h"

namespace weir {

struct TapOptions {
  std::string edge{};
  std::string where{};  // CEL over the rows; empty: all of them
  double rowsPerSecond = 1000, bytesPerSecond = 1 << 20;
  std::int64_t holdBytes = 4 << 20;  // of rows that wait to be looked at
  bool reveal = false;               // sensitive fields too
};

/// `passed >= seen >= matched >= shown`; what is passed and not seen, or matched and not shown, was shed.
struct TapCounts {
  std::int64_t passed = 0;   // rows that went along the edge since the tap began
  std::int64_t seen = 0;     // of these, the condition was asked of so many
  std::int64_t matched = 0;  // it holds
  std::int64_t shown = 0;    // within the budget
  std::int64_t failed = 0;   // it could not be computed
  std::string problem;       // the first reason for that
};

struct TapTaken {
  std::vector<Batch> batches;  // the newest, oldest first
  TapCounts counts;
};

namespace runtime {

/// Rows and bytes that may be shown by now: what a second allows, at most one second of it saved up.
class TapBudget {
 public:
  TapBudget(double rowsPerSecond, double bytesPerSecond)
      : rowsPerSecond_(rowsPerSecond), bytesPerSecond_(bytesPerSecond), rows_(rowsPerSecond), bytes_(bytesPerSecond) {}
  void pass(std::int64_t nowNanos);
  [[nodiscard]] std::int64_t rows() const { return bytes_ > 0 ? static_cast<std::int64_t>(rows_) : 0; }
  [[nodiscard]] std::int64_t bytes() const { return static_cast<std::int64_t>(bytes_); }
  /// A row larger than what is left may go; the next ones wait until it is paid for.
  void spend(std::int64_t rows, std::int64_t bytes) {
    rows_ -= static_cast<double>(rows);
    bytes_ -= static_cast<double>(bytes);
  }

 private:
  double rowsPerSecond_, bytesPerSecond_, rows_, bytes_;
  std::int64_t seenNanos_ = -1;
};

/// One tap. `offered` and `swapOut` under the run's lock, `look` without it, by one caller at a time.
class Tap {
 public:
  Tap(TapOptions options, cel::Expression where, SensitiveNames sensitive);

  void offered(std::span<const Entry> entries);
  /// What waits; the tap waits for more.
  [[nodiscard]] std::deque<Batch> swapOut();
  /// Those of `batches` that the condition and the budget let through, sensitive fields masked.
  [[nodiscard]] TapTaken look(std::deque<Batch> batches, std::int64_t nowNanos);
  [[nodiscard]] const std::string& edge() const { return options_.edge; }

 private:
  static constexpr std::size_t kMostBatches = 4096;
  [[nodiscard]] Batch matching(const Batch& batch);

  TapOptions options_;
  cel::Expression where_;
  SensitiveNames sensitive_;
  bool asksHidden_ = false;  // the condition reads what this tap may not show
  // Under the run's lock.
  std::deque<Batch> waiting_;
  std::int64_t waitingBytes_ = 0, passed_ = 0;
  // Of who looks.
  TapBudget budget_;
  TapCounts counts_;
};

/// The rows with every field that its schema or `names` call sensitive replaced by a text that says so; within maps and
/// lists too.
[[nodiscard]] Batch maskSensitive(const Batch& batch, const SensitiveNames& names);

}  // namespace runtime
}  // namespace weir
