// Property test of watermarks: they keep their place among the rows, through every kind of stage.
#include <doctest/doctest.h>

#include <optional>
#include <utility>

#include "engine/node/watermark-ceiling.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "tests/simulation/random-graph.h"

namespace weir::simulation_test {
namespace {

/// A row, and the watermark that was known when it came.
using Seen = std::vector<std::pair<std::int64_t, Timestamp>>;
struct Watched {
  std::map<std::string, Seen> rows;
  std::map<std::string, Timestamp> last;
};
Watched* watched = nullptr;  // of the run that is made

/// Rows whose numbers are their times, out of order within 20, and watermarks that say so.
class Timed final : public Source {
 public:
  explicit Timed(std::uint64_t seed, bool says = true) : draw_(seed), says_(says), left_(50 + draw_.below(400)) {}
  Result<Flow> pull(StepIo& io) override {
    if (left_ == 0) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    Numbers numbers;
    for (auto rows = 1 + draw_.below(9); rows > 0 && left_ > 0; --rows, --left_) {
      numbers.push_back(100 + next_ - draw_.below(20));
      next_ += 3;
    }
    give(io, numbers);
    if (says_ && draw_.oneIn(3)) io.holdWatermark(100 + next_ - 20);
    return Flow::more;
  }

 private:
  Draw draw_;
  bool says_;
  std::int64_t left_, next_ = 0;
};

class Pass final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    io.emit(0, batch);
    return Flow::more;
  }
};

/// Keeps rows until no older one can come, then gives them in order: nothing may be late behind it either.
class Ordering final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo&) override {
    for (const auto number : numbersOf(batch)) held_.push_back(number);
    return Flow::more;
  }
  Result<Flow> advance(Timestamp watermark, StepIo& io) override { return giveBefore(watermark, io); }
  Result<Flow> finish(StepIo& io) override {
    WEIR_ASSIGN(const auto flow, giveBefore(INT64_MAX, io));
    return flow == Flow::more ? Flow::done : flow;
  }

 private:
  Result<Flow> giveBefore(Timestamp end, StepIo& io) {
    std::ranges::sort(held_);
    Numbers ready;
    while (ready.size() < 5 && ready.size() < held_.size() && held_[ready.size()] < end) {
      ready.push_back(held_[ready.size()]);
    }
    if (!ready.empty() && io.room(0).rows <= 0) return Flow::again;
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(ready.size()));
    give(io, ready);
    return ready.size() == 5 ? Flow::again : Flow::more;
  }
  Numbers held_;
};

/// Says a watermark of its own, by the rows that it has seen: those of its input come without one.
class Saying final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    for (const auto number : numbersOf(batch)) greatest_ = std::max(greatest_, number);
    io.emit(0, batch);
    ceiling_.set(greatest_ - 40, io);
    return Flow::more;
  }

 private:
  WatermarkCeiling ceiling_;
  std::int64_t greatest_ = 0;
};

/// Holds nothing back, and says so: that is no watermark.
class Open final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    ceiling_.set(io.watermark(0), io);
    io.emit(0, batch);
    ceiling_.set(WatermarkCeiling::kOpen, io);
    return Flow::more;
  }

 private:
  WatermarkCeiling ceiling_;
};

class Watch final : public Transform {
 public:
  explicit Watch(std::string id) : seen_(watched->rows[id]), last_(watched->last[id]) { last_ = kNoWatermark; }
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    for (const auto number : numbersOf(batch)) seen_.emplace_back(number, io.watermark(0));
    return Flow::more;
  }
  Result<Flow> advance(Timestamp watermark, StepIo&) override {
    CHECK(watermark > last_);
    last_ = watermark;
    return Flow::more;
  }

 private:
  Seen& seen_;
  Timestamp& last_;
};

/// A caller whose calls end when the simulation says so.
class Answering final : public Caller {
 public:
  Result<std::unique_ptr<Call>> begin(const RowView& row) override {
    return std::make_unique<Answer>(row.batch->slice(row.row, 1));
  }

 private:
  class Answer final : public Call {
   public:
    explicit Answer(Batch row) : row_(std::move(row)) {}
    Result<Flow> poll(StepIo& io) override {
      if (!call_.active()) call_ = world->calls.start(io.waker());
      if (!call_.ready()) return Flow::pending;
      WEIR_TRY(call_.take());
      io.emit(0, row_);
      return Flow::done;
    }

   private:
    Batch row_;
    Operation<weir::Unit> call_;
  };
};

NodePtr nodeOf(Stage stage) {
  auto node = std::make_unique<Node>();
  node->stages.push_back(std::move(stage));
  return node;
}

NodePtr perWorker(bool twice) {
  Stage stage;
  stage.parallelism = Stage::Parallelism::perWorker;
  stage.makeTask = []() -> Result<std::unique_ptr<Task>> { return std::make_unique<Pass>(); };
  auto node = nodeOf(stage);
  if (twice) {
    stage.parallelism = Stage::Parallelism::one;
    node->stages.push_back(std::move(stage));
  }
  return node;
}

NodePtr calling() {
  Stage stage;
  stage.caller = std::make_shared<Answering>();
  return nodeOf(std::move(stage));
}

NodePtr watching(NodeContext& context) {
  Stage stage;
  stage.makeTask = [id = std::string(context.nodeId())]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Watch>(id);
  };
  return nodeOf(std::move(stage));
}

struct TimedKinds {
  using J = json::Value;
  using C = NodeContext;
  NodeType source = Kinds::typeOf("timed", 0, Cardinality::source, [](const J&, C& c) -> Result<NodePtr> {
    return makeNode<Timed>(static_cast<std::uint64_t>(parameterOf(c)));
  });
  NodeType silent = Kinds::typeOf("silent", 0, Cardinality::source, [](const J&, C& c) -> Result<NodePtr> {
    return makeNode<Timed>(static_cast<std::uint64_t>(parameterOf(c)), false);
  });
  NodeType saying =
      Kinds::typeOf("saying", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeNode<Saying>(); });
  NodeType open =
      Kinds::typeOf("open", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeNode<Open>(); });
  NodeType watch =
      Kinds::typeOf("watch", 1, Cardinality::sink, [](const J&, C& c) -> Result<NodePtr> { return watching(c); });
  NodeType merge =
      Kinds::typeOf("merge", 2, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeNode<Merge>(); });
  std::vector<NodeType> inner{
      Kinds::typeOf("pass", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeNode<Pass>(); }),
      Kinds::typeOf("order", 1, Cardinality::expand,
                    [](const J&, C&) -> Result<NodePtr> { return makeNode<Ordering>(); }),
      Kinds::typeOf("failing", 1, Cardinality::one,
                    [](const J&, C&) -> Result<NodePtr> { return makeStateless<Failing>(); }),
      Kinds::typeOf("flaky", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return makeNode<Flaky>(); }),
      Kinds::typeOf("ask", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return asking(); }),
      Kinds::typeOf("call", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return calling(); }),
      Kinds::typeOf("spread", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return perWorker(false); }),
      Kinds::typeOf("staged", 1, Cardinality::one, [](const J&, C&) -> Result<NodePtr> { return perWorker(true); })};
};
const TimedKinds& timedKinds() {
  static const TimedKinds all;
  return all;
}

struct Drawn {
  Graph graph;
  bool exact = true;  // every row meets the same watermark, whatever the order of the steps
};

std::int32_t chain(Graph& graph, std::int32_t from, Draw& draw, bool& exact) {
  for (auto more = draw.below(4); more > 0; --more) {
    const auto& all = timedKinds().inner;
    const auto& type = all[static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(all.size())))];
    exact &= type.id != "test/spread" && type.id != "test/staged";
    const auto to = graph.node(type, 0);
    auto& edge = graph.edge(from, 0, to, 0);
    edge.bufferRows = 1 + draw.below(60);
    edge.spill = draw.oneIn(3);
    if (draw.oneIn(4)) edge.batchMaxRows = 1;
    if (draw.oneIn(4)) edge.filter = "row.n % 5 != 0";
    if (draw.oneIn(5)) {
      const auto errors = graph.node(kinds().collect, 0);
      graph.edge(to, 1, errors, 0);
    }
    from = to;
  }
  return from;
}

Drawn drawGraph(Draw& draw) {
  Drawn out;
  auto& graph = out.graph;
  const auto& all = timedKinds();
  std::vector<std::int32_t> ends;
  for (auto sources = 1 + draw.below(3); sources > 0; --sources) {
    ends.push_back(chain(graph, graph.node(all.source, draw.below(1'000'000)), draw, out.exact));
  }
  out.exact &= ends.size() == 1;
  if (ends.size() == 2) {
    const auto merge = graph.node(all.merge, 0);
    graph.edge(ends[0], 0, merge, 0);
    graph.edge(ends[1], 0, merge, 1);
    ends = {chain(graph, merge, draw, out.exact)};
  }
  // Three sources, one port.
  const auto watch = graph.node(all.watch, 0);
  for (const auto from : ends) graph.edge(from, 0, watch, 0).bufferRows = 1 + draw.below(60);
  graph.plan.maxErrors = 1'000'000;
  return out;
}

Watched runOf(const Graph& graph, int workers, std::uint64_t seed) {
  Watched out;
  World state;
  watched = &out;
  world = &state;
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool(workers, seed, clock, &state.calls);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  auto run = Run::make(graph.plan, {}, hosts, pool);
  REQUIRE(run.has_value());
  const auto result = (*run)->drive();
  REQUIRE(result.outcome == Outcome::done);
  return out;
}

TEST_CASE("no row is older than the watermark that it meets, whatever the stages and the order of the steps") {
  std::int64_t moved = 0;
  std::int64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const auto drawn = drawGraph(draw);
    const auto workers = static_cast<int>(1 + seed % 7);
    const auto one = runOf(drawn.graph, workers, seed);
    for (const auto& [node, rows] : one.rows) {
      bool late = false;
      for (const auto& [number, watermark] : rows) late |= number < watermark;
      REQUIRE(!late);
    }
    for (const auto& [node, last] : one.last) moved += last > 400 ? 1 : 0;
    if (!drawn.exact || seed % 3 != 0) continue;
    ++compared;
    const auto other = runOf(drawn.graph, static_cast<int>(1 + (seed + 3) % 7), seed + 5000);
    REQUIRE(one.rows == other.rows);
    REQUIRE(one.last == other.last);
  }
  CHECK(moved > 2500);
  CHECK(compared > 100);
}

TEST_CASE(
    "a node that says a watermark of its own passes it on where its input brings none; one that holds nothing says "
    "none") {
  std::int64_t moved = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    Graph graph;
    const auto& all = timedKinds();
    const auto source = graph.node(all.silent, draw.below(1'000'000));
    const auto open = graph.node(all.open, 0);
    const auto before = graph.node(all.watch, 0);
    const auto saying = graph.node(all.saying, 0);
    const auto order = graph.node(all.inner[1], 0);
    const auto behind = graph.node(all.watch, 0);
    graph.edge(source, 0, open, 0).bufferRows = 1 + draw.below(60);
    graph.edge(open, 0, before, 0);
    graph.edge(open, 0, saying, 0).bufferRows = 1 + draw.below(60);
    graph.edge(saying, 0, order, 0);
    graph.edge(order, 0, behind, 0);
    const auto found = runOf(graph, static_cast<int>(1 + seed % 4), seed);
    const auto id = [&](std::int32_t node) { return graph.plan.nodes[static_cast<std::size_t>(node)].id; };
    REQUIRE(found.last.at(id(before)) == kNoWatermark);
    bool late = false;
    for (const auto& [number, watermark] : found.rows.at(id(behind))) late |= number < watermark;
    REQUIRE(!late);
    moved += found.last.at(id(behind)) > 100 ? 1 : 0;
  }
  CHECK(moved == 500);
}

}  // namespace
}  // namespace weir::simulation_test
