// Runs of small graphs of nodes made in memory.
#include "engine/runtime/run.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/packet.h"
#include "engine/runtime/row-node-type.test.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir {
namespace {

struct Collected {
  std::vector<std::int64_t> numbers;
  std::vector<ErrorPacket> errors;
};
Collected* sink = nullptr;  // of the test that runs

Batch numbersFrom(std::int64_t first, std::int64_t count) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    rows.push_back(Value::map({{Value::string("n"), Value::int64(first + i)}}));
  }
  Envelope envelope;
  envelope.firstSequence = static_cast<std::uint64_t>(first);
  return batchOfRows(rows, MemoryAccount::unlimited())->withEnvelope(envelope);
}

class Counting final : public Source {
 public:
  Counting(std::int64_t total, std::int64_t step) : total_(total), step_(step) {}
  Result<Flow> pull(StepIo& io) override {
    if (draining() || next_ >= total_) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    const auto count = std::min(step_, total_ - next_);
    io.emit(0, numbersFrom(next_, count));
    next_ += count;
    return Flow::more;
  }

 private:
  std::int64_t total_, step_, next_ = 0;
};

class Odd final : public Stateless {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    std::vector<std::uint32_t> odd;
    std::vector<std::uint32_t> bad;
    const auto numbers = batch.column(0).ints();
    for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(batch.rows()); ++row) {
      if (numbers[row] % 100 == 7) {
        bad.push_back(row);
      } else if (numbers[row] % 2 == 1) {
        odd.push_back(row);
      }
    }
    if (!bad.empty()) io.fail(bad, Error{"cel.divide_by_zero", "seven"});
    WEIR_ASSIGN(auto kept, batch.gather(odd));
    io.emit(0, std::move(kept));
    return Flow::more;
  }
};

class Collect final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo&) override {
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      if (batch.schema() == errorSchema()) {
        sink->errors.push_back(errorPacketOf(batch, row));
      } else {
        sink->numbers.push_back(batch.column(0).ints()[static_cast<std::size_t>(row)]);
      }
    }
    return Flow::more;
  }
};

class First final : public Transform {
 public:
  explicit First(std::int64_t count) : left_(count) {}
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    const auto taken = std::min(left_, batch.rows());
    left_ -= taken;
    io.emit(0, batch.slice(0, taken));
    return left_ == 0 ? Flow::done : Flow::more;
  }

 private:
  std::int64_t left_;
};

struct Graph {
  NodeType source = testing::rowNodeType("test/source", false, true, Cardinality::filter,
                                         [](const json::Value&, NodeContext&) -> Result<NodePtr> {
                                           return makeNode<Counting>(std::int64_t{10'000}, std::int64_t{37});
                                         });
  NodeType odd =
      testing::rowNodeType("test/odd", true, true, Cardinality::filter,
                           [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeStateless<Odd>(); });
  NodeType first = testing::rowNodeType(
      "test/first", true, true, Cardinality::filter,
      [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<First>(std::int64_t{50}); });
  NodeType collect =
      testing::rowNodeType("test/collect", true, false, Cardinality::filter,
                           [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Collect>(); });
  Plan plan;

  void node(std::string id, const NodeType& type) {
    PlannedNode planned;
    planned.id = std::move(id);
    planned.type = &type;
    planned.inputs = type.inputs;
    planned.outputs = type.outputs;
    planned.depth = static_cast<int>(plan.nodes.size());
    plan.nodes.push_back(std::move(planned));
  }
  void edge(std::int32_t from, Port port, std::int32_t to) {
    PlannedEdge planned;
    planned.id = "e" + std::to_string(plan.edges.size());
    planned.source = from;
    planned.sourcePort = port;
    planned.target = to;
    plan.edges.push_back(std::move(planned));
  }
};

struct Finished {
  RunResult result;
  RunMetrics metrics;
};

Finished runOf(const Plan& plan, int workers, std::uint64_t seed, std::int64_t edgeRows, RunOptions options = {}) {
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool(workers, seed, clock, &files);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  options.edgeRows = edgeRows;
  auto run = Run::make(plan, std::move(options), hosts, pool);
  REQUIRE(run.has_value());
  auto result = (*run)->drive();
  return {std::move(result), (*run)->metrics()};
}

void checkConservation(const RunMetrics& metrics) {
  for (const auto& edge : metrics.edges) {
    CAPTURE(edge.id);
    CHECK(edge.offered == edge.taken + edge.filtered + edge.dropped + edge.discarded + edge.failed + edge.held);
  }
}

TEST_CASE("a flow of three nodes keeps every row, in order, whatever the seed and the number of workers") {
  for (const int workers : {1, 2, 7}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Graph graph;
      graph.node("source", graph.source);
      graph.node("odd", graph.odd);
      graph.node("collect", graph.collect);
      graph.edge(0, 0, 1);
      graph.edge(1, 0, 2);
      Collected got;
      sink = &got;
      const auto done = runOf(graph.plan, workers, seed, 100);
      CHECK(done.result.outcome == Outcome::done);
      CHECK(done.result.deadLetters == 100);
      CHECK(done.result.exitCode() == 3);
      REQUIRE(got.numbers.size() == 4900);
      CHECK(std::ranges::is_sorted(got.numbers));
      checkConservation(done.metrics);
    }
  }
}

TEST_CASE("failed rows go to the error port when it is wired") {
  Graph graph;
  graph.node("source", graph.source);
  graph.node("odd", graph.odd);
  graph.node("collect", graph.collect);
  graph.edge(0, 0, 1);
  graph.edge(1, 1, 2);
  Collected got;
  sink = &got;
  const auto done = runOf(graph.plan, 2, 5, 100);
  CHECK(done.result.exitCode() == 0);
  REQUIRE(got.errors.size() == 100);
  CHECK(got.errors[1].nodeId == "odd");
  CHECK(got.errors[1].row.find("n")->int64() == 107);
  CHECK(got.errors[1].traceId.size() == 32);
}

TEST_CASE("a node that is done ends those before it") {
  Graph graph;
  graph.node("source", graph.source);
  graph.node("first", graph.first);
  graph.node("collect", graph.collect);
  graph.edge(0, 0, 1);
  graph.edge(1, 0, 2);
  Collected got;
  sink = &got;
  const auto done = runOf(graph.plan, 1, 0, 100);
  CHECK(done.result.exitCode() == 0);
  CHECK(got.numbers.size() == 50);
  CHECK(done.metrics.nodes[0].rowsOut < 10'000);
  checkConservation(done.metrics);
}

TEST_CASE("an edge filters and transforms on the wire, and a row it cannot compute is a dead letter of the edge") {
  Graph graph;
  graph.node("source", graph.source);
  graph.node("collect", graph.collect);
  graph.edge(0, 0, 1);
  graph.plan.edges[0].filter = "row.n % 1000 == 0 && 10 / row.n >= 0";
  graph.plan.edges[0].transform = "{'n': row.n + 1}";
  Collected got;
  sink = &got;
  const auto done = runOf(graph.plan, 1, 0, 0);
  CHECK(done.result.deadLetters == 1);
  REQUIRE(done.result.errorsByCode.size() == 1);
  CHECK(done.result.errorsByCode[0].first == "cel.divide_by_zero");
  CHECK(got.numbers == std::vector<std::int64_t>{1001, 2001, 3001, 4001, 5001, 6001, 7001, 8001, 9001});
  checkConservation(done.metrics);
}

TEST_CASE("too many failed rows end the run") {
  Graph graph;
  graph.node("source", graph.source);
  graph.node("odd", graph.odd);
  graph.node("collect", graph.collect);
  graph.edge(0, 0, 1);
  graph.edge(1, 0, 2);
  Collected got;
  sink = &got;
  RunOptions options;
  options.maxErrors = 3;
  const auto done = runOf(graph.plan, 1, 0, 100, std::move(options));
  CHECK(done.result.outcome == Outcome::tooManyErrors);
  CHECK(done.result.exitCode() == 4);
}

}  // namespace
}  // namespace weir
