// Small graphs of nodes made in memory whose runs are changed: for the tests of changes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/packet.h"
#include "engine/json/document.h"
#include "engine/runtime/run.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir::change_test {

using Numbers = std::vector<std::int64_t>;
struct Seen {
  std::map<std::string, Numbers> rows;     // by the node that kept them
  std::map<std::string, int> made, ended;  // tasks, by node
};
inline Seen* seen = nullptr;  // of the test that runs

inline std::int64_t numberIn(const json::Value& settings, std::string_view name, std::int64_t otherwise) {
  const auto* value = settings.find(name);
  return value != nullptr && value->asInt64() != nullptr ? *value->asInt64() : otherwise;
}

inline Batch batchOf(const Numbers& numbers) {
  std::vector<Value> rows;
  for (const auto number : numbers) rows.push_back(Value::map({{Value::string("n"), Value::int64(number)}}));
  return *batchOfRows(rows, MemoryAccount::unlimited());
}
inline Numbers numbersOf(const Batch& batch) {
  const auto ints = batch.column(0).ints();
  return {ints.begin(), ints.end()};
}

class Numbering final : public Source {
 public:
  Numbering(std::string id, std::int64_t total, bool saves) : id_(std::move(id)), total_(total), saves_(saves) {
    ++seen->made[id_];
  }
  Result<Flow> pull(StepIo& io) override {
    if (draining() || next_ >= total_) {
      ++seen->ended[id_];
      return Flow::done;
    }
    if (io.room(0).rows <= 0) return Flow::again;
    Numbers numbers;
    for (int i = 0; i < 7 && next_ < total_; ++i) numbers.push_back(next_++);
    io.emit(0, batchOf(numbers));
    return Flow::more;
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    return saves_ ? state.write(next_) : Result<Poll>(Poll::ready);
  }
  Result<Poll> restore(StateReader& state) override { return state.read(next_); }

 private:
  std::string id_;
  std::int64_t total_, next_ = 0;
  bool saves_;
};

class Adding final : public Stateless {
 public:
  explicit Adding(std::int64_t add) : add_(add) {}
  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    auto numbers = numbersOf(batch);
    for (auto& number : numbers) number += add_;
    io.emit(0, batchOf(numbers));
    return Flow::more;
  }

 private:
  std::int64_t add_;
};

/// Adds up; gives the sum so far with each row, times a factor.
class Summing final : public Transform {
 public:
  Summing(std::string id, std::int64_t times, bool refuses) : id_(std::move(id)), times_(times), refuses_(refuses) {
    ++seen->made[id_];
  }
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    Numbers out;
    for (const auto number : numbersOf(batch)) out.push_back((sum_ += number) * times_);
    io.emit(0, batchOf(out));
    return Flow::more;
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(sum_); }
  Result<Poll> restore(StateReader& state) override {
    if (refuses_) return fail("state.mismatch", "made for something else");
    return state.read(sum_);
  }

 private:
  std::string id_;
  std::int64_t times_, sum_ = 0;
  bool refuses_;
};

class Keeping final : public Transform {
 public:
  explicit Keeping(std::string id) : id_(std::move(id)) { ++seen->made[id_]; }
  Result<Flow> process(const Batch& batch, StepIo&) override {
    for (const auto number : numbersOf(batch)) seen->rows[id_].push_back(number);
    return Flow::more;
  }
  Result<Flow> finish(StepIo&) override {
    ++seen->ended[id_];
    return Flow::done;
  }

 private:
  std::string id_;
};

inline NodeType typeOf(std::string id, bool in, bool out, Result<NodePtr> (*make)(const json::Value&, NodeContext&)) {
  NodeType type;
  type.id = std::move(id);
  type.touches = Touches::nothing;
  type.cardinality = !in ? Cardinality::source : !out ? Cardinality::sink : Cardinality::one;
  PortSpec port;
  port.name = "rows";
  if (in) type.inputs.push_back(port);
  if (out) type.outputs.push_back(port);
  port.name = "error";
  type.outputs.push_back(port);
  type.make = make;
  return type;
}

struct Types {
  NodeType source = typeOf("test/source", false, true, [](const json::Value& settings, NodeContext& context) {
    return Result<NodePtr>(makeNode<Numbering>(std::string(context.nodeId()), numberIn(settings, "total", 2000),
                                               numberIn(settings, "saves", 1) != 0));
  });
  NodeType add = typeOf("test/add", true, true, [](const json::Value& settings, NodeContext&) -> Result<NodePtr> {
    if (numberIn(settings, "add", 0) < 0) return fail("settings.range", "add is not negative");
    return makeStateless<Adding>(numberIn(settings, "add", 0));
  });
  NodeType sum = typeOf("test/sum", true, true, [](const json::Value& settings, NodeContext& context) {
    return Result<NodePtr>(makeNode<Summing>(std::string(context.nodeId()), numberIn(settings, "times", 1),
                                             numberIn(settings, "refuses", 0) != 0));
  });
  NodeType keep = typeOf("test/keep", true, false, [](const json::Value&, NodeContext& context) {
    return Result<NodePtr>(makeNode<Keeping>(std::string(context.nodeId())));
  });
  NodeType other = typeOf("test/other-keep", true, false, [](const json::Value&, NodeContext& context) {
    return Result<NodePtr>(makeNode<Keeping>(std::string(context.nodeId())));
  });
};
inline const Types& types() {
  static const Types all;
  return all;
}

struct Drawn {
  Plan plan;
  Drawn& node(std::string id, const NodeType& type, std::string_view settings = "{}") {
    PlannedNode planned;
    planned.id = std::move(id);
    planned.type = &type;
    planned.inputs = type.inputs;
    planned.outputs = type.outputs;
    planned.settings = json::parse(std::string(settings))->root();
    planned.depth = static_cast<int>(plan.nodes.size());
    plan.nodes.push_back(std::move(planned));
    return *this;
  }
  [[nodiscard]] std::int32_t at(std::string_view id) const {
    return static_cast<std::int32_t>(std::ranges::find(plan.nodes, id, &PlannedNode::id) - plan.nodes.begin());
  }
  Drawn& edge(std::string id, std::string_view from, std::string_view to) {
    PlannedEdge planned;
    planned.id = std::move(id);
    planned.source = at(from);
    planned.target = at(to);
    planned.bufferRows = 40;
    plan.edges.push_back(std::move(planned));
    return *this;
  }
};

/// source -in-> add -mid-> sum -out-> keep
inline Drawn chain(std::string_view add = "{}", std::string_view sum = "{}") {
  Drawn drawn;
  drawn.node("source", types().source).node("add", types().add, add).node("sum", types().sum, sum);
  drawn.node("keep", types().keep);
  return drawn.edge("in", "source", "add").edge("mid", "add", "sum").edge("out", "sum", "keep");
}

inline constexpr ChangeOptions kKeeps{.keepState = true};

class Running {
 public:
  explicit Running(Drawn first, std::uint64_t seed = 0, int workers = 1, RunOptions options = {})
      : pool_(workers, seed, clock_, &files_) {
    seen = &saw;
    hosts_.add<Clock>(clock_);
    hosts_.add<Files>(files_);
    run = std::move(*Run::make(std::move(first.plan), std::move(options), hosts_, pool_));
  }
  /// Before the step of this number.
  Running& at(std::int64_t step, std::function<void(Run&)> what) {
    doings_[step] = std::move(what);
    return *this;
  }
  Running& changeAt(std::int64_t step, Plan next) {
    return at(step, [this, next = std::move(next)](Run& each) { begun = each.change(next, kKeeps); });
  }
  void drive() {
    pool_.watch([this](std::int64_t step) {
      const auto found = doings_.find(step);
      if (found == doings_.end()) return;
      const auto what = std::move(found->second);
      doings_.erase(found);
      what(*run);
    });
    result = run->drive();
    metrics = run->metrics();
    for (const auto* edges : {&metrics.edges, &metrics.removedEdges}) {
      for (const auto& edge : *edges) {
        CAPTURE(edge.id);
        CHECK(edge.offered == edge.taken + edge.filtered + edge.dropped + edge.discarded + edge.failed + edge.held);
      }
    }
  }
  [[nodiscard]] const NodeMetrics& node(std::string_view id) const {
    return *std::ranges::find(metrics.nodes, id, &NodeMetrics::id);
  }

  Seen saw;
  std::unique_ptr<Run> run;
  Result<std::int64_t> begun = 0;
  RunResult result;
  RunMetrics metrics;

 private:
  simulation::SimulatedClock clock_;
  simulation::SimulatedFiles files_;
  Hosts hosts_;
  simulation::SimulatedWorkers pool_;
  std::map<std::int64_t, std::function<void(Run&)>> doings_;
};

inline Numbers upTo(std::int64_t count) {
  Numbers all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(i);
  return all;
}

}  // namespace weir::change_test
