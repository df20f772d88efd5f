// Remembers keys for a while.
#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "engine/node/keyed-states.h"
#include "engine/node/memory-charge.h"
#include "engine/node/node-time.h"
#include "engine/node/row-times.h"
#include "nodes/flow/deduplicate/deduplicate.gen.h"

namespace weir::nodes::deduplicate {
namespace {

constexpr Timestamp kForgotten = INT64_MIN;

class Deduplicate final : public Transform {
 public:
  Deduplicate(const Settings& settings, RowExpression key, RowTimes times, NodeContext* context)
      : key_(std::move(key)),
        times_(std::move(times)),
        timeToLive_(settings.timeToLive * 1000),
        maxKeys_(settings.maxKeys),
        renew_(settings.renew),
        time_(*context),
        charge_(context->account()) {}

  Result<Flow> process(const Batch& whole, StepIo& io) override {
    WEIR_ASSIGN(auto batch, whole.dense());
    std::vector<cel::RowError> errors;
    WEIR_ASSIGN(auto keys, evaluate(batch, errors));
    if (!errors.empty()) {
      const auto good = failRows(errors, batch.rows(), io);
      WEIR_ASSIGN(batch, batch.gather(good));
      errors.clear();
      WEIR_ASSIGN(keys, evaluate(batch, errors));
    }
    WEIR_TRY(seen_.assign(std::array{keys}, batch.rows(), numbers_));
    first_.clear();
    again_.clear();
    const auto clock = time_.now();
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
      now_ = std::max(now_, times_.ofRows() ? moments_[row] : clock);
      (isNew(numbers_[row]) ? first_ : again_).push_back(row);
    }
    WEIR_TRY(give(batch, first_, out::rows, io));
    if (io.wired(out::duplicates)) WEIR_TRY(give(batch, again_, out::duplicates, io));
    return tidy();
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& to) override {
    forget();
    WEIR_TRY(to.write(times_.ofRows() ? now_ : time_.onClock(now_)));
    WEIR_TRY(to.write(alive_));
    for (const auto& [at, number] : order_) {
      if (seen_[number] != at) continue;
      WEIR_TRY(to.write(times_.ofRows() ? at : time_.onClock(at)));
      WEIR_TRY(to.write(Value::bytes(seen_.key(number))));
      WEIR_TRY(to.write(Value::bytes(seen_.payload(number))));
    }
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& from) override {
    const auto read = [&](Timestamp& moment) -> Result<void> {
      WEIR_TRY(from.read(moment));
      if (!times_.ofRows()) moment = time_.fromClock(moment);
      return {};
    };
    Timestamp now = 0;
    std::int64_t count = 0;
    WEIR_TRY(read(now));
    now_ = std::max(now_, now);
    WEIR_TRY(from.read(count));
    for (std::int64_t i = 0; i < count; ++i) {
      Timestamp at = 0;
      WEIR_TRY(read(at));
      WEIR_ASSIGN(const auto key, from.readValue());
      WEIR_ASSIGN(const auto payload, from.readValue());
      if (key.kind() != ValueKind::bytes || payload.kind() != ValueKind::bytes)
        return fail("state.mismatch", "the saved keys of a flow/deduplicate are damaged");
      remember(seen_.find(key.text(), payload.text()), at);
    }
    return Poll::ready;
  }

 private:
  struct Seen {
    Timestamp at = kForgotten;
    bool operator==(Timestamp other) const { return at == other; }
  };

  Result<Column> evaluate(const Batch& batch, std::vector<cel::RowError>& errors) {
    WEIR_ASSIGN(auto keys, key_.evaluate(batch, errors));
    if (times_.ofRows()) WEIR_TRY(times_.evaluate(batch, errors, moments_));
    return keys;
  }

  void remember(std::uint32_t number, Timestamp at) {
    auto& seen = seen_[number].at;
    if (seen == kForgotten) ++alive_;
    if (seen == at) return;
    seen = at;
    order_.emplace_back(at, number);
  }

  bool isNew(std::uint32_t number) {
    const auto at = seen_[number].at;
    const bool fresh = at == kForgotten || now_ - at >= timeToLive_;
    if (fresh || renew_) remember(number, now_);
    forget();
    return fresh;
  }

  /// What is too old, and what is too much.
  void forget() {
    while (!order_.empty()) {
      const auto [at, number] = order_.front();
      const bool current = seen_[number] == at;
      if (current && now_ - at < timeToLive_ && alive_ <= maxKeys_) return;
      order_.pop_front();
      if (!current) continue;
      seen_[number].at = kForgotten;
      --alive_;
    }
  }

  Result<void> give(const Batch& batch, const std::vector<std::uint32_t>& rows, Port out, StepIo& io) {
    if (std::ssize(rows) == batch.rows()) {
      if (batch.rows() > 0 || io.fresh(out)) io.emit(out, batch);
      return {};
    }
    if (rows.empty() && !io.fresh(out)) return {};
    WEIR_ASSIGN(auto some, batch.gather(rows));
    io.emit(out, std::move(some));
    return {};
  }

  Result<Flow> tidy() {
    if (seen_.worthCompacting(alive_)) {
      const auto numbers = seen_.compact([&](std::uint32_t number) { return seen_[number].at != kForgotten; });
      std::deque<std::pair<Timestamp, std::uint32_t>> order;
      for (const auto& [at, number] : order_) {
        if (const auto now = numbers[number]; now != seen_.kGone && seen_[now] == at) order.emplace_back(at, now);
      }
      order_ = std::move(order);
    }
    const auto bytes = seen_.memoryBytes() + static_cast<std::int64_t>(order_.size() * sizeof(order_[0]));
    if (!charge_.set(bytes)) {
      return fail("memory.limit",
                  "the keys that this node remembers need more memory than the run may use. Lower maxKeys or "
                  "timeToLive, or allow more memory.");
    }
    return Flow::more;
  }

  RowExpression key_;
  RowTimes times_;
  std::int64_t timeToLive_, maxKeys_;
  bool renew_;
  NodeTime time_;
  MemoryCharge charge_;
  KeyedStates<Seen> seen_;
  std::deque<std::pair<Timestamp, std::uint32_t>> order_;  // as they were seen; an older entry of a key counts no more
  std::int64_t alive_ = 0;
  Timestamp now_ = kForgotten + 1;
  std::vector<std::uint32_t> numbers_, first_, again_;
  std::vector<Timestamp> moments_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto key, RowExpression::compile(settings.key, "/settings/key", context));
  WEIR_ASSIGN(auto times, RowTimes::compile(settings.time, "/settings/time", context));
  return makeNode<Deduplicate>(settings, std::move(key), std::move(times), &context);
}

}  // namespace weir::nodes::deduplicate
