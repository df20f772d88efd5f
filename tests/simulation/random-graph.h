// Random graphs of nodes made in memory: what the property tests of the runtime run.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"
#include "engine/data/packet.h"
#include "engine/runtime/run.h"
#include "tests/simulation/test-world.h"

namespace weir::simulation_test {

inline Batch batchOf(const Numbers& numbers) {
  static const SchemaRef schema = (*batchOfRows(std::vector<Value>{Value::map({{Value::string("n"), Value::int64(0)}})},
                                                MemoryAccount::unlimited()))
                                      .schema();
  const ColumnRoom room[1] = {};
  const auto rows = static_cast<std::int64_t>(numbers.size());
  auto writer = *BatchWriter::make(schema, rows, room, MemoryAccount::unlimited());
  std::ranges::copy(numbers, writer.ints(0));
  return writer.finish(rows, Envelope{});
}
inline Numbers numbersOf(const Batch& batch) {
  Numbers out;
  const auto ints = batch.column(0).ints();
  for (std::int64_t row = 0; row < batch.rows(); ++row) out.push_back(ints[static_cast<std::size_t>(row)]);
  return out;
}

/// Fails the rows that an even hash of `n` picks, and gives the others.
inline Numbers failSome(const Numbers& numbers, std::uint64_t oneIn, StepIo& io) {
  Numbers good;
  std::vector<std::uint32_t> bad;
  for (std::uint32_t row = 0; row < numbers.size(); ++row) {
    if (hash::ofInt64(numbers[row]) % oneIn == 0) {
      bad.push_back(row);
    } else {
      good.push_back(numbers[row]);
    }
  }
  if (!bad.empty()) io.fail(bad, Error{"cel.divide_by_zero", "picked"});
  return good;
}
inline void give(StepIo& io, const Numbers& numbers) {
  if (!numbers.empty()) io.emit(0, batchOf(numbers));
}

class Numbering final : public Source {
 public:
  explicit Numbering(std::uint64_t seed) : draw_(seed), left_(1 + draw_.below(600)), most_(1 + draw_.below(64)) {
    next_ = draw_.below(1000) * 1000;
  }
  Result<Flow> pull(StepIo& io) override {
    if (draining() || left_ == 0) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    Numbers numbers;
    for (auto rows = std::min(left_, 1 + draw_.below(most_)); rows > 0; --rows, --left_) numbers.push_back(next_++);
    give(io, numbers);
    return Flow::more;
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(state.write(static_cast<std::int64_t>(draw_.state())));
    WEIR_TRY(state.write(left_));
    return state.write(next_);
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t drawn = 0;
    WEIR_TRY(state.read(drawn));
    draw_.goOn(static_cast<std::uint64_t>(drawn));
    WEIR_TRY(state.read(left_));
    return state.read(next_);
  }

 private:
  Draw draw_;
  std::int64_t left_, most_, next_ = 0;
};

class Map final : public Stateless {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    auto numbers = numbersOf(batch);
    for (auto& number : numbers) number = number * 3 + 1;
    give(io, numbers);
    return Flow::more;
  }
};
class Failing final : public Stateless {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    std::vector<std::uint32_t> good;
    std::vector<std::uint32_t> bad;
    const auto numbers = numbersOf(batch);
    for (std::uint32_t row = 0; row < numbers.size(); ++row) {
      (hash::ofInt64(numbers[row]) % 17 == 0 ? bad : good).push_back(row);
    }
    if (!bad.empty()) io.fail(bad, Error{"cel.divide_by_zero", "picked"});
    if (good.empty()) return Flow::more;
    WEIR_ASSIGN(auto kept, batch.gather(good));
    io.emit(0, std::move(kept));
    return Flow::more;
  }
};
class Flaky final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    io.emit(0, batch);
    if (const int call = ++calls_; (call & (call - 1)) == 0) return weir::fail("files.io", "now and then", true);
    return Flow::more;
  }

 private:
  int calls_ = 0;
};
/// Numbers the rows: would see it if one came twice, or in another order.
class Summing final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    auto numbers = numbersOf(batch);
    for (auto& number : numbers) number = sum_ = (sum_ + number) % 1'000'003;
    give(io, numbers);
    return Flow::more;
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(sum_); }
  Result<Poll> restore(StateReader& state) override { return state.read(sum_); }

 private:
  std::int64_t sum_ = 0;
};
class Limit final : public Transform {
 public:
  explicit Limit(std::int64_t left) : left_(left) {}
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    const auto taken = std::min(left_, batch.rows());
    left_ -= taken;
    io.emit(0, batch.slice(0, taken));
    return left_ == 0 ? Flow::done : Flow::more;
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(left_); }
  Result<Poll> restore(StateReader& state) override { return state.read(left_); }

 private:
  std::int64_t left_;
};
/// Both inputs, as they come.
class Merge final : public Task {
 public:
  Result<Progress> step(StepIo& io) override {
    Ports open = 0;
    for (Port in = 0; in < 2; ++in) {
      while (io.peek(in) != nullptr) {
        io.emit(0, io.take(in, 7));
        if (io.budgetSpent()) return Progress::yielded();
      }
      if (!io.ended(in)) open |= portSet(in);
    }
    return open == 0 ? Progress::finished() : Progress::blockedOn(open);
  }
};
/// The first input to its end, then the second.
class Join final : public Task {
 public:
  Result<Progress> step(StepIo& io) override {
    while (io.peek(0) != nullptr) {
      for (const auto number : numbersOf(io.take(0, kMaxBatchRows))) sum_ = (sum_ * 31 + number) % 10'007;
    }
    if (!io.ended(0)) return Progress::blockedOn(portSet(0));
    while (io.peek(1) != nullptr) {
      auto numbers = numbersOf(io.take(1, kMaxBatchRows));
      for (auto& number : numbers) number += sum_;
      give(io, numbers);
      if (io.budgetSpent()) return Progress::yielded();
    }
    return io.ended(1) ? Progress::finished() : Progress::blockedOn(portSet(1));
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(sum_); }
  Result<Poll> restore(StateReader& state) override { return state.read(sum_); }

 private:
  std::int64_t sum_ = 0;
};
class Fold final : public Transform {
 public:
  explicit Fold(bool fails) : fails_(fails) {}
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    const auto numbers = fails_ ? failSome(numbersOf(batch), 11, io) : numbersOf(batch);
    for (const auto number : numbers) sum_ += number;
    return Flow::more;
  }
  Result<Flow> finish(StepIo& io) override {
    give(io, {sum_});
    return Flow::done;
  }
  std::optional<Batch> resultSoFar() const override { return batchOf({sum_}); }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(sum_); }
  /// Sums of several instances add up.
  Result<Poll> restore(StateReader& state) override {
    std::int64_t sum = 0;
    WEIR_TRY(state.read(sum));
    sum_ += sum;
    return Poll::ready;
  }

 private:
  bool fails_;
  std::int64_t sum_ = 0;
};
/// One batch, then a pause.
class Slow final : public Task {
 public:
  explicit Slow(NodeContext& context) : context_(context) {}
  Result<Progress> step(StepIo& io) override {
    if (io.peek(0) == nullptr) return io.ended(0) ? Progress::finished() : Progress::blockedOn(portSet(0));
    if (context_.nowMicros() < next_) return Progress::until(next_);
    io.emit(0, io.take(0, kMaxBatchRows));
    next_ = context_.nowMicros() + 300;
    return Progress::until(next_);
  }

 private:
  NodeContext& context_;
  std::int64_t next_ = 0;
};
class Asking final : public ParallelWork {
 public:
  explicit Asking(Calls& calls) : calls_(calls) {}
  std::unique_ptr<Work> begin(Batch input) const override {
    return std::make_unique<Question>(calls_, std::move(input));
  }

 private:
  class Question final : public Work {
   public:
    Question(Calls& calls, Batch input) : calls_(calls), input_(std::move(input)) {}
    Result<Flow> run(StepIo& io) override {
      if (!call_.active()) call_ = calls_.start(io.waker());
      if (!call_.ready()) return Flow::pending;
      WEIR_TRY(call_.take());
      io.emit(0, input_);
      return Flow::more;
    }

   private:
    Calls& calls_;
    Batch input_;
    Operation<weir::Unit> call_;
  };
  Calls& calls_;
};
class Collect final : public Transform {
 public:
  Collect(Numbers& into, std::vector<std::string>& traces) : into_(into), traces_(traces) {}
  Result<Flow> process(const Batch& batch, StepIo&) override {
    if (batch.schema() == errorSchema()) {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        const auto packet = errorPacketOf(batch, row);
        into_.push_back(packet.row.find("n")->int64());
        traces_.push_back(packet.traceId);
      }
    } else {
      for (const auto number : numbersOf(batch)) into_.push_back(number);
    }
    return Flow::more;
  }

 private:
  Numbers& into_;
  std::vector<std::string>& traces_;
};

class Letters final : public DeadLetters {
 public:
  explicit Letters(World& of) : of_(of) {}
  Result<void> add(std::span<const ErrorPacket> packets) override {
    for (const auto& packet : packets) {
      ++of_.letterCount;
      of_.letters[packet.nodeId].push_back(packet.row.find("n")->int64());
      of_.traces[packet.nodeId].push_back(packet.traceId);
    }
    return {};
  }

 private:
  World& of_;
};

/// `kind-number-parameter`: what a node is, and its seed.
inline std::int64_t parameterOf(NodeContext& context) {
  return std::stoll(std::string(context.nodeId().substr(context.nodeId().rfind('-') + 1)));
}
using Make = Result<NodePtr> (*)(const json::Value&, NodeContext&);

inline NodePtr foldInTwoStages() {
  auto node = std::make_unique<Node>();
  Stage fold;
  fold.parallelism = Stage::Parallelism::perWorker;
  fold.makeTask = []() -> Result<std::unique_ptr<Task>> { return std::make_unique<Fold>(true); };
  Stage merge;
  merge.makeTask = []() -> Result<std::unique_ptr<Task>> { return std::make_unique<Fold>(false); };
  node->stages.push_back(std::move(fold));
  node->stages.push_back(std::move(merge));
  return node;
}
inline NodePtr asking() {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.parallelism = Stage::Parallelism::parallel;
  stage.work = std::make_shared<Asking>(world->calls);
  node->stages.push_back(std::move(stage));
  return node;
}
inline NodePtr collecting(NodeContext& context) {
  auto& into = world->collected[std::string(context.nodeId())];
  auto& traces = world->traces[std::string(context.nodeId())];
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [&into, &traces,
                    &tasks = world->tasks[std::string(context.nodeId())]]() -> Result<std::unique_ptr<Task>> {
    ++tasks;
    return std::make_unique<Collect>(into, traces);
  };
  node->stages.push_back(std::move(stage));
  return node;
}
inline NodePtr slow(NodeContext& context) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [&context]() -> Result<std::unique_ptr<Task>> { return std::make_unique<Slow>(context); };
  node->stages.push_back(std::move(stage));
  return node;
}

struct Kinds {
  static NodeType typeOf(std::string id, std::size_t ins, Cardinality cardinality, Make make) {
    NodeType type;
    type.id = "test/" + std::move(id);
    type.touches = Touches::nothing;
    type.cardinality = cardinality;
    PortSpec port;
    for (std::size_t i = 0; i < ins; ++i) {
      port.name = "in" + std::to_string(i);
      type.inputs.push_back(port);
    }
    port.name = "rows";
    if (cardinality != Cardinality::sink) type.outputs.push_back(port);
    port.name = "error";
    type.outputs.push_back(port);
    type.make = make;
    return type;
  }
  using J = json::Value;
  using C = NodeContext;
  NodeType source = typeOf("source", 0, Cardinality::source, [](const J&, C& c) -> Result<NodePtr> {
    return makeNode<Numbering>(static_cast<std::uint64_t>(parameterOf(c)));
  });
  NodeType collect =
      typeOf("collect", 1, Cardinality::sink, [](const J&, C& c) -> Result<NodePtr> { return collecting(c); });
  std::vector<NodeType> inner{
      typeOf("map", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeStateless<Map>(); }),
      typeOf("failing", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeStateless<Failing>(); }),
      typeOf("flaky", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeNode<Flaky>(); }),
      typeOf("sum", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeNode<Summing>(); }),
      typeOf("limit", 1, Cardinality::filter,
             [](const J&, C& c) -> Result<NodePtr> { return makeNode<Limit>(1 + parameterOf(c) % 300); }),
      typeOf("merge", 2, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeNode<Merge>(); }),
      typeOf("join", 2, Cardinality::fold, [](const J&, C&) -> Result<NodePtr> { return makeNode<Join>(); }),
      typeOf("fold", 1, Cardinality::fold, [](const J&, C&) -> Result<NodePtr> { return foldInTwoStages(); }),
      typeOf("ask", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return asking(); }),
      typeOf("slow", 1, Cardinality::one, [](const J&, C& c) -> Result<NodePtr> { return slow(c); })};
};
inline const Kinds& kinds() {
  static const Kinds all;
  return all;
}

/// A graph that a seed describes.
struct Graph {
  Plan plan;
  bool merges = false, limits = false, waits = false;

  std::int32_t node(const NodeType& type, std::int64_t parameter) {
    PlannedNode planned;
    planned.id = type.id.substr(5) + "-" + std::to_string(plan.nodes.size()) + "-" + std::to_string(parameter);
    planned.type = &type;
    planned.inputs = type.inputs;
    planned.outputs = type.outputs;
    planned.retry.attempts = 30;
    planned.retry.delayMs = 1;
    plan.nodes.push_back(std::move(planned));
    return static_cast<std::int32_t>(plan.nodes.size()) - 1;
  }
  PlannedEdge& edge(std::int32_t from, Port out, std::int32_t to, Port in) {
    PlannedEdge planned;
    planned.id = "e" + std::to_string(plan.edges.size());
    planned.source = from;
    planned.sourcePort = out;
    planned.target = to;
    planned.targetPort = in;
    auto& depth = plan.nodes[static_cast<std::size_t>(to)].depth;
    depth = std::max(depth, plan.nodes[static_cast<std::size_t>(from)].depth + 1);
    plan.edges.push_back(std::move(planned));
    return plan.edges.back();
  }
  static Graph random(std::uint64_t seed);
};

inline void dress(PlannedEdge& edge, Draw& draw) {
  constexpr std::int64_t kBounds[] = {1, 2, 7, 40, 300, 65'536};
  edge.bufferRows = kBounds[draw.below(6)];
  if (draw.oneIn(4)) edge.batchMaxRows = 1;
  if (draw.oneIn(12)) edge.filter = draw.oneIn(2) ? "row.n % 5 != 3" : "10 / (row.n % 7) >= 0";
  if (draw.oneIn(12)) edge.transform = "{'n': row.n + 2}";
}

/// Of what a person may ask of an edge, something or other.
inline void giveRules(PlannedEdge& edge, Draw& draw) {
  if (edge.spill || draw.oneIn(4)) return;
  edge.whenFull = static_cast<FullRule>(draw.below(5));
  edge.order = static_cast<QueueOrder>(draw.below(3));
  edge.adaptive = draw.oneIn(3);
  edge.dropThreshold = 0.5 + static_cast<double>(draw.below(6)) / 10;
  edge.threshold = edge.dropThreshold - static_cast<double>(draw.below(5)) / 10;
  edge.whenFullMaxWaitMs = draw.below(3) * 10;
  if (draw.oneIn(5)) edge.ageMs = 1 + draw.below(20);
  if (draw.oneIn(3)) edge.batchMaxWaitMs = 1 + draw.below(10);
}

inline Graph Graph::random(std::uint64_t seed) {
  Draw draw(seed * 977 + 5);
  Graph graph;
  std::vector<std::int32_t> open;
  for (auto sources = 1 + draw.below(3); sources > 0; --sources) {
    open.push_back(graph.node(kinds().source, draw.below(1'000'000)));
  }
  const auto take = [&] {
    const auto at = draw.below(static_cast<std::int64_t>(open.size()));
    const auto from = open[static_cast<std::size_t>(at)];
    if (!draw.oneIn(4)) open.erase(open.begin() + at);  // else somebody else reads it too
    return from;
  };
  for (auto more = draw.below(9); more > 0 && !open.empty(); --more) {
    const auto& type =
        kinds().inner[static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(kinds().inner.size())))];
    if (type.inputs.size() > open.size()) continue;
    graph.merges |= type.id == "test/merge";
    graph.limits |= type.id == "test/limit";
    graph.waits |= type.id == "test/ask" || type.id == "test/slow" || type.id == "test/flaky";
    const auto to = graph.node(type, draw.below(1'000'000));
    for (std::size_t in = 0; in < type.inputs.size(); ++in) {
      auto& edge = graph.edge(take(), 0, to, static_cast<Port>(in));
      dress(edge, draw);
      edge.spill = type.id == "test/join" && in == 1;
    }
    if (draw.oneIn(8)) {
      dress(graph.edge(to, 1, graph.node(kinds().collect, 0), 0), draw);
      graph.plan.edges.back().filter.clear();
      graph.plan.edges.back().transform.clear();
    }
    open.push_back(to);
  }
  std::ranges::sort(open);
  open.erase(std::ranges::unique(open).begin(), open.end());
  for (const auto from : open) {
    if (!draw.oneIn(10)) dress(graph.edge(from, 0, graph.node(kinds().collect, 0), 0), draw);
  }
  graph.plan.maxErrors = 1'000'000;
  return graph;
}

}  // namespace weir::simulation_test
