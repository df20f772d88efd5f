// Property tests of durable edges: runs that lose power anywhere and go on lose nothing that was acknowledged, and
// publish nothing twice.
#include <doctest/doctest.h>

#include <numeric>

#include "tests/simulation/stopped-run.h"

namespace weir::simulation_test {
namespace {

/// A queue outside: it forgets what is acknowledged, and gives the rest again, in batches of any size.
class Feeding final : public Source {
 public:
  Feeding(std::string id, std::uint64_t seed)
      : acknowledged_(outside->acknowledged[id]), draw_(seed), rows_(1 + draw_.below(600)), first_(draw_.below(1000)) {
    given_ = acknowledged_;
  }
  Result<Flow> pull(StepIo& io) override {
    if (draining() || given_ == rows_) return Flow::done;
    if (io.room(0).rows <= 0 || io.room(0).bytes <= 0) return Flow::again;
    Numbers numbers(static_cast<std::size_t>(std::min(rows_ - given_, 1 + draw_.below(40))));
    std::iota(numbers.begin(), numbers.end(), first_ * 1000 + given_);
    Envelope envelope;
    envelope.firstSequence = static_cast<std::uint64_t>(given_ + 1);
    given_ += static_cast<std::int64_t>(numbers.size());
    io.emit(0, batchOf(numbers).withEnvelope(envelope));
    return Flow::more;
  }
  [[nodiscard]] bool wantsAcknowledgements() const override { return true; }
  void acknowledged(Partition, std::int64_t sequence) override {
    acknowledged_ = std::max(acknowledged_, sequence);
    given_ = std::max(given_, sequence);
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(given_); }

 private:
  std::int64_t& acknowledged_;
  Draw draw_;
  std::int64_t rows_, first_, given_ = 0;
};

const NodeType& feedingType() {
  static const NodeType type =
      Kinds::typeOf("feed", 0, Cardinality::source, [](const json::Value&, NodeContext& context) -> Result<NodePtr> {
        return makeNode<Feeding>(std::string(context.nodeId()), static_cast<std::uint64_t>(parameterOf(context)));
      });
  return type;
}

/// Some sources become queues, all of whose rows go into the journal; other edges are durable or not.
void makeDurable(Graph& graph, Draw& draw) {
  for (auto& edge : graph.plan.edges) edge.durable = draw.oneIn(3);
  for (std::size_t i = 0; i < graph.plan.nodes.size(); ++i) {
    if (!graph.plan.nodes[i].inputs.empty() || draw.oneIn(3)) continue;
    graph.plan.nodes[i].type = &feedingType();
    for (auto& edge : graph.plan.edges) edge.durable |= static_cast<std::size_t>(edge.source) == i;
  }
}

TEST_CASE("R1: with durable edges anywhere, a run that loses power and goes on publishes every row once") {
  std::int64_t stops = 0;
  std::int64_t refilled = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    auto graph = publishingGraph(seed, draw);
    if (graph.limits || dependsOnOrder(graph)) continue;
    makeDurable(graph, draw);
    Place calm(seed);
    REQUIRE(runOnce(calm, graph, 2, seed, true, -1).outcome == Outcome::done);
    const auto expected = rowsOf(calm, graph.merges);
    Place place(seed);
    RunResult result;
    for (int life = 0; life < 8; ++life) {
      const auto stopAt = life == 7 ? -1 : draw.oneIn(3) ? draw.below(12) : draw.below(calm.steps + 1);
      place.powerLostAt = life < 7 && draw.oneIn(3) ? draw.below(80) : -1;
      const auto workers = static_cast<int>(1 + draw.below(7));
      result = runOnce(place, graph, workers, seed * 7 + static_cast<std::uint64_t>(life), true, stopAt);
      if (place.store.cleared) break;
      if (result.outcome == Outcome::done) break;
      if (result.outcome == Outcome::failed) REQUIRE_MESSAGE(place.powerLostAt >= 0, result.error->message);
      ++stops;
    }
    REQUIRE_MESSAGE((result.outcome == Outcome::done || place.store.cleared),
                    (result.error ? result.error->message : "no error"));
    REQUIRE(rowsOf(place, graph.merges) == expected);
    refilled += place.refilled;
  }
  MESSAGE(stops << " stops, " << refilled << " refills");
  CHECK(stops > 500);
  CHECK(refilled > 100);
}

/// A queue outside with two partitions.
struct Queue {
  static constexpr std::int64_t kRows = 400;
  std::int64_t acknowledged[2] = {0, 0};
};
Queue* queue = nullptr;  // of the run that is made

/// The row `sequence` of a partition has the number 2 * sequence + partition.
class Consuming final : public Source {
 public:
  explicit Consuming(std::uint64_t seed) : draw_(seed) {
    for (int partition = 0; partition < 2; ++partition) next_[partition] = queue->acknowledged[partition] + 1;
  }
  Result<Flow> pull(StepIo& io) override {
    if (io.room(0).rows <= 0 || io.room(0).bytes <= 0) return Flow::again;
    const auto partition = next_[0] > Queue::kRows ? 1 : next_[1] > Queue::kRows ? 0 : draw_.below(2);
    auto& next = next_[partition];
    if (next > Queue::kRows) return Flow::done;
    Numbers numbers;
    const auto first = next;
    for (auto count = 1 + draw_.below(9); count > 0 && next <= Queue::kRows; --count, ++next)
      numbers.push_back(2 * next + partition);
    Envelope envelope;
    envelope.partition = static_cast<std::uint32_t>(partition);
    envelope.firstSequence = static_cast<std::uint64_t>(first);
    io.emit(0, batchOf(numbers).withEnvelope(envelope));
    return Flow::more;
  }
  [[nodiscard]] bool wantsAcknowledgements() const override { return true; }
  void acknowledged(Partition partition, std::int64_t sequence) override {
    queue->acknowledged[partition] = std::max(queue->acknowledged[partition], sequence);
    next_[partition] = std::max(next_[partition], sequence + 1);
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(0); }

 private:
  Draw draw_;
  std::int64_t next_[2];
};

const NodeType& consumingType() {
  static const NodeType type =
      Kinds::typeOf("consume", 0, Cardinality::source, [](const json::Value&, NodeContext& context) -> Result<NodePtr> {
        return makeNode<Consuming>(static_cast<std::uint64_t>(parameterOf(context)));
      });
  return type;
}

/// queue -> map -> publish, and beside it queue -> publish over a filter.
Graph queueGraph(Draw& draw) {
  Graph graph;
  const auto source = graph.node(consumingType(), draw.below(1000));
  const auto map = graph.node(kinds().inner[0], 0);
  const auto sink = graph.node(publishingType(), 0);
  const auto odd = graph.node(publishingType(), 1);
  graph.edge(source, 0, map, 0).durable = true;
  graph.edge(map, 0, sink, 0).durable = draw.oneIn(2);
  auto& filtered = graph.edge(source, 0, odd, 0);
  filtered.durable = true;
  filtered.filter = "row.n % 2 == 1";
  for (auto& edge : graph.plan.edges) edge.bufferRows = 1 + draw.below(200);
  graph.plan.flowId = "queue";
  graph.plan.checkpointRows = 1 + draw.below(200);
  graph.plan.checkpointEveryMs = 1 + draw.below(5);
  return graph;
}

TEST_CASE("R1: what a source was told is safe is never asked of it again, and comes out once") {
  std::int64_t stops = 0;
  std::int64_t early = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    auto graph = queueGraph(draw);
    Queue outsideQueue;
    queue = &outsideQueue;
    Place place(seed);
    RunResult result;
    for (int life = 0; life < 12; ++life) {
      place.powerLostAt = life < 11 && draw.oneIn(2) ? draw.below(150) : -1;
      const auto stopAt = life == 11 ? -1 : draw.below(260);
      const auto workers = static_cast<int>(1 + draw.below(5));
      result = runOnce(place, graph, workers, seed * 31 + static_cast<std::uint64_t>(life), true, stopAt);
      const auto published = place.outside.targets["publish-2-0"].rows.size();
      early += static_cast<std::int64_t>(published) < queue->acknowledged[0] + queue->acknowledged[1] ? 1 : 0;
      if (result.outcome == Outcome::done || place.store.cleared) break;
      if (result.outcome == Outcome::failed) REQUIRE_MESSAGE(place.powerLostAt >= 0, result.error->message);
      ++stops;
    }
    REQUIRE((result.outcome == Outcome::done || place.store.cleared));
    CHECK(queue->acknowledged[0] == Queue::kRows);
    CHECK(queue->acknowledged[1] == Queue::kRows);
    std::set<std::int64_t> all;
    for (const auto number : place.outside.targets["publish-2-0"].rows) REQUIRE(all.insert((number - 1) / 3).second);
    REQUIRE(static_cast<std::int64_t>(all.size()) == 2 * Queue::kRows);
    std::set<std::int64_t> odd;
    for (const auto number : place.outside.targets["publish-3-1"].rows) {
      REQUIRE(number % 2 == 1);
      REQUIRE(odd.insert(number).second);
    }
    REQUIRE(static_cast<std::int64_t>(odd.size()) == Queue::kRows);
  }
  MESSAGE(stops << " stops, " << early << " with rows acknowledged that nobody had published");
  CHECK(stops > 1000);
  CHECK(early > 500);
}

/// A connection: what it gave once is gone, and it has nobody to tell.
class Forgetting final : public Source {
 public:
  static constexpr std::int64_t kRows = 500;
  Forgetting(std::string id, std::uint64_t seed) : given_(outside->acknowledged[id]), draw_(seed) {}
  Result<Flow> pull(StepIo& io) override {
    if (draining() || given_ >= kRows) return Flow::done;
    if (io.room(0).rows <= 0 || io.room(0).bytes <= 0) return Flow::again;
    Numbers numbers(static_cast<std::size_t>(std::min(kRows - given_, 1 + draw_.below(9))));
    std::iota(numbers.begin(), numbers.end(), given_);
    given_ += static_cast<std::int64_t>(numbers.size());
    io.emit(0, batchOf(numbers));
    return Flow::more;
  }
  [[nodiscard]] bool sendsAgain() const override { return false; }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(0); }

 private:
  std::int64_t& given_;
  Draw draw_;
};

const NodeType& forgettingType() {
  static const NodeType type =
      Kinds::typeOf("forget", 0, Cardinality::source, [](const json::Value&, NodeContext& context) -> Result<NodePtr> {
        return makeNode<Forgetting>(std::string(context.nodeId()), static_cast<std::uint64_t>(parameterOf(context)));
      });
  return type;
}

TEST_CASE("R1: what got into the journal behind a source that forgets comes out of it, and once") {
  std::int64_t found = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    Graph graph;
    const auto source = graph.node(forgettingType(), draw.below(1000));
    const auto map = graph.node(kinds().inner[0], 0);
    const auto late = graph.node(publishingType(), 0);
    const auto direct = graph.node(publishingType(), 1);
    graph.edge(source, 0, map, 0);
    graph.edge(map, 0, late, 0).durable = true;
    graph.edge(source, 0, direct, 0).durable = true;
    for (auto& edge : graph.plan.edges) edge.bufferRows = 1 + draw.below(200);
    graph.plan.flowId = "connection";
    graph.plan.checkpointRows = 1 + draw.below(200);
    graph.plan.checkpointEveryMs = 1 + draw.below(5);
    Place place(seed);
    place.reads = true;
    RunResult result;
    for (int life = 0; life < 10; ++life) {
      place.powerLostAt = life < 9 && draw.oneIn(2) ? draw.below(150) : -1;
      const auto stopAt = life == 9 ? -1 : draw.below(260);
      result = runOnce(place, graph, static_cast<int>(1 + draw.below(5)), seed * 31 + static_cast<std::uint64_t>(life),
                       true, stopAt);
      if (result.outcome == Outcome::done || place.store.cleared) break;
      if (result.outcome == Outcome::failed) REQUIRE_MESSAGE(place.powerLostAt >= 0, result.error->message);
    }
    REQUIRE((result.outcome == Outcome::done || place.store.cleared));
    const auto& lateId = graph.plan.nodes[static_cast<std::size_t>(late)].id;
    for (const auto& edge : graph.plan.edges) {
      if (!edge.durable) continue;
      const auto& target = graph.plan.nodes[static_cast<std::size_t>(edge.target)].id;
      std::set<std::int64_t> published;
      for (const auto number : place.outside.targets[target].rows) REQUIRE(published.insert(number).second);
      for (const auto number : place.found[edge.id]) REQUIRE(published.contains(number));
      found += static_cast<std::int64_t>(place.found[edge.id].size());
      CHECK((target == lateId ? published.size() <= Forgetting::kRows : true));
    }
  }
  MESSAGE(found << " rows found in journals");
  CHECK(found > 1000);
}

}  // namespace
}  // namespace weir::simulation_test
