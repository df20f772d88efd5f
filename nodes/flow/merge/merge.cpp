// Joins the rows of several inputs into one stream.
#include "engine/data/value.h"
#include "engine/node/row-expression.h"
#include "engine/node/setting-values.h"
#include "nodes/flow/merge/merge.gen.h"

namespace weir::nodes::merge {
namespace {

class Merge final : public Task {
 public:
  explicit Merge(const Settings& settings)
      : order_(settings.order),
        field_(settings.field.value_or("")),
        inputs_(static_cast<Port>(settings.inputs.size())) {}

  Result<Progress> step(StepIo& io) override {
    for (;;) {
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, portSet(out::rows));
      WEIR_ASSIGN(const auto progress, next(io));
      if (progress) return *progress;
      if (io.budgetSpent()) return Progress::yielded();
    }
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(std::int64_t{turn_}); }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t turn = 0;
    WEIR_TRY(state.read(turn));
    turn_ = static_cast<Port>(turn < inputs_ && turn >= 0 ? turn : 0);
    return Poll::ready;
  }

 private:
  /// Moves some rows on, or says what to wait for.
  Result<std::optional<Progress>> next(StepIo& io) {
    switch (order_) {
      case Settings::Order::arrival:
        return byArrival(io);
      case Settings::Order::inputs:
        return byInput(io);
      case Settings::Order::timestamp:
        return byField(io);
    }
    return std::optional(Progress::finished());
  }

  static void pass(StepIo& io, Port in, std::int64_t rows) { io.emit(out::rows, io.take(in, rows)); }

  std::optional<Progress> byArrival(StepIo& io) {
    Ports open = 0;
    for (Port i = 0; i < inputs_; ++i) {
      const auto in = static_cast<Port>((turn_ + i) % inputs_);
      if (const auto* head = io.peek(in); head != nullptr) {
        pass(io, in, head->rows());
        // The next input goes first next time, so that none starves.
        turn_ = static_cast<Port>((in + 1) % inputs_);
        return std::nullopt;
      }
      if (!io.ended(in)) open |= portSet(in);
    }
    return open == 0 ? Progress::finished() : Progress::blockedOn(open);
  }

  std::optional<Progress> byInput(StepIo& io) {
    for (; turn_ < inputs_; ++turn_) {
      if (const auto* head = io.peek(turn_); head != nullptr) {
        pass(io, turn_, head->rows());
        return std::nullopt;
      }
      if (!io.ended(turn_)) return Progress::blockedOn(portSet(turn_));
    }
    turn_ = static_cast<Port>(inputs_ - 1);
    return Progress::finished();
  }

  [[nodiscard]] Value keyOf(const Batch& batch, std::int64_t row) const {
    return batch.value(row, batch.schema()->indexOf(field_));
  }

  Result<std::optional<Progress>> byField(StepIo& io) {
    Ports waiting = 0;
    std::optional<Port> least;
    Value leastKey;
    for (Port in = 0; in < inputs_; ++in) {
      const auto* head = io.peek(in);
      if (head == nullptr) {
        if (!io.ended(in)) waiting |= portSet(in);
        continue;
      }
      if (head->schema()->indexOf(field_) < 0) return unknownField(field_, *head->schema());
      if (head->rows() == 0) {
        pass(io, in, 0);
        return std::nullopt;
      }
      auto key = keyOf(*head, 0);
      if (!least || totalOrder(key, leastKey) < 0) {
        least = in;
        leastKey = std::move(key);
      }
    }
    if (waiting != 0) return std::optional(Progress::blockedOn(waiting));
    if (!least) return std::optional(Progress::finished());
    pass(io, *least, runOf(io, *least));
    return std::nullopt;
  }

  /// How many rows of this input's head come before the heads of all others.
  [[nodiscard]] std::int64_t runOf(StepIo& io, Port in) const {
    const auto& batch = *io.peek(in);
    std::int64_t rows = batch.rows();
    for (Port other = 0; other < inputs_; ++other) {
      const auto* head = other == in ? nullptr : io.peek(other);
      if (head == nullptr) continue;
      const auto bound = keyOf(*head, 0);
      const int most = in < other ? 0 : -1;  // of equals the earlier input's go first
      std::int64_t run = 1;
      while (run < rows && totalOrder(keyOf(batch, run), bound) <= most) ++run;
      rows = run;
    }
    return rows;
  }

  Settings::Order order_;
  std::string field_;
  Port inputs_;
  Port turn_ = 0;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext&) {
  if (settings.inputs.empty() || settings.inputs.size() > 60) {
    return fail("settings.range", "/settings/inputs: give 1 to 60 names of inputs");
  }
  if (settings.order == Settings::Order::timestamp && settings.field.value_or("").empty()) {
    return setting::missing("/settings/field");
  }
  return makeNode<Merge>(settings);
}

}  // namespace weir::nodes::merge
