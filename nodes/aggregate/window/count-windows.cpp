// Windows of so many rows of each key. As with time, rows are folded into panes, and a window is its latest panes.
#include <algorithm>
#include <deque>
#include <numeric>
#include <utility>

#include "engine/node/key-table.h"
#include "nodes/aggregate/window/open-groups.h"
#include "nodes/aggregate/window/windows.h"

namespace weir::nodes::window {
namespace {

class CountWindows final : public Windows {
 public:
  explicit CountWindows(const WindowPlan& plan)
      : Windows(plan), open_(plan.groups), paneRows_(std::gcd(plan.rows, plan.stepRows)) {}

  Result<void> add(const WindowRows& rows, std::vector<std::uint32_t>&, Results& results, StepIo& io) override {
    const auto evaluated = rows.evaluated(rows.columns);
    numbers_.assign(static_cast<std::size_t>(rows.count()), 0);
    if (evaluated.keys.empty()) {
      keys_.find({}, {});
    } else {
      WEIR_TRY(keys_.assign(evaluated.keys, rows.count(), numbers_.data()));
    }
    states_.resize(static_cast<std::size_t>(keys_.groups()));
    groupOf_.clear();
    complete_.clear();
    for (std::int64_t row = 0; row < rows.count(); ++row) {
      const auto key = numbers_[static_cast<std::size_t>(row)];
      auto& state = states_[key];
      state.arrived = rows.arrived;
      state.changed = true;
      if (state.panes.empty() || state.panes.back().rows == paneRows_) beginPane(key, rows.time(row));
      auto& pane = state.panes.back();
      ++pane.rows;
      pane.start = std::min(pane.start, rows.time(row));
      pane.end = std::max(pane.end, rows.time(row));
      groupOf_.push_back(pane.group);
      if (++state.since == plan_->stepRows) completeWindow(key);
    }
    // Later rows are in other panes, so that all can be folded at once.
    WEIR_TRY(open_.groups().accumulateInto(evaluated, {groupOf_.data(), rows.count(), rows.firstOrdinal, {}}));
    for (const auto& window : complete_) WEIR_TRY(give(window, true, results, io));
    if (plan_->idle > 0) silentAt_ = std::min(silentAt_, rows.arrived + plan_->idle);
    return open_.worthCompacting() ? compact() : Result<void>();
  }

  [[nodiscard]] Timestamp nextClose() const override { return kNever; }
  Result<void> close(Timestamp, Results&, StepIo&) override { return {}; }
  Result<void> closeAll(Results& results, StepIo& io) override { return closeKeys(kNever, results, io); }

  [[nodiscard]] Timestamp nextSilent() const override { return silentAt_; }
  Result<void> closeSilent(Timestamp now, Results& results, StepIo& io) override {
    if (now < silentAt_) return {};
    WEIR_TRY(closeKeys(now - plan_->idle, results, io));
    WEIR_TRY(compact());
    silentAt_ = kNever;
    for (const auto& state : states_) silentAt_ = std::min(silentAt_, state.arrived + plan_->idle);
    return {};
  }

  Result<void> emitEarly(Results& results, StepIo& io) override {
    for (const auto key : inOrder()) {
      auto& state = states_[key];
      if (std::exchange(state.changed, false) && state.since > 0) WEIR_TRY(give(windowOf(key), false, results, io));
    }
    return {};
  }

  [[nodiscard]] Timestamp earliestStart(Timestamp watermark) const override {
    if (asked_++ % (1 + static_cast<std::int64_t>(states_.size()) / 64) == 0) {
      earliest_ = watermark;
      for (const auto& state : states_) {
        for (const auto& pane : state.panes) earliest_ = std::min(earliest_, pane.start);
      }
    }
    return earliest_;
  }

  [[nodiscard]] std::int64_t memoryBytes() const override {
    std::int64_t panes = 0;
    for (const auto& state : states_) panes += std::ssize(state.panes);
    return open_.groups().memoryBytes() + keys_.memoryBytes() +
           static_cast<std::int64_t>(states_.capacity() * sizeof(State)) +
           panes * static_cast<std::int64_t>(sizeof(Pane));
  }

  Result<Poll> save(StateWriter& to) override {
    WEIR_TRY(compact());
    WEIR_TRY(to.write(static_cast<std::int64_t>(states_.size())));
    for (std::uint32_t key = 0; key < states_.size(); ++key) {
      const auto& state = states_[key];
      WEIR_TRY(to.write(Value::bytes(keys_.key(key))));
      WEIR_TRY(to.write(Value::bytes(keys_.payload(key))));
      WEIR_TRY(to.write(state.since));
      WEIR_TRY(to.write(state.arrived));
      WEIR_TRY(to.write(static_cast<std::int64_t>(state.panes.size())));
      for (const auto& pane : state.panes) {
        WEIR_TRY(to.write(std::int64_t{pane.group}));
        WEIR_TRY(to.write(pane.rows));
        WEIR_TRY(to.write(pane.start));
        WEIR_TRY(to.write(pane.end));
      }
    }
    return open_.groups().save(to);
  }

  Result<Poll> restore(StateReader& from) override {
    std::int64_t count = 0;
    WEIR_TRY(from.read(count));
    std::vector<std::pair<std::uint32_t, std::int64_t>> groups;  // as it is now, as it was saved
    for (std::int64_t i = 0; i < count; ++i) WEIR_TRY(restoreKey(from, groups));
    group::Groups saved(plan_->groups);
    WEIR_TRY(saved.restore(from));
    open_.groups().absorbTypes(saved);
    types_.absorbTypes(saved);
    for (const auto& [to, group] : groups) {
      if (group < 0 || group >= saved.size()) return fail("state.mismatch", "a saved window has no group");
      WEIR_TRY(open_.groups().addGroup(saved, group, to));
    }
    return Poll::ready;
  }

 private:
  struct Pane {
    std::uint32_t group;
    std::int64_t rows;
    Timestamp start, end;
  };
  struct State {
    std::vector<Pane> panes;  // the oldest first
    std::int64_t since = 0;   // rows since the last window
    Timestamp arrived = kNever;
    bool changed = false;
  };
  struct Complete {
    std::uint32_t key;
    Timestamp start, end;
    std::vector<std::uint32_t> groups;
  };

  void beginPane(std::uint32_t key, Timestamp time) {
    states_[key].panes.push_back({open_.open(keys_.key(key), keys_.payload(key)), 0, time, time});
  }

  [[nodiscard]] Complete windowOf(std::uint32_t key) const {
    Complete window{key, kNever, INT64_MIN, {}};
    for (const auto& pane : states_[key].panes) {
      window.start = std::min(window.start, pane.start);
      window.end = std::max(window.end, pane.end);
      window.groups.push_back(pane.group);
    }
    return window;
  }

  void completeWindow(std::uint32_t key) {
    complete_.push_back(windowOf(key));
    auto& state = states_[key];
    state.since = 0;
    auto rows = static_cast<std::int64_t>(state.panes.size()) * paneRows_;
    std::size_t gone = 0;
    for (; rows + plan_->stepRows > plan_->rows && gone < state.panes.size(); ++gone) rows -= paneRows_;
    for (std::size_t i = 0; i < gone; ++i) open_.close();
    state.panes.erase(state.panes.begin(), state.panes.begin() + static_cast<std::ptrdiff_t>(gone));
  }

  Result<void> give(const Complete& window, bool last, Results& results, StepIo& io) {
    share(open_.groups());
    if (window.groups.size() == 1)
      return results.add(window.start, window.end, last, open_.groups(), window.groups, io);
    group::Groups merged(plan_->groups);
    merged.absorbTypes(open_.groups());
    const auto to = merged.open(keys_.key(window.key), keys_.payload(window.key));
    for (const auto group : window.groups) WEIR_TRY(merged.addGroup(open_.groups(), group, to));
    return results.add(window.start, window.end, last, merged, {&to, 1}, io);
  }

  [[nodiscard]] std::vector<std::uint32_t> inOrder() const {
    std::vector<std::uint32_t> order(states_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) { return keys_.key(a) < keys_.key(b); });
    return order;
  }

  /// Keys without a row since `before` give what they have and are forgotten.
  Result<void> closeKeys(Timestamp before, Results& results, StepIo& io) {
    for (const auto key : inOrder()) {
      auto& state = states_[key];
      if (state.arrived > before) continue;
      if (state.since > 0) WEIR_TRY(give(windowOf(key), true, results, io));
      for (std::size_t i = 0; i < state.panes.size(); ++i) open_.close();
      state = {};
    }
    return {};
  }

  Result<void> compact() {
    KeyTable keys;
    std::vector<State> states;
    WEIR_TRY(open_.compact([&](auto&& keep) -> Result<void> {
      for (std::uint32_t key = 0; key < states_.size(); ++key) {
        auto& state = states_[key];
        if (state.arrived == kNever) continue;
        for (auto& pane : state.panes) WEIR_TRY(keep(pane.group));
        keys.find(keys_.key(key), keys_.payload(key));
        states.push_back(std::move(state));
      }
      return {};
    }));
    keys_ = std::move(keys);
    states_ = std::move(states);
    return {};
  }

  Result<void> restoreKey(StateReader& from, std::vector<std::pair<std::uint32_t, std::int64_t>>& groups) {
    WEIR_ASSIGN(const auto key, from.readValue());
    WEIR_ASSIGN(const auto payload, from.readValue());
    if (key.kind() != ValueKind::bytes || payload.kind() != ValueKind::bytes)
      return fail("state.mismatch", "the saved state of a window is damaged");
    const auto number = keys_.find(key.text(), payload.text());
    states_.resize(static_cast<std::size_t>(keys_.groups()));
    auto& state = states_[number];
    std::int64_t panes = 0, since = 0;
    WEIR_TRY(from.read(since));
    state.since += since;
    WEIR_TRY(from.read(state.arrived));
    WEIR_TRY(from.read(panes));
    for (std::int64_t i = 0; i < panes; ++i) {
      Pane pane{open_.open(key.text(), payload.text()), 0, 0, 0};
      std::int64_t group = 0;
      WEIR_TRY(from.read(group));
      WEIR_TRY(from.read(pane.rows));
      WEIR_TRY(from.read(pane.start));
      WEIR_TRY(from.read(pane.end));
      groups.emplace_back(pane.group, group);
      state.panes.push_back(pane);
    }
    if (plan_->idle > 0) silentAt_ = std::min(silentAt_, state.arrived + plan_->idle);
    return {};
  }

  OpenGroups open_;
  KeyTable keys_;
  std::int64_t paneRows_;
  std::vector<State> states_;  // by key
  std::vector<std::uint32_t> numbers_, groupOf_;
  std::vector<Complete> complete_;
  Timestamp silentAt_ = kNever;
  mutable Timestamp earliest_ = kNoWatermark;
  mutable std::int64_t asked_ = 0;
};

}  // namespace

std::unique_ptr<Windows> makeCountWindows(const WindowPlan& plan) { return std::make_unique<CountWindows>(plan); }

}  // namespace weir::nodes::window
