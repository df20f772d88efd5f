// Property tests of checkpoints: runs that are stopped anywhere and go on give what an undisturbed run gives, once.
#include <doctest/doctest.h>

#include <set>

#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "tests/simulation/random-graph.h"
#include "tests/simulation/two-phase-sink.h"

namespace weir::simulation_test {
namespace {

struct Place {
  explicit Place(std::uint64_t seed) : store(clock, seed) {}
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  LateStore store;
  Outside outside;
  World world;
  std::int64_t steps = 0, checkpoints = 0;
  std::int64_t askAt = -1;                   // before this step a checkpoint is asked for
  std::int64_t jumpEvery = 0, nextJump = 1;  // steps between two changes of the clock
};

/// One run, stopped before step `stopAt` (-1: never).
RunResult runOnce(Place& place, const Graph& graph, int workers, std::uint64_t seed, bool keeps, std::int64_t stopAt) {
  world = &place.world;
  outside = &place.outside;
  BothCalls calls(place.world.calls, place.store);
  simulation::SimulatedWorkers pool(workers, seed, place.clock, &calls);
  Hosts hosts;
  hosts.add<Clock>(place.clock);
  hosts.add<Files>(place.files);
  RunOptions options;
  options.maxErrors = 1'000'000;
  if (keeps) options.state = &place.store;
  options.resume = true;
  auto run = Run::make(graph.plan, std::move(options), hosts, pool);
  REQUIRE(run.has_value());
  pool.watch([&](std::int64_t step) {
    place.steps = step;
    // As a kill does, or in order.
    if (step == stopAt && seed % 3 == 0) (*run)->stopAtCheckpoint();
    if (step == stopAt && seed % 3 != 0) (*run)->cancel();
    if (step == place.askAt) (*run)->checkpointNow();
    if (place.jumpEvery > 0 && step >= place.nextJump)
      place.nextJump = step + place.jumpEvery, place.clock.jump((step % 3 - 1) * 3'600'000'000);
    REQUIRE(step < 3'000'000);
  });
  auto result = (*run)->drive();
  for (const auto& event : (*run)->events(0)) place.checkpoints += event.kind == "checkpoint.done" ? 1 : 0;
  run->reset();
  // What was under way is lost with its process.
  place.store.forgetCalls();
  while (place.world.calls.pending() > 0) place.world.calls.finish(0);
  return result;
}

Graph publishingGraph(std::uint64_t seed, Draw& draw) {
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
bool dependsOnOrder(const Graph& graph) {
  return graph.merges && std::ranges::any_of(graph.plan.nodes, [](const PlannedNode& node) {
           return node.type->id == "test/join" || node.type->id == "test/sum";
         });
}

std::map<std::string, Numbers> rowsOf(const Place& place, bool sorted) {
  std::map<std::string, Numbers> out;
  for (const auto& [id, target] : place.outside.targets) {
    out[id] = target.rows;
    if (sorted) std::ranges::sort(out[id]);
  }
  return out;
}

TEST_CASE("R1, R3: a run that is stopped anywhere, also while it is restored, and goes on publishes every row once") {
  std::int64_t checkpoints = 0;
  std::int64_t stops = 0;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const auto graph = publishingGraph(seed, draw);
    if (graph.limits || dependsOnOrder(graph)) continue;
    Place calm(seed);
    REQUIRE(runOnce(calm, graph, 2, seed, true, -1).outcome == Outcome::done);
    CHECK(calm.store.entries() == 0);
    const auto expected = rowsOf(calm, graph.merges);
    Place place(seed);
    place.store.failures = draw.oneIn(3) ? 20 : 0;
    RunResult result;
    for (int life = 0; life < 6; ++life) {
      // Half of the stops come early: while the state is read, restored and confirmed.
      const auto stopAt = life == 5 ? -1 : draw.oneIn(2) ? draw.below(12) : draw.below(calm.steps + 1);
      const auto workers = static_cast<int>(1 + draw.below(7));
      result = runOnce(place, graph, workers, seed * 7 + static_cast<std::uint64_t>(life), true, stopAt);
      if (result.outcome != Outcome::cancelled || place.store.cleared) break;
      ++stops;
    }
    if (result.outcome == Outcome::failed && place.store.failures > 0) {
      CHECK(result.error->code == "state.unavailable");
      place.store.failures = 0;
      result = runOnce(place, graph, 3, seed, true, -1);
    }
    REQUIRE((result.outcome == Outcome::done || place.store.cleared));
    REQUIRE(rowsOf(place, graph.merges) == expected);
    if (place.store.failures == 0) CHECK(place.store.entries() == 0);
    checkpoints += place.checkpoints;
  }
  CHECK(checkpoints > 5000);
  CHECK(stops > 3000);
}

TEST_CASE("R21: a checkpoint that is asked for is made at once, and the run goes on") {
  std::int64_t calmly = 0, asked = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    auto graph = publishingGraph(seed, draw);
    if (graph.limits || dependsOnOrder(graph)) continue;
    // By itself it makes none before its end.
    graph.plan.checkpointRows = 1'000'000'000;
    graph.plan.checkpointEveryMs = 86'400'000;
    Place calm(seed), place(seed);
    REQUIRE(runOnce(calm, graph, 2, seed, true, -1).outcome == Outcome::done);
    place.askAt = draw.below(calm.steps + 1);
    REQUIRE(runOnce(place, graph, 2, seed, true, -1).outcome == Outcome::done);
    CHECK(rowsOf(place, graph.merges) == rowsOf(calm, graph.merges));
    CHECK(place.store.entries() == 0);
    CHECK(place.checkpoints >= calm.checkpoints);
    calmly += calm.checkpoints;
    asked += place.checkpoints;
  }
  CHECK(asked > calmly + 50);
}

TEST_CASE("R15: a clock that is set forward and back stops neither the rows nor the checkpoints") {
  std::int64_t checkpoints = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const auto graph = publishingGraph(seed, draw);
    if (graph.limits || dependsOnOrder(graph)) continue;
    Place calm(seed);
    REQUIRE(runOnce(calm, graph, 2, seed, true, -1).outcome == Outcome::done);
    Place place(seed);
    place.jumpEvery = 1 + draw.below(40);
    REQUIRE(runOnce(place, graph, 2, seed + 9, true, -1).outcome == Outcome::done);
    CHECK(rowsOf(place, graph.merges) == rowsOf(calm, graph.merges));
    // Seconds of work, not the hours that the clock was set by.
    const bool asksTheClock =
        std::ranges::any_of(graph.plan.nodes, [](const PlannedNode& node) { return node.type->id == "test/slow"; });
    CHECK((asksTheClock || place.clock.steadyNanos() / 1000 - 1'750'000'000'000'000 < 60'000'000));
    checkpoints += place.checkpoints;
  }
  CHECK(checkpoints > 300);
}

/// Numbers its rows in two partitions, and hears which of them are safe.
struct Heard {
  std::map<Partition, std::int64_t> upTo, given;
  bool ahead = false;
};
Heard* heard = nullptr;

class Owing final : public Source {
 public:
  Result<Flow> pull(StepIo& io) override {
    if (left_ == 0) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    const auto partition = static_cast<Partition>(left_ % 2);
    const auto rows = std::min<std::int64_t>(left_, 1 + left_ % 5);
    Envelope envelope;
    envelope.partition = partition;
    envelope.firstSequence = static_cast<std::uint64_t>(heard->given[partition] + 1);
    io.emit(0, batchOf(Numbers(static_cast<std::size_t>(rows), left_)).withEnvelope(std::move(envelope)));
    heard->given[partition] += rows;
    left_ -= rows;
    return Flow::more;
  }
  [[nodiscard]] bool wantsAcknowledgements() const override { return true; }
  void acknowledged(Partition partition, std::int64_t sequence) override {
    heard->ahead |= sequence > heard->given[partition] || sequence <= heard->upTo[partition];
    heard->upTo[partition] = sequence;
  }

 private:
  std::int64_t left_ = 500;
};

TEST_CASE("a source hears of every row that its edges have taken, in order, before it ends") {
  const auto owing =
      Kinds::typeOf("owing", 0, Cardinality::source,
                    [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Owing>(); });
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    Heard told;
    heard = &told;
    Graph graph;
    const auto source = graph.node(owing, 0);
    const auto collect = graph.node(kinds().collect, 0);
    graph.edge(source, 0, collect, 0).bufferRows = 1 + static_cast<std::int64_t>(seed % 50);
    graph.plan.flowId = "owing";
    Place place(seed);
    REQUIRE(runOnce(place, graph, static_cast<int>(1 + seed % 7), seed, seed % 2 == 0, -1).outcome == Outcome::done);
    CHECK(!told.ahead);
    CHECK(told.upTo == told.given);
    CHECK(told.given[0] + told.given[1] == 500);
  }
}

}  // namespace
}  // namespace weir::simulation_test
