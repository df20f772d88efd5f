// Runs that are stopped anywhere and go on, with what outlives them: a store, a journal's disk, what sinks published.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/host/memory-state-store.h"
#include "engine/journal/journal.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-journal-disk.h"
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

struct Place {
  explicit Place(std::uint64_t seed) : store(clock, seed) {}
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  LateStore store;
  simulation::SimulatedJournalDisk::Image journal;  // what is on its disk between two runs
  std::int64_t powerLostAt = -1;                    // a call to the journal's disk
  Outside outside;
  World world;
  std::int64_t steps = 0, checkpoints = 0, refilled = 0;
  bool reads = false;                    // what a run finds in the journal goes into
  std::map<std::string, Numbers> found;  // these, by edge
};

/// What a journal has of an edge when it is opened.
inline void readEdge(Journal& journal, simulation::SimulatedJournalDisk& disk, const journal::EdgeState& edge,
                     Numbers& into) {
  auto reader = journal.read(journal.edge(edge.id), edge.position, edge.next, MemoryAccount::unlimited());
  for (;;) {
    auto next = reader.next(Waker());
    while (disk.pending() > 0) disk.finish(0);
    auto rows = next.take();
    REQUIRE(rows.has_value());
    if (!*rows) return;
    const auto numbers = numbersOf((*rows)->batch);
    into.insert(into.end(), numbers.begin(), numbers.end());
  }
}

/// One run, stopped before step `stopAt` (-1: never).
inline RunResult runOnce(Place& place, const Graph& graph, int workers, std::uint64_t seed, bool keeps,
                         std::int64_t stopAt) {
  world = &place.world;
  outside = &place.outside;
  simulation::SimulatedJournalDisk disk(place.journal);
  BothCalls hostCalls(place.world.calls, place.store);
  BothCalls calls(hostCalls, disk);
  simulation::SimulatedWorkers pool(workers, seed, place.clock, &calls);
  Hosts hosts;
  hosts.add<Clock>(place.clock);
  hosts.add<Files>(place.files);
  RunOptions options;
  options.maxErrors = 1'000'000;
  if (keeps) options.state = &place.store;
  options.resume = true;
  std::unique_ptr<Journal> journal;
  if (std::ranges::any_of(graph.plan.edges, &PlannedEdge::durable)) {
    auto opened = Journal::open(disk, {.note = journalNote(graph.plan), .diskBytes = 4 << 20, .segmentBytes = 64 << 10},
                                options.journalContents);
    REQUIRE(opened.has_value());
    for (const auto& trouble : options.journalContents.troubles) CHECK(trouble.kind == journal::Trouble::Kind::cut);
    journal = std::move(*opened);
    options.journal = journal.get();
    for (const auto& edge : options.journalContents.edges) {
      if (place.reads) readEdge(*journal, disk, edge, place.found[edge.id]);
    }
    if (place.powerLostAt >= 0) disk.losePowerAt(place.powerLostAt);
  }
  auto run = Run::make(graph.plan, std::move(options), hosts, pool);
  REQUIRE(run.has_value());
  pool.watch([&](std::int64_t step) {
    place.steps = step;
    if (step == stopAt || disk.powerLost()) (*run)->cancel();
    REQUIRE(step < 3'000'000);
  });
  auto result = (*run)->drive();
  for (const auto& event : (*run)->events(0)) {
    place.checkpoints += event.kind == "checkpoint.done" ? 1 : 0;
    if (event.kind == "journal.refilled") place.refilled += event.message.starts_with("0 ") ? 0 : 1;
  }
  run->reset();
  journal.reset();
  if (!place.journal.empty() || !disk.image().empty())
    place.journal = disk.afterPowerLoss(seed, seed % 2 == 0 ? 512 : 4096);
  // What was under way is lost with its process.
  place.store.forgetCalls();
  while (place.world.calls.pending() > 0) place.world.calls.finish(0);
  return result;
}

inline Graph publishingGraph(std::uint64_t seed, Draw& draw) {
  auto graph = Graph::random(seed);
  for (auto& node : graph.plan.nodes) {
    if (node.type == &kinds().collect) node.type = &publishingType();
  }
  graph.plan.flowId = "stopped";
  graph.plan.checkpointRows = 1 + draw.below(200);
  graph.plan.checkpointEveryMs = 1 + draw.below(5);
  return graph;
}

/// What two inputs give together comes in any order, and there is a node that makes something else of another order.
inline bool dependsOnOrder(const Graph& graph) {
  return graph.merges && std::ranges::any_of(graph.plan.nodes, [](const PlannedNode& node) {
           return node.type->id == "test/join" || node.type->id == "test/sum";
         });
}

inline std::map<std::string, Numbers> rowsOf(const Place& place, bool sorted) {
  std::map<std::string, Numbers> out;
  for (const auto& [id, target] : place.outside.targets) {
    out[id] = target.rows;
    if (sorted) std::ranges::sort(out[id]);
  }
  return out;
}

}  // namespace weir::simulation_test
