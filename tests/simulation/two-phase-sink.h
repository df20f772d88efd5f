// What outlives runs that are stopped: a store whose calls come late, and sinks that publish once a checkpoint is
// stored.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/host/memory-state-store.h"
#include "tests/simulation/random-graph.h"

namespace weir::simulation_test {

/// What sinks have published: outlives the runs.
struct Outside {
  struct Target {
    CheckpointId last = 0;
    Numbers rows;
  };
  std::map<std::string, Target> targets;
  std::map<std::string, std::int64_t> acknowledged;  // by the ids of sources: they forget what comes before
};
inline Outside* outside = nullptr;  // of the run that is made

/// Publishes rows and the checkpoint's number together, once the checkpoint is stored.
class TwoPhase final : public Transform {
 public:
  explicit TwoPhase(std::string id) : target_(outside->targets[id]) {}
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    waker_ = io.waker();
    targetIsNew_ = false;
    if (batch.schema() == errorSchema()) {
      for (std::int64_t row = 0; row < batch.rows(); ++row)
        open_.push_back(errorPacketOf(batch, row).row.find("n")->int64());
    } else {
      for (const auto number : numbersOf(batch)) open_.push_back(number);
    }
    return Flow::more;
  }
  Result<Poll> snapshot(CheckpointId id, StateWriter& state) override {
    if (asked_ < id && id % 3 == 0 && !targetIsNew_) {
      asked_ = id;
      call_ = world->calls.start(waker_);
      WEIR_TRY(state.write(77));  // what is written before `pending` is forgotten
    }
    if (call_.active() && !call_.ready()) return Poll::pending;
    call_ = {};
    if (!open_.empty()) prepared_[id] = std::exchange(open_, {});
    WEIR_TRY(state.write(static_cast<std::int64_t>(prepared_.size())));
    for (const auto& [number, rows] : prepared_) {
      WEIR_TRY(state.write(static_cast<std::int64_t>(number)));
      std::vector<Value> values;
      for (const auto row : rows) values.push_back(Value::int64(row));
      WEIR_TRY(state.write(Value::list(std::move(values))));
    }
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t count = 0;
    WEIR_TRY(state.read(count));
    for (; count > 0; --count) {
      std::int64_t number = 0;
      WEIR_TRY(state.read(number));
      WEIR_ASSIGN(const auto values, state.readValue());
      for (const auto& value : values.items()) prepared_[static_cast<CheckpointId>(number)].push_back(value.int64());
    }
    return Poll::ready;
  }
  Result<Poll> committed(CheckpointId id) override {
    while (!prepared_.empty() && prepared_.begin()->first <= id) {
      const auto& [number, rows] = *prepared_.begin();
      if (target_.last < number) {
        target_.rows.insert(target_.rows.end(), rows.begin(), rows.end());
        target_.last = number;
      }
      prepared_.erase(prepared_.begin());
    }
    return Poll::ready;
  }

 private:
  Outside::Target& target_;
  Numbers open_;
  std::map<CheckpointId, Numbers> prepared_;
  CheckpointId asked_ = 0;
  bool targetIsNew_ = true;
  Waker waker_;
  Operation<weir::Unit> call_;
};

inline NodePtr publishing(NodeContext& context) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [id = std::string(context.nodeId())]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<TwoPhase>(id);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

inline const NodeType& publishingType() {
  static const NodeType type =
      Kinds::typeOf("publish", 1, Cardinality::sink,
                    [](const json::Value&, NodeContext& context) -> Result<NodePtr> { return publishing(context); });
  return type;
}

/// A store whose calls end late, fail now and then, and are lost with the run that made them.
class LateStore final : public StateStore, public simulation::PendingCalls {
 public:
  LateStore(Clock& clock, std::uint64_t seed) : store_(clock), draw_(seed) {}
  Operation<weir::Unit> commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) override {
    Completion<weir::Unit> completion(std::move(waker));
    auto operation = completion.operation();
    const bool fails = failures > 0 && draw_.below(100) < failures;
    calls_.push_back([this, completion, fails, changes = std::move(changes), epoch]() mutable {
      if (fails) return completion.complete(fail("state.unavailable", "the store is away", true));
      bool drops = false;
      bool puts = false;
      for (const auto& change : changes) {
        if (change.key.ends_with("/head")) (change.value ? puts : drops) = true;
      }
      cleared |= drops && !puts;
      completion.complete(store_.commit(std::move(changes), epoch, Waker()).take());
    });
    return operation;
  }
  Operation<std::optional<std::string>> get(std::string_view key, Waker waker) override {
    Completion<std::optional<std::string>> completion(std::move(waker));
    auto operation = completion.operation();
    calls_.push_back(
        [this, completion, key = std::string(key)]() mutable { completion.complete(store_.get(key, Waker()).take()); });
    return operation;
  }
  Operation<std::vector<StateEntry>> list(std::string_view prefix, std::string_view after, std::int64_t most,
                                          Waker waker) override {
    Completion<std::vector<StateEntry>> completion(std::move(waker));
    auto operation = completion.operation();
    calls_.push_back([this, completion, prefix = std::string(prefix), after = std::string(after), most]() mutable {
      completion.complete(store_.list(prefix, after, most, Waker()).take());
    });
    return operation;
  }
  [[nodiscard]] std::size_t pending() const override { return calls_.size(); }
  void finish(std::size_t index) override {
    auto call = std::move(calls_[index]);
    calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(index));
    call();
  }
  void forgetCalls() { calls_.clear(); }
  [[nodiscard]] std::size_t entries() { return store_.list("checkpoint/", "", 1'000'000, Waker()).take()->size(); }
  std::int64_t failures = 0;  // of a hundred commits
  bool cleared = false;       // a run had come to its end

 private:
  MemoryStateStore store_;
  Draw draw_;
  std::vector<std::function<void()>> calls_;
};

class BothCalls final : public simulation::PendingCalls {
 public:
  BothCalls(simulation::PendingCalls& one, simulation::PendingCalls& other) : one_(one), other_(other) {}
  [[nodiscard]] std::size_t pending() const override { return one_.pending() + other_.pending(); }
  void finish(std::size_t index) override {
    if (index < one_.pending()) return one_.finish(index);
    other_.finish(index - one_.pending());
  }

 private:
  simulation::PendingCalls& one_;
  simulation::PendingCalls& other_;
};

}  // namespace weir::simulation_test
