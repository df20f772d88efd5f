// Windows: what open windows hold and when they close; one class for each way to cut a stream.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/node/row-times.h"
#include "engine/node/state.h"
#include "nodes/aggregate/groups.h"
#include "nodes/aggregate/window/window.gen.h"

namespace weir::nodes::window {

inline constexpr Timestamp kNever = INT64_MAX;

/// The settings, compiled; times in microseconds.
struct WindowPlan {
  group::GroupPlan groups;
  RowTimes times;
  Settings::Kind kind = Settings::Kind::tumbling;
  bool byCount = false, ownWatermark = false;
  std::int64_t size = 0, step = 0, gap = 0, offset = 0;
  std::int64_t rows = 0, stepRows = 0;
  std::int64_t maxDelay = 0, lateness = 0, idle = 0, early = 0;
  std::int64_t memoryBytes = 0;
};

/// Rows under way: keys and values as columns (keys first), times, and the watermark that held before each row.
struct WindowRows {
  Batch columns;
  std::size_t keys = 0;
  std::span<const Timestamp> times, before;
  std::int64_t firstOrdinal = 0;
  Timestamp arrived = 0;  // by the node's clock

  [[nodiscard]] std::int64_t count() const { return columns.rows(); }
  [[nodiscard]] Timestamp time(std::int64_t row) const { return times[static_cast<std::size_t>(row)]; }
  [[nodiscard]] Timestamp watermark(std::int64_t row) const { return before[static_cast<std::size_t>(row)]; }
  /// Keys and values of rows of `columns`.
  [[nodiscard]] group::EvaluatedRows evaluated(const Batch& some) const;
};

/// Result rows on their way out.
class Results {
 public:
  explicit Results(const WindowPlan& plan) : plan_(&plan) {}
  /// Groups of one window; in order.
  Result<void> add(Timestamp start, Timestamp end, bool last, const group::Groups& groups,
                   std::span<const std::uint32_t> which, StepIo& io);
  Result<void> flush();
  /// A batch without rows that tells the fields.
  Result<void> tell(const group::Groups& groups);
  [[nodiscard]] bool empty() const { return ready_.empty(); }
  [[nodiscard]] Batch pop();
  /// What waits for room.
  Result<void> save(StateWriter& to) const;
  Result<void> restore(StateReader& from);

 private:
  [[nodiscard]] SchemaRef schemaOf(const group::Groups& groups) const;
  const WindowPlan* plan_;
  std::optional<BatchBuilder> building_;
  std::deque<Batch> ready_;
};

/// Times are event times. Rows are given in the order they came; nothing depends on how they were cut into batches.
class Windows {
 public:
  virtual ~Windows() = default;
  /// Adds rows; the numbers of those that are late go to `late`. What closes between two of them is emitted without the
  /// later one.
  virtual Result<void> add(const WindowRows& rows, std::vector<std::uint32_t>& late, Results& results, StepIo& io) = 0;
  /// Nothing closes before the watermark gets there.
  [[nodiscard]] virtual Timestamp nextClose() const = 0;
  virtual Result<void> close(Timestamp watermark, Results& results, StepIo& io) = 0;
  /// No more rows come: everything that is open.
  virtual Result<void> closeAll(Results& results, StepIo& io) = 0;
  /// By the node's clock: windows whose key was silent (count).
  [[nodiscard]] virtual Timestamp nextSilent() const { return kNever; }
  virtual Result<void> closeSilent(Timestamp /*now*/, Results&, StepIo&) { return {}; }
  /// What changed since the last call, as it stands.
  virtual Result<void> emitEarly(Results& results, StepIo& io) = 0;
  /// No window that is still to come begins before this.
  [[nodiscard]] virtual Timestamp earliestStart(Timestamp watermark) const = 0;
  [[nodiscard]] virtual std::int64_t memoryBytes() const = 0;
  /// An empty batch came: types of keys.
  Result<void> note(const group::EvaluatedRows& rows) { return types_.accumulate(rows, {nullptr, 0, 0, {}}); }
  [[nodiscard]] const group::Groups& types() const { return types_; }
  virtual Result<Poll> save(StateWriter& to) = 0;
  virtual Result<Poll> restore(StateReader& from) = 0;

 protected:
  explicit Windows(const WindowPlan& plan) : plan_(&plan), types_(plan.groups) {}
  /// From now on `groups` has the types of all rows that ever came, so that all results have the same fields.
  void share(group::Groups& groups) {
    types_.absorbTypes(groups);
    groups.absorbTypes(types_);
  }
  const WindowPlan* plan_;
  group::Groups types_;  // no groups
};

[[nodiscard]] std::unique_ptr<Windows> makeTimeWindows(const WindowPlan& plan);
[[nodiscard]] std::unique_ptr<Windows> makeSessions(const WindowPlan& plan);
[[nodiscard]] std::unique_ptr<Windows> makeCountWindows(const WindowPlan& plan);

/// The greatest multiple of `step` that is not past `time`.
[[nodiscard]] constexpr Timestamp floorTo(Timestamp time, std::int64_t step) {
  const auto rest = time % step;
  return time - rest - (rest < 0 ? step : 0);
}

/// `watermark` less `span`, where there is a watermark.
[[nodiscard]] constexpr Timestamp earlier(Timestamp watermark, std::int64_t span) {
  return watermark == kNoWatermark ? kNoWatermark : watermark - span;
}

}  // namespace weir::nodes::window
