// Tumbling and sliding windows of time. Rows are folded into panes (the greatest length that divides size and step), so
// that a row is folded once however many windows it is in; a window is the panes within it.
#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "nodes/aggregate/window/windows.h"

namespace weir::nodes::window {
namespace {

class TimeWindows final : public Windows {
 public:
  explicit TimeWindows(const WindowPlan& plan)
      : Windows(plan), pane_(std::gcd(plan.size, plan.step)), tumbling_(plan.size == plan.step) {}

  Result<void> add(const WindowRows& rows, std::vector<std::uint32_t>& late, Results& results, StepIo& io) override {
    if (tumbling_) return addPart(rows, 0, rows.count(), late);
    // Windows share panes: what closes between two rows must not see the later one.
    for (std::int64_t from = 0; from < rows.count();) {
      const auto watermark = rows.watermark(from);
      WEIR_TRY(close(watermark, results, io));
      auto to = from + 1;
      if (watermark != kNoWatermark) {
        const auto end = earliestStart(watermark) + plan_->size + plan_->lateness;
        to = std::lower_bound(rows.before.begin() + static_cast<std::ptrdiff_t>(from) + 1, rows.before.end(), end) -
             rows.before.begin();
      }
      WEIR_TRY(addPart(rows, from, to, late));
      from = to;
    }
    return {};
  }

  [[nodiscard]] Timestamp nextClose() const override { return panes_.empty() ? kNever : nextEnd() + plan_->lateness; }

  Result<void> close(Timestamp watermark, Results& results, StepIo& io) override {
    while (!panes_.empty() && nextClose() <= watermark) {
      const auto end = nextEnd();
      WEIR_TRY(emit(end, true, results, io));
      lastEnd_ = end;
      while (!panes_.empty() && lastEndOf(panes_.begin()->first) <= end) panes_.erase(panes_.begin());
    }
    // Windows without rows have closed too: a row that comes now is in later ones only.
    if (watermark != kNoWatermark && watermark != kNever)
      lastEnd_ = std::max(lastEnd_, earliestStart(watermark) + plan_->size - plan_->step);
    return {};
  }

  Result<void> closeAll(Results& results, StepIo& io) override { return close(kNever, results, io); }

  Result<void> emitEarly(Results& results, StepIo& io) override {
    if (tumbling_) {
      for (auto& [start, pane] : panes_) {
        if (!std::exchange(pane.changed, false)) continue;
        WEIR_TRY(emit(start + plan_->size, false, results, io));
      }
      return {};
    }
    // Of windows that overlap only the one that closes next.
    if (panes_.empty()) return {};
    const auto end = nextEnd();
    bool changed = false;
    for (auto pane = panes_.begin(); pane != panes_.end() && pane->first < end; ++pane) {
      changed = std::exchange(pane->second.changed, false) || changed;
    }
    return changed ? emit(end, false, results, io) : Result<void>();
  }

  [[nodiscard]] Timestamp earliestStart(Timestamp watermark) const override {
    return aligned(watermark - plan_->lateness - plan_->size) + plan_->step;
  }

  [[nodiscard]] std::int64_t memoryBytes() const override {
    std::int64_t bytes = 0;
    for (const auto& [start, pane] : panes_) bytes += kPaneBytes + pane.groups.memoryBytes();
    return bytes;
  }

  Result<Poll> save(StateWriter& to) override {
    WEIR_TRY(to.write(lastEnd_));
    WEIR_TRY(to.write(static_cast<std::int64_t>(panes_.size())));
    for (const auto& [start, pane] : panes_) {
      WEIR_TRY(to.write(start));
      WEIR_TRY(pane.groups.save(to));
    }
    return Poll::ready;
  }

  Result<Poll> restore(StateReader& from) override {
    std::int64_t count = 0, end = 0;
    WEIR_TRY(from.read(end));
    lastEnd_ = std::max(lastEnd_, end);
    WEIR_TRY(from.read(count));
    for (std::int64_t i = 0; i < count; ++i) {
      Timestamp start = 0;
      WEIR_TRY(from.read(start));
      auto& pane = paneAt(start);
      WEIR_TRY(pane.groups.restore(from));
      types_.absorbTypes(pane.groups);
    }
    return Poll::ready;
  }

 private:
  static constexpr std::int64_t kPaneBytes = 1024;  // what a pane takes besides its groups
  struct Pane {
    explicit Pane(const group::GroupPlan& plan) : groups(plan) {}
    group::Groups groups;
    bool changed = false;
  };
  struct Run {
    Timestamp pane;
    std::int64_t from, to;
  };

  [[nodiscard]] Timestamp aligned(Timestamp time) const {
    return floorTo(time - plan_->offset, plan_->step) + plan_->offset;
  }
  [[nodiscard]] Timestamp paneOf(Timestamp time) const { return floorTo(time - plan_->offset, pane_) + plan_->offset; }
  /// The ends of the first and the last window that a pane is in.
  [[nodiscard]] Timestamp firstEndOf(Timestamp pane) const {
    return aligned(pane + pane_ - plan_->size + plan_->step - 1) + plan_->size;
  }
  [[nodiscard]] Timestamp lastEndOf(Timestamp pane) const { return aligned(pane) + plan_->size; }
  [[nodiscard]] Timestamp nextEnd() const {
    const auto first = firstEndOf(panes_.begin()->first);
    return lastEnd_ == kNoWatermark ? first : std::max(first, lastEnd_ + plan_->step);
  }

  Pane& paneAt(Timestamp start) {
    if (latest_ != panes_.end() && latest_->first == start) return latest_->second;
    latest_ = panes_.try_emplace(start, plan_->groups).first;
    return latest_->second;
  }

  /// Rows before this are late at that watermark: the last window they are in has closed.
  [[nodiscard]] Timestamp lateBefore(Timestamp watermark) const {
    return watermark == kNoWatermark ? INT64_MIN : earliestStart(watermark);
  }

  Result<void> addPart(const WindowRows& rows, std::int64_t from, std::int64_t to, std::vector<std::uint32_t>& late) {
    auto least = INT64_MAX;
    for (auto row = from; row < to; ++row) least = std::min(least, rows.time(row));
    latest_ = panes_.end();  // may have been erased
    if (least >= lateBefore(rows.watermark(to - 1))) return addRuns(rows, from, to);
    std::vector<std::uint32_t> good;
    auto watermark = kNoWatermark;
    auto bound = INT64_MIN;
    for (auto row = from; row < to; ++row) {
      if (rows.watermark(row) != watermark) bound = lateBefore(watermark = rows.watermark(row));
      (rows.time(row) < bound ? late : good).push_back(static_cast<std::uint32_t>(row));
    }
    return addRows(rows, good);
  }

  /// Rows that follow each other in one pane go there as they are.
  Result<void> addRuns(const WindowRows& rows, std::int64_t from, std::int64_t to) {
    runs_.clear();
    for (auto row = from; row < to;) {
      const auto pane = paneOf(rows.time(row));
      const auto begin = row++;
      while (row < to && rows.time(row) >= pane && rows.time(row) - pane < pane_) ++row;
      runs_.push_back({pane, begin, row});
    }
    constexpr std::int64_t kWorthIt = 16;  // rows of a run
    if (std::ssize(runs_) > 2 && (to - from) / std::ssize(runs_) < kWorthIt) {
      std::vector<std::uint32_t> all(static_cast<std::size_t>(to - from));
      std::iota(all.begin(), all.end(), static_cast<std::uint32_t>(from));
      return addRows(rows, all);
    }
    for (const auto& run : runs_) {
      const auto part = rows.columns.slice(run.from, run.to - run.from);
      WEIR_TRY(fold(run.pane, rows, part, {nullptr, part.rows(), rows.firstOrdinal + run.from, {}}));
    }
    return {};
  }

  /// Any rows, brought together by pane.
  Result<void> addRows(const WindowRows& rows, std::span<const std::uint32_t> which) {
    std::map<Timestamp, std::vector<std::uint32_t>> byPane;
    std::vector<std::uint32_t>* last = nullptr;
    auto lastPane = kNever;
    for (const auto row : which) {
      const auto time = rows.time(row);
      if (last == nullptr || time < lastPane || time - lastPane >= pane_) {
        lastPane = paneOf(time);
        last = &byPane[lastPane];
      }
      last->push_back(row);
    }
    for (const auto& [pane, some] : byPane) {
      WEIR_ASSIGN(const auto part, rows.columns.gather(some));
      WEIR_TRY(fold(pane, rows, part, {nullptr, part.rows(), rows.firstOrdinal, some}));
    }
    return {};
  }

  Result<void> fold(Timestamp start, const WindowRows& rows, const Batch& part, const group::GroupedRows& grouped) {
    auto& pane = paneAt(start);
    pane.changed = true;
    return pane.groups.accumulate(rows.evaluated(part), grouped);
  }

  Result<void> emit(Timestamp end, bool last, Results& results, StepIo& io) {
    const auto start = end - plan_->size;
    auto pane = panes_.lower_bound(start);
    if (pane == panes_.end() || pane->first >= end) return {};
    if (std::next(pane) == panes_.end() || std::next(pane)->first >= end)
      return give(start, end, last, pane->second.groups, results, io);
    group::Groups merged(plan_->groups);
    for (; pane != panes_.end() && pane->first < end; ++pane) merged.absorb(pane->second.groups);
    return give(start, end, last, merged, results, io);
  }

  Result<void> give(Timestamp start, Timestamp end, bool last, group::Groups& groups, Results& results, StepIo& io) {
    share(groups);
    const auto order = groups.sortedByKey();
    return results.add(start, end, last, groups, order, io);
  }

  std::int64_t pane_;
  bool tumbling_;
  std::map<Timestamp, Pane> panes_;  // by their start
  std::map<Timestamp, Pane>::iterator latest_ = panes_.end();
  Timestamp lastEnd_ = kNoWatermark;  // of the window that closed last
  std::vector<Run> runs_;
};

}  // namespace

std::unique_ptr<Windows> makeTimeWindows(const WindowPlan& plan) { return std::make_unique<TimeWindows>(plan); }

}  // namespace weir::nodes::window
