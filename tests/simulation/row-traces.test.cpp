// Traces of sampled rows: through branches, failures, error ports and folds.
#include <doctest/doctest.h>

#include <set>

#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "tests/simulation/random-graph.h"

namespace weir::simulation_test {
namespace {

using Ids = std::set<std::pair<std::uint64_t, std::uint64_t>>;

const NodeType& kind(std::string_view id) {
  for (const auto& type : kinds().inner) {
    if (type.id.substr(5) == id) return type;
  }
  return kinds().collect;
}

struct Traced {
  Graph graph;
  World state;
  TracedRun traces;
  RunResult result;

  void drive(std::int64_t every, std::uint64_t seed, std::int64_t bytes = 16 << 20, int workers = 3) {
    simulation::SimulatedClock clock;
    simulation::SimulatedFiles files;
    simulation::SimulatedWorkers pool(workers, seed, clock, &state.calls);
    Hosts hosts;
    hosts.add<Clock>(clock);
    hosts.add<Files>(files);
    world = &state;
    RunOptions options;
    options.runId = "traced";
    options.traceEvery = every;
    options.traceBytes = bytes;
    graph.plan.maxErrors = 1'000'000;
    auto run = Run::make(graph.plan, options, hosts, pool);
    REQUIRE(run.has_value());
    result = (*run)->drive();
    traces = (*run)->traces();
  }
  Ids ids(std::int32_t node, std::vector<TraceId> TraceStep::* which) const {
    Ids out;
    for (const auto& step : traces.steps) {
      if (step.node != node) continue;
      for (const auto id : step.*which) out.emplace(id.high, id.low);
    }
    return out;
  }
  Ids given(std::int32_t node, std::uint8_t port) const {
    Ids out;
    for (const auto& step : traces.steps) {
      for (const auto& row : step.given) {
        if (step.node == node && row.port == port) out.emplace(row.row.high, row.row.low);
      }
    }
    return out;
  }
};

TEST_CASE("every node knows the same sampled rows, whatever the order of the steps, and branches both have them") {
  std::optional<Ids> before;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Traced run;
    const auto source = run.graph.node(kinds().source, 5);
    const auto map = run.graph.node(kind("map"), 0);
    const auto failing = run.graph.node(kind("failing"), 0);
    const auto left = run.graph.node(kinds().collect, 0), right = run.graph.node(kinds().collect, 0);
    run.graph.edge(source, 0, map, 0);
    run.graph.edge(map, 0, failing, 0);
    run.graph.edge(map, 0, left, 0);
    run.graph.edge(failing, 0, right, 0);
    run.drive(5, seed, 16 << 20, static_cast<int>(1 + seed % 4));
    const auto taken = &TraceStep::taken;
    const auto from = run.given(source, 0);
    CHECK(!from.empty());
    CHECK(from.size() < run.state.collected["collect-3-0"].size() / 2);
    CHECK(run.ids(map, taken) == from);
    CHECK(run.given(map, 0) == from);
    CHECK(run.ids(left, taken) == from);
    // Each goes on or has failed.
    auto passed = run.given(failing, 0);
    CHECK(run.ids(right, taken) == passed);
    for (const auto& id : run.ids(failing, &TraceStep::failed)) CHECK(passed.insert(id).second);
    CHECK(passed == from);
    if (before) CHECK(*before == from);
    before = from;
  }
}

TEST_CASE("a row that failed is followed behind the error port") {
  Traced run;
  const auto source = run.graph.node(kinds().source, 5);
  const auto failing = run.graph.node(kind("failing"), 0);
  const auto errors = run.graph.node(kinds().collect, 0);
  run.graph.edge(source, 0, failing, 0);
  run.graph.edge(failing, 1, errors, 0);
  run.drive(3, 2);
  const auto failed = run.ids(failing, &TraceStep::failed);
  CHECK(!failed.empty());
  const auto seen = run.ids(errors, &TraceStep::taken);
  for (const auto& id : failed) CHECK(seen.contains(id));
}

TEST_CASE("what a fold makes of sampled rows is followed, and says which they were, up to a bound") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Traced run;
    const auto source = run.graph.node(kinds().source, 5);
    const auto fold = run.graph.node(kind("fold"), 0);
    const auto collect = run.graph.node(kinds().collect, 0);
    run.graph.edge(source, 0, fold, 0);
    run.graph.edge(fold, 0, collect, 0);
    run.drive(2, seed);
    const auto made = run.ids(fold, &TraceStep::made);
    CHECK(made.size() == 1);
    CHECK(run.ids(collect, &TraceStep::taken) == made);
    const auto parents = run.ids(fold, &TraceStep::parents), taken = run.ids(fold, &TraceStep::taken);
    CHECK(!parents.empty());
    CHECK(parents.size() <= 64);
    for (const auto& id : parents) CHECK(taken.contains(id));
    std::int64_t beyond = 0;
    for (const auto& step : run.traces.steps) beyond += step.parentsBeyond;
    const auto failed = run.ids(fold, &TraceStep::failed);
    CHECK(static_cast<std::int64_t>(parents.size() + failed.size()) + beyond ==
          static_cast<std::int64_t>(taken.size()));
  }
}

TEST_CASE("at 1 in 1 all rows are traced, off none, and within a bound the newest steps are kept") {
  for (const std::int64_t every : {0, 1}) {
    Traced run;
    const auto source = run.graph.node(kinds().source, 5);
    const auto collect = run.graph.node(kinds().collect, 0);
    run.graph.edge(source, 0, collect, 0);
    run.drive(every, 1);
    const auto rows = run.state.collected["collect-1-0"].size();
    CHECK(run.ids(collect, &TraceStep::taken).size() == (every == 0 ? 0 : rows));
    if (every == 0) continue;
    Traced small;
    small.graph = run.graph;
    small.drive(1, 1, 2000);
    CHECK(small.traces.forgotten > 0);
    CHECK(small.traces.steps.size() < run.traces.steps.size());
    CHECK(!small.traces.steps.empty());
  }
}

}  // namespace
}  // namespace weir::simulation_test
