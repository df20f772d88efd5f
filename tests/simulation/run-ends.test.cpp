// How runs end that do not simply end: deadlock, limits, timeouts; and looks at a run under way.
#include <doctest/doctest.h>

#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "tests/simulation/random-graph.h"

namespace weir::simulation_test {
namespace {

const NodeType& kind(std::string_view id) {
  for (const auto& type : kinds().inner) {
    if (type.id.substr(5) == id) return type;
  }
  return kinds().collect;
}

/// A run of a graph, with everything it needs.
struct Bench {
  explicit Bench(std::uint64_t seed = 3) : pool(2, seed, clock, &state.calls) {}

  Graph graph;
  World state;
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool;
  Hosts hosts;
  RunOptions options;
  std::unique_ptr<Run> run;

  RunResult drive() {
    hosts.add<Clock>(clock);
    hosts.add<Files>(files);
    world = &state;
    auto made = Run::make(graph.plan, options, hosts, pool);
    REQUIRE(made.has_value());
    run = std::move(*made);
    return run->drive();
  }
};

TEST_CASE("edges that wait for one another are a deadlock that names the full ones") {
  Bench bench;
  const auto source = bench.graph.node(kinds().source, 4);
  const auto join = bench.graph.node(kind("join"), 0);
  bench.graph.edge(source, 0, join, 0).bufferRows = 3;
  bench.graph.edge(source, 0, join, 1).bufferRows = 3;
  const auto result = bench.drive();
  CHECK(result.outcome == Outcome::deadlock);
  CHECK(result.exitCode() == 5);
  CHECK(result.error->code == "flow.deadlock");
  CHECK(result.error->message.find("'e1'") != std::string::npos);
  CHECK(result.error->message.find("'e0'") == std::string::npos);
}

TEST_CASE("the same with a spill edge ends") {
  Bench bench;
  const auto source = bench.graph.node(kinds().source, 4);
  const auto join = bench.graph.node(kind("join"), 0);
  bench.graph.edge(source, 0, join, 0).bufferRows = 3;
  auto& second = bench.graph.edge(source, 0, join, 1);
  second.bufferRows = 3;
  second.spill = true;
  CHECK(bench.drive().outcome == Outcome::done);
  CHECK(bench.run->metrics().edges[1].spilledBytes > 0);
}

/// Asks for a wake that nobody gives.
class Waiting final : public Task {
 public:
  Result<Progress> step(StepIo&) override { return Progress::blockedOn(0); }
};

TEST_CASE("a node that waits longer than its timeout fails the run") {
  const auto type =
      Kinds::typeOf("waiting", 0, Cardinality::source,
                    [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Waiting>(); });
  Bench bench;
  bench.graph.node(type, 0);
  bench.graph.plan.nodes[0].timeoutMs = 50;
  const auto result = bench.drive();
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.error->code == "node.timeout");
  CHECK(result.node == "waiting-0-0");
}

TEST_CASE("a run ends at its time limit") {
  const auto type =
      Kinds::typeOf("waiting", 0, Cardinality::source,
                    [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Waiting>(); });
  Bench bench;
  bench.graph.node(type, 0);
  bench.graph.plan.limits.maxRunMs = 20;
  const auto result = bench.drive();
  CHECK(result.exitCode() == 5);
  CHECK(result.error->code == "run.time_limit");
}

std::int64_t heard = 0;  // of the run that is under way

/// Gives rows forever, and hears which of them were taken.
class Told final : public Source {
 public:
  Result<Flow> pull(StepIo& io) override {
    if (io.room(0).rows <= 0) return Flow::again;
    Envelope envelope;
    envelope.firstSequence = static_cast<std::uint64_t>(++given_);
    io.emit(0, batchOf({given_}).withEnvelope(envelope));
    return Flow::more;
  }
  [[nodiscard]] bool wantsAcknowledgements() const override { return true; }
  void acknowledged(Partition, std::int64_t sequence) override { heard = std::max(heard, sequence); }

 private:
  std::int64_t given_ = 0;
};

TEST_CASE("R13: a source whose rows nobody wants any more has heard which of them were taken") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    heard = 0;
    const auto type =
        Kinds::typeOf("told", 0, Cardinality::source,
                      [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Told>(); });
    Bench bench(seed);
    const auto source = bench.graph.node(type, 0);
    const auto limit = bench.graph.node(kind("limit"), 5);
    const auto out = bench.graph.node(kinds().collect, 0);
    bench.graph.edge(source, 0, limit, 0);
    bench.graph.edge(limit, 0, out, 0);
    REQUIRE(bench.drive().outcome == Outcome::done);
    const auto taken = static_cast<std::int64_t>(bench.state.collected.begin()->second.size());
    CHECK(taken > 0);
    CHECK(heard >= taken);
  }
}

class Greedy final : public Source {
 public:
  explicit Greedy(NodeContext& context) : context_(context) {}
  Result<Flow> pull(StepIo&) override {
    WEIR_ASSIGN(auto more, context_.allocate(1 << 20));
    held_.push_back(std::move(more));
    return Flow::more;
  }

 private:
  NodeContext& context_;
  std::vector<Buffer> held_;
};

TEST_CASE("a run that asks for more memory than it may ends and names who holds it") {
  const auto type = Kinds::typeOf("greedy", 0, Cardinality::source, [](const json::Value&, NodeContext& context) {
    auto node = std::make_unique<Node>();
    Stage stage;
    stage.makeTask = [&context]() -> Result<std::unique_ptr<Task>> { return std::make_unique<Greedy>(context); };
    node->stages.push_back(std::move(stage));
    return Result<NodePtr>(std::move(node));
  });
  Bench bench;
  bench.graph.node(type, 0);
  bench.options.memoryLimitBytes = 16 << 20;
  const auto result = bench.drive();
  CHECK(result.outcome == Outcome::limit);
  CHECK(result.error->code == "memory.limit");
  CHECK(result.error->message.find("'greedy-0-0' (15 MiB)") != std::string::npos);
}

TEST_CASE("the result so far of a fold can be seen, and a preview runs nothing that writes") {
  auto writes = kind("collect");
  writes.touches = Touches::writes;
  Bench bench;
  const auto source = bench.graph.node(kinds().source, 4);
  const auto fold = bench.graph.node(kind("fold"), 0);
  bench.graph.edge(source, 0, fold, 0).bufferRows = 2;
  const auto collect = bench.graph.node(writes, 0);
  bench.graph.edge(fold, 0, collect, 0);
  bench.options.preview = true;
  std::optional<Batch> seen;
  bench.pool.watch([&](std::int64_t step) {
    if (step == 20) seen = bench.run ? bench.run->resultSoFar("fold-1-0") : std::nullopt;
  });
  CHECK(bench.drive().error.has_value() == false);
  CHECK(bench.state.collected.empty());
  CHECK(bench.run->resultSoFar("fold-1-0").has_value());
  CHECK(seen.has_value());
}

TEST_CASE("an edge behind the error port filters too") {
  Bench bench;
  const auto source = bench.graph.node(kinds().source, 4);
  const auto failing = bench.graph.node(kind("failing"), 0);
  bench.graph.edge(source, 0, failing, 0);
  const auto collect = bench.graph.node(kinds().collect, 0);
  bench.graph.edge(failing, 1, collect, 0).filter = "row.code == 'nothing'";
  CHECK(bench.drive().outcome == Outcome::done);
  CHECK(bench.run->metrics().edges[1].filtered > 0);
  CHECK(bench.state.collected["collect-2-0"].empty());
}

}  // namespace
}  // namespace weir::simulation_test
