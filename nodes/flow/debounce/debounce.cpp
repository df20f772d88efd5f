// Waits until a key is quiet.
#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <utility>

#include "engine/node/keyed-states.h"
#include "engine/node/node-time.h"
#include "engine/node/row-expression.h"
#include "engine/node/saved-rows.h"
#include "engine/node/watermark-ceiling.h"
#include "nodes/flow/debounce/debounce.gen.h"

namespace weir::nodes::debounce {
namespace {

class Debounce final : public Task {
 public:
  Debounce(const Settings& settings, std::optional<RowExpression> key, NodeContext* context)
      : quiet_(settings.quiet * 1000),
        maxWait_(settings.maxWait * 1000),
        maxKeys_(settings.maxKeys),
        last_(settings.keep == Settings::Keep::last),
        key_(std::move(key)),
        account_(context->account()),
        time_(*context) {}

  Result<Progress> step(StepIo& io) override {
    WEIR_ASSIGN(const auto progress, settleAndTake(io));
    // Rows that wait hold the watermark that they met.
    auto ceiling = WatermarkCeiling::kOpen;
    if (last_ && io.watermark(0) != kNoWatermark) {
      for (const auto& [due, number] : due_) ceiling = std::min(ceiling, keys_[number].watermark);
      if (!ready_.empty()) ceiling = std::min(ceiling, passed_);
    }
    ceiling_.set(ceiling, io);
    return progress;
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& to) override {
    WEIR_TRY(to.write(static_cast<std::int64_t>(ready_.size())));
    for (const auto& rows : ready_) WEIR_TRY(saveRows(rows, to));
    WEIR_TRY(to.write(static_cast<std::int64_t>(due_.size())));
    for (const auto& [due, number] : due_) {
      const auto& state = keys_[number];
      WEIR_TRY(to.write(Value::bytes(keys_.key(number))));
      WEIR_TRY(to.write(Value::bytes(keys_.payload(number))));
      WEIR_TRY(to.write(time_.onClock(due)));
      WEIR_TRY(to.write(time_.onClock(state.began)));
      WEIR_TRY(to.write(std::int64_t{state.row ? 1 : 0}));
      if (state.row) WEIR_TRY(saveRows(state.row, to));
    }
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& from) override {
    std::int64_t count = 0;
    WEIR_TRY(from.read(count));
    for (std::int64_t i = 0; i < count; ++i) {
      WEIR_ASSIGN(auto rows, restoreRows(from, account_));
      ready_.push_back(std::move(rows));
    }
    WEIR_TRY(from.read(count));
    for (std::int64_t i = 0; i < count; ++i) WEIR_TRY(restoreKey(from));
    return Poll::ready;
  }

 private:
  struct State {
    Batch row;  // of keep last: what passes when the key is quiet
    Timestamp began = 0, due = 0, watermark = kNoWatermark;
    bool waits = false;
  };

  Result<Progress> settleAndTake(StepIo& io) {
    for (;;) {
      while (!ready_.empty()) {
        if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, portSet(out::rows));
        io.emit(out::rows, std::move(ready_.front()));
        ready_.pop_front();
      }
      if (io.budgetSpent()) return Progress::yielded();
      WEIR_TRY(settle(time_.now()));
      if (!ready_.empty()) continue;
      if (const auto* head = io.peek(0)) {
        WEIR_TRY(take(*head, io));
        io.pass(0);
        WEIR_TRY(flush());
        continue;
      }
      if (io.ended(0)) {
        if (due_.empty()) return Progress::finished();
        WEIR_TRY(settle(INT64_MAX));
        if (!last_) return Progress::finished();
        continue;
      }
      auto progress = Progress::blockedOn(portSet(0));
      if (!due_.empty()) progress.wakeAt = time_.wakeAt(due_.begin()->first);
      return progress;
    }
  }

  Result<void> restoreKey(StateReader& from) {
    WEIR_ASSIGN(const auto key, from.readValue());
    WEIR_ASSIGN(const auto payload, from.readValue());
    if (key.kind() != ValueKind::bytes || payload.kind() != ValueKind::bytes)
      return fail("state.mismatch", "the saved keys of a flow/debounce are damaged");
    const auto number = keys_.find(key.text(), payload.text());
    std::int64_t held = 0;
    Timestamp due = 0, began = 0;
    WEIR_TRY(from.read(due));
    WEIR_TRY(from.read(began));
    WEIR_TRY(from.read(held));
    auto& state = keys_[number];
    state.began = time_.fromClock(began);
    if (held != 0) {
      WEIR_ASSIGN(state.row, restoreRows(from, account_));
    }
    // A clock that was wrong must not keep rows for longer than they would have waited.
    wait(number, std::min(time_.fromClock(due), time_.now() + quiet_));
    return {};
  }

  void wait(std::uint32_t number, Timestamp due) {
    auto& state = keys_[number];
    if (state.waits) due_.erase({state.due, number});
    state.waits = true;
    state.due = due;
    due_.insert({due, number});
  }

  /// Keys that are quiet by then.
  Result<void> settle(Timestamp now) {
    while (!due_.empty() && (due_.begin()->first <= now || std::ssize(due_) > maxKeys_)) {
      auto& state = keys_[due_.begin()->second];
      due_.erase(due_.begin());
      state.waits = false;
      if (state.row) {
        passed_ = ready_.empty() && passing_.empty() ? state.watermark : std::min(passed_, state.watermark);
        passing_.push_back(std::exchange(state.row, {}));
      }
      if (std::ssize(passing_) >= kMaxBatchRows) WEIR_TRY(flush());
    }
    WEIR_TRY(flush());
    if (keys_.worthCompacting(std::ssize(due_))) compact();
    return {};
  }

  void compact() {
    const auto numbers = keys_.compact([&](std::uint32_t number) { return keys_[number].waits; });
    std::set<std::pair<Timestamp, std::uint32_t>> due;
    for (const auto& [at, number] : due_) due.insert({at, numbers[number]});
    due_ = std::move(due);
  }

  /// Rows one by one into batches; those of one schema go together.
  Result<void> flush() {
    for (std::size_t from = 0; from < passing_.size();) {
      auto to = from + 1;
      while (to < passing_.size() && passing_[to].schema() == passing_[from].schema()) ++to;
      WEIR_ASSIGN(auto joined, concat(std::span(passing_).subspan(from, to - from), account_));
      ready_.push_back(std::move(joined));
      from = to;
    }
    passing_.clear();
    return {};
  }

  Result<void> take(const Batch& whole, StepIo& io) {
    WEIR_ASSIGN(auto batch, whole.dense());
    std::vector<cel::RowError> errors;
    std::vector<Column> keys;
    WEIR_TRY(evaluate(batch, keys, errors));
    if (!errors.empty()) {
      const auto good = failRows(errors, batch.rows(), io);
      WEIR_ASSIGN(batch, batch.gather(good));
      errors.clear();
      WEIR_TRY(evaluate(batch, keys, errors));
    }
    if (batch.rows() == 0 && io.fresh(out::rows)) ready_.push_back(batch);
    WEIR_TRY(keys_.assign(keys, batch.rows(), numbers_));
    return last_ ? keepLast(batch, io) : keepFirst(batch, io);
  }

  Result<void> evaluate(const Batch& batch, std::vector<Column>& keys, std::vector<cel::RowError>& errors) const {
    keys.clear();
    if (!key_) return {};
    WEIR_ASSIGN(auto column, key_->evaluate(batch, errors));
    keys.push_back(std::move(column));
    return {};
  }

  /// When a key that has a row now is quiet.
  [[nodiscard]] Timestamp quietAt(const State& state, Timestamp now) const {
    return maxWait_ > 0 ? std::min(now + quiet_, state.began + maxWait_) : now + quiet_;
  }

  Result<void> keepLast(const Batch& batch, StepIo& io) {
    const auto now = time_.now();
    lastOf_.assign(keys_.size(), -1);
    std::vector<std::uint32_t> dropped;
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
      auto& before = lastOf_[numbers_[row]];
      if (before >= 0) dropped.push_back(static_cast<std::uint32_t>(before));
      before = row;
    }
    std::ranges::sort(dropped);
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
      const auto number = numbers_[row];
      if (lastOf_[number] != row) continue;
      auto& state = keys_[number];
      if (state.row && io.wired(out::dropped)) io.emit(out::dropped, state.row);
      // A row by itself, so that it keeps no others alive.
      WEIR_ASSIGN(state.row, batch.slice(row, 1).compact(account_));
      if (!state.waits) {
        state.began = now;
        state.watermark = io.watermark(0);
      }
      wait(number, quietAt(state, now));
    }
    return drop(batch, dropped, io);
  }

  Result<void> keepFirst(const Batch& batch, StepIo& io) {
    const auto now = time_.now();
    std::vector<std::uint32_t> dropped;
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
      auto& state = keys_[numbers_[row]];
      if (!state.waits) {
        state.began = now;
        passing_.push_back(batch.slice(row, 1));
      } else {
        dropped.push_back(row);
      }
      if (const auto due = quietAt(state, now); !state.waits || due != state.due) wait(numbers_[row], due);
    }
    return drop(batch, dropped, io);
  }

  Result<void> drop(const Batch& batch, const std::vector<std::uint32_t>& rows, StepIo& io) {
    if (rows.empty() || !io.wired(out::dropped)) return {};
    WEIR_ASSIGN(auto some, batch.gather(rows));
    io.emit(out::dropped, std::move(some));
    return {};
  }

  std::int64_t quiet_, maxWait_, maxKeys_;
  bool last_;
  std::optional<RowExpression> key_;
  MemoryAccount& account_;
  NodeTime time_;
  KeyedStates<State> keys_;
  std::set<std::pair<Timestamp, std::uint32_t>> due_;  // keys that are not quiet yet
  std::vector<Batch> passing_;
  std::deque<Batch> ready_;
  Timestamp passed_ = kNoWatermark;  // what the oldest of `ready_` met
  WatermarkCeiling ceiling_;
  std::vector<std::uint32_t> numbers_;
  std::vector<std::int64_t> lastOf_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto key, RowExpression::compileIfSet(settings.key, "/settings/key", context));
  return makeNode<Debounce>(settings, std::move(key), &context);
}

}  // namespace weir::nodes::debounce
