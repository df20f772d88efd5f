// A bucket of tokens for each key. A bucket is one number: the moment at which it would be full again (GCRA).
#include <algorithm>
#include <array>
#include <utility>

#include "engine/node/keyed-states.h"
#include "engine/node/node-time.h"
#include "engine/node/row-expression.h"
#include "engine/node/saved-rows.h"
#include "engine/node/watermark-ceiling.h"
#include "nodes/flow/rate-limit/rate-limit.gen.h"

namespace weir::nodes::rate_limit {
namespace {

class RateLimit final : public Task {
 public:
  RateLimit(const Settings& settings, std::optional<RowExpression> key, NodeContext* context)
      : rows_(settings.rows),
        per_(settings.per * 1000),
        burst_(settings.burst.value_or(settings.rows)),
        maxKeys_(settings.maxKeys),
        waits_(settings.whenOver == Settings::WhenOver::wait),
        key_(std::move(key)),
        account_(&context->account()),
        time_(*context) {}

  Result<Progress> step(StepIo& io) override {
    WEIR_ASSIGN(const auto progress, pass(io));
    ceiling_.set(batch_ ? watermark_ : WatermarkCeiling::kOpen, io);
    return progress;
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& to) override {
    WEIR_TRY(to.write(std::int64_t{batch_ ? 1 : 0}));
    if (batch_) WEIR_TRY(saveRows(batch_.slice(at_, batch_.rows() - at_), to));
    if (!batch_) forgetFull(time_.now());
    WEIR_TRY(to.write(std::int64_t{keys_.size()}));
    for (std::uint32_t i = 0; i < keys_.size(); ++i) {
      WEIR_TRY(to.write(Value::bytes(keys_.key(i))));
      WEIR_TRY(to.write(Value::bytes(keys_.payload(i))));
      // What is missing, by the clock; fractions of a microsecond count as one.
      WEIR_TRY(to.write(time_.onClock(ceilMicros(keys_[i].fullAt))));
    }
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& from) override {
    std::int64_t rest = 0, count = 0;
    WEIR_TRY(from.read(rest));
    if (rest != 0) {
      WEIR_ASSIGN(auto rows, restoreRows(from, *account_));
      restored_.push_back(std::move(rows));
    }
    WEIR_TRY(from.read(count));
    for (std::int64_t i = 0; i < count; ++i) WEIR_TRY(restoreKey(from));
    return Poll::ready;
  }

 private:
  // Moments in microseconds / rows_, so that each row costs exactly per_.
  struct Bucket {
    __int128 fullAt = 0;
  };

  Result<Progress> pass(StepIo& io) {
    for (;;) {
      if (io.budgetSpent()) return Progress::yielded();
      if (!batch_) {
        WEIR_ASSIGN(const auto some, begin(io));
        if (!some) return io.ended(0) ? Progress::finished() : Progress::blockedOn(portSet(0));
      }
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, portSet(out::rows));
      const auto now = time_.now();
      if (waits_) {
        WEIR_ASSIGN(const auto wake, passInOrder(now, io));
        if (wake) return Progress::until(time_.wakeAt(*wake));
      } else {
        WEIR_TRY(divide(now, io));
      }
      if (at_ < batch_.rows()) continue;
      batch_ = {};
      if (std::int64_t{keys_.size()} > maxKeys_) forget(now);
    }
  }

  Result<void> restoreKey(StateReader& from) {
    WEIR_ASSIGN(const auto key, from.readValue());
    WEIR_ASSIGN(const auto payload, from.readValue());
    if (key.kind() != ValueKind::bytes || payload.kind() != ValueKind::bytes)
      return fail("state.mismatch", "the saved keys of a flow/rate-limit are damaged");
    Timestamp fullAt = 0;
    WEIR_TRY(from.read(fullAt));
    const auto number = keys_.find(key.text(), payload.text());
    // A clock that was wrong must not keep rows waiting for longer than an empty bucket would.
    const auto most = scaled(time_.now()) + static_cast<__int128>(burst_) * per_;
    keys_[number].fullAt = std::min(scaled(time_.fromClock(fullAt)), most);
    return {};
  }

  [[nodiscard]] __int128 scaled(Timestamp moment) const { return static_cast<__int128>(moment) * rows_; }
  [[nodiscard]] Timestamp ceilMicros(__int128 moment) const {
    return static_cast<Timestamp>((moment + rows_ - 1) / rows_);
  }
  /// When the bucket has a token.
  [[nodiscard]] Timestamp readyAt(const Bucket& bucket) const {
    return ceilMicros(std::max<__int128>(0, bucket.fullAt - static_cast<__int128>(burst_ - 1) * per_));
  }
  void use(Bucket& bucket, Timestamp now) const { bucket.fullAt = std::max(bucket.fullAt, scaled(now)) + per_; }

  /// `batch_` has the next rows, but for those that failed; false: there are none.
  Result<bool> begin(StepIo& io) {
    Batch whole;
    const bool fresh = restored_.empty();
    if (fresh) {
      const auto* head = io.peek(0);
      if (head == nullptr) return false;
      whole = *head;
    } else {
      whole = std::exchange(restored_.front(), {});
      restored_.erase(restored_.begin());
    }
    watermark_ = fresh ? io.watermark(0) : kNoWatermark;
    at_ = 0;
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
    WEIR_TRY(keys_.assign(keys, batch.rows(), numbers_));
    if (batch.rows() == 0 && io.fresh(out::rows)) io.emit(out::rows, batch);
    batch_ = std::move(batch);
    // Taken already, so that a row that fails does so once however long the others wait.
    if (fresh) io.pass(0);
    return true;
  }

  Result<void> evaluate(const Batch& batch, std::vector<Column>& keys, std::vector<cel::RowError>& errors) const {
    keys.clear();
    if (!key_) return {};
    WEIR_ASSIGN(auto column, key_->evaluate(batch, errors));
    keys.push_back(std::move(column));
    return {};
  }

  /// Rows from `at_` on that may pass now; when the next one may.
  Result<std::optional<Timestamp>> passInOrder(Timestamp now, StepIo& io) {
    const auto room = std::min(io.room(out::rows).rows, kMaxBatchRows);
    const auto from = at_;
    std::optional<Timestamp> wake;
    while (at_ < batch_.rows() && at_ - from < room) {
      auto& bucket = keys_[numbers_[static_cast<std::size_t>(at_)]];
      if (const auto ready = readyAt(bucket); ready > now) {
        wake = ready;
        break;
      }
      use(bucket, now);
      ++at_;
    }
    if (at_ > from) io.emit(out::rows, batch_.slice(from, at_ - from));
    return wake;
  }

  Result<void> divide(Timestamp now, StepIo& io) {
    std::vector<std::uint32_t> within, over;
    for (; at_ < batch_.rows(); ++at_) {
      auto& bucket = keys_[numbers_[static_cast<std::size_t>(at_)]];
      const bool passes = readyAt(bucket) <= now;
      if (passes) use(bucket, now);
      (passes ? within : over).push_back(static_cast<std::uint32_t>(at_));
    }
    if (!within.empty()) {
      WEIR_ASSIGN(auto some, batch_.gather(within));
      io.emit(out::rows, std::move(some));
    }
    if (!over.empty() && io.wired(out::over)) {
      WEIR_ASSIGN(auto some, batch_.gather(over));
      io.emit(out::over, std::move(some));
    }
    return {};
  }

  /// A full bucket is as good as none.
  void forgetFull(Timestamp now) {
    const auto moment = scaled(now);
    static_cast<void>(keys_.compact([&](std::uint32_t i) { return keys_[i].fullAt > moment; }));
  }

  /// Of those that are not full the fullest go first, down to three quarters of what is allowed.
  void forget(Timestamp now) {
    forgetFull(now);
    if (std::int64_t{keys_.size()} <= maxKeys_) return;
    std::vector<__int128> levels;
    for (std::uint32_t i = 0; i < keys_.size(); ++i) levels.push_back(keys_[i].fullAt);
    const auto gone = static_cast<std::ptrdiff_t>(levels.size()) - std::max<std::int64_t>(1, maxKeys_ * 3 / 4);
    std::ranges::nth_element(levels, levels.begin() + static_cast<std::ptrdiff_t>(gone));
    const auto least = levels[static_cast<std::size_t>(gone)];
    static_cast<void>(keys_.compact([&](std::uint32_t i) { return keys_[i].fullAt >= least; }));
  }

  std::int64_t rows_, per_, burst_, maxKeys_;
  bool waits_;
  std::optional<RowExpression> key_;
  MemoryAccount* account_;
  NodeTime time_;
  KeyedStates<Bucket> keys_;
  std::vector<std::uint32_t> numbers_;
  Batch batch_;  // its rows from at_ on are to be decided
  std::int64_t at_ = 0;
  std::vector<Batch> restored_;
  Timestamp watermark_ = kNoWatermark;  // that batch_ met
  WatermarkCeiling ceiling_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto key, RowExpression::compileIfSet(settings.key, "/settings/key", context));
  return makeNode<RateLimit>(settings, std::move(key), &context);
}

}  // namespace weir::nodes::rate_limit
