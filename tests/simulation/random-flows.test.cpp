// Property test of the runtime: random graphs, in simulation and on threads.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "hosts/native/native-clock.h"
#include "hosts/native/thread-workers.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "tests/simulation/random-graph.h"

namespace weir::simulation_test {
namespace {

struct Settings {
  int workers = 1;
  std::uint64_t seed = 0;
  RunMode mode = RunMode::async;
  std::int64_t drainAt = -1, cancelAt = -1;
};
struct Ran {
  RunResult result;
  RunMetrics metrics;
  World world;
};

RunOptions optionsOf(const Settings& settings, Letters& letters) {
  RunOptions options;
  options.mode = settings.mode;
  options.deadLetters = &letters;
  options.executionLogBytes = 1 << 12;
  return options;
}

constexpr std::int64_t kTooManySteps = 3'000'000;

void simulate(const Graph& graph, const Settings& settings, Ran& ran) {
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool(settings.workers, settings.seed, clock, &ran.world.calls);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  world = &ran.world;
  Letters letters(ran.world);
  auto run = Run::make(graph.plan, optionsOf(settings, letters), hosts, pool);
  REQUIRE(run.has_value());
  pool.watch([&](std::int64_t step) {
    if (step == settings.drainAt) (*run)->drain();
    if (step == settings.cancelAt || step > kTooManySteps) (*run)->cancel();
  });
  ran.result = (*run)->drive();
  ran.metrics = (*run)->metrics();
}

/// Ends host calls from another thread, as a host does.
void onThreads(const Graph& graph, const Settings& settings, Ran& ran) {
  native::NativeClock clock;
  simulation::SimulatedFiles files;
  native::ThreadWorkers pool(settings.workers, clock);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  world = &ran.world;
  Letters letters(ran.world);
  auto run = Run::make(graph.plan, optionsOf(settings, letters), hosts, pool);
  REQUIRE(run.has_value());
  std::atomic<bool> over{false};
  std::jthread host([&] {
    std::int64_t looks = 0;
    while (!over.load()) {
      while (ran.world.calls.pending() > 0) ran.world.calls.finish(ran.world.calls.pending() / 2);
      static_cast<void>((*run)->metrics());
      if (++looks == settings.drainAt) (*run)->drain();
      if (looks == settings.cancelAt) (*run)->cancel();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  });
  ran.result = (*run)->drive();
  over.store(true);
  host.join();
  ran.metrics = (*run)->metrics();
}

/// Two rows of one node never have one trace id.
bool allDifferent(const Ran& ran) {
  for (const auto& [node, traces] : ran.world.traces) {
    auto sorted = traces;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) return false;
  }
  return true;
}

std::string broken(bool good, const std::string& what) { return good ? std::string() : what + "; "; }

/// Both equations of semantics.md (Conservation), and the bounds; empty if they hold.
std::string faultsOf(const Graph& graph, const Ran& ran) {
  std::string faults;
  std::vector<std::int64_t> taken(graph.plan.nodes.size());
  std::vector<std::int64_t> highest(graph.plan.nodes.size(), 20'000);  // what one step may give at most
  std::int64_t failed = 0;
  const auto& metrics = ran.metrics;
  for (std::size_t i = 0; i < graph.plan.edges.size(); ++i) {
    const auto& planned = graph.plan.edges[i];
    const auto& edge = metrics.edges[i];
    const auto sum = edge.taken + edge.filtered + edge.dropped + edge.discarded + edge.failed + edge.held;
    faults += broken(edge.offered == sum, edge.id + " loses rows");
    faults += broken(edge.dropped == edge.droppedByRule.total(), edge.id + " drops rows for no reason");
    faults += broken(edge.taken >= 0 && edge.held >= 0 && edge.heldBytes >= 0, edge.id + " counts below zero");
    if (ran.result.outcome == Outcome::done) faults += broken(edge.held == 0, edge.id + " still holds rows");
    taken[static_cast<std::size_t>(planned.target)] += edge.taken;
    failed += edge.failed;
    const auto& producer = graph.plan.nodes[static_cast<std::size_t>(planned.source)];
    const bool ofSource = producer.type->cardinality == Cardinality::source;
    const auto step = ofSource ? 64 : highest[static_cast<std::size_t>(planned.source)];
    faults += broken(edge.highWaterRows <= planned.bufferRows + step, edge.id + " passes its bound");
    if (planned.sourcePort + 1U == producer.outputs.size()) failed -= edge.offered;
  }
  for (std::size_t i = 0; i < graph.plan.nodes.size(); ++i) {
    const auto& node = metrics.nodes[i];
    faults += broken(node.rowsIn == taken[i], node.id + " takes other rows than its edges gave");
    if (graph.plan.nodes[i].type->cardinality == Cardinality::one) {
      faults += broken(node.rowsOut == node.rowsIn - node.failed, node.id + " loses rows");
    }
    failed += node.failed;
  }
  faults += broken(graph.merges || allDifferent(ran), "rows share a trace id");
  faults += broken(failed == ran.result.deadLetters, "failed rows are not where they belong");
  faults += broken(ran.world.letterCount == ran.result.deadLetters, "dead letters are lost");
  return faults;
}

int seedsToTry(int all) { return std::getenv("WEIR_FAST") != nullptr ? all / 20 : all; }
constexpr int kWorkers[] = {1, 2, 7};

std::uint64_t hashOf(const Ran& ran) {
  std::uint64_t sum = 1;
  for (const auto* part : {&ran.world.collected, &ran.world.letters}) {
    for (const auto& [name, numbers] : *part) {
      sum = hash::combine(sum, hash::ofBytes(name));
      for (const auto number : numbers) sum = hash::combine(sum, hash::ofInt64(number));
    }
  }
  return sum;
}

void checkSame(const Graph& graph, const Ran& one, const Ran& other) {
  REQUIRE(one.world.collected == other.world.collected);
  // Behind an early end it depends on the order of the steps how much those before it did.
  if (graph.limits) return;
  REQUIRE(one.world.letters == other.world.letters);
  REQUIRE(one.world.traces == other.world.traces);
}

TEST_CASE("random flows keep every row, keep their bounds, and end, whatever the order of the steps") {
  for (int seed = 1; seed <= seedsToTry(10'000); ++seed) {
    CAPTURE(seed);
    const auto chosen = static_cast<std::uint64_t>(seed);
    const auto graph = Graph::random(chosen);
    Draw draw(chosen);
    Settings settings;
    settings.workers = kWorkers[draw.below(3)];
    settings.seed = chosen;
    settings.mode = draw.oneIn(4) ? RunMode::sync : RunMode::async;
    if (draw.oneIn(8)) settings.drainAt = draw.below(100);
    if (draw.oneIn(16)) settings.cancelAt = draw.below(200);
    Ran ran;
    simulate(graph, settings, ran);
    REQUIRE(faultsOf(graph, ran) == "");
    REQUIRE(ran.result.outcome == (settings.cancelAt >= 0 && ran.result.error ? Outcome::cancelled : Outcome::done));
    if (seed % 4 == 0) {
      Ran again;
      simulate(graph, settings, again);
      REQUIRE(hashOf(ran) == hashOf(again));
    }
    const bool fixed = !graph.merges || (settings.mode == RunMode::sync && !graph.waits);
    if (seed % 4 == 1 && fixed && settings.drainAt < 0 && settings.cancelAt < 0) {
      Settings others = settings;
      others.seed = chosen + 77;
      others.workers = kWorkers[draw.below(3)];
      Ran other;
      simulate(graph, others, other);
      checkSame(graph, ran, other);
    }
  }
}

TEST_CASE("random flows whose edges shed, reorder and wait keep both equations and their bounds, and end") {
  for (int seed = 1; seed <= seedsToTry(6'000); ++seed) {
    CAPTURE(seed);
    const auto chosen = static_cast<std::uint64_t>(seed);
    auto graph = Graph::random(chosen);
    Draw draw(chosen + 11);
    for (auto& edge : graph.plan.edges) giveRules(edge, draw);
    Settings settings;
    settings.workers = kWorkers[draw.below(3)];
    settings.seed = chosen;
    settings.mode = draw.oneIn(4) ? RunMode::sync : RunMode::async;
    if (draw.oneIn(8)) settings.drainAt = draw.below(100);
    if (draw.oneIn(16)) settings.cancelAt = draw.below(200);
    Ran ran;
    simulate(graph, settings, ran);
    CAPTURE((ran.result.error ? ran.result.error->message : std::string()));
    REQUIRE(faultsOf(graph, ran) == "");
    REQUIRE(ran.result.outcome == (settings.cancelAt >= 0 && ran.result.error ? Outcome::cancelled : Outcome::done));
    if (seed % 4 == 0) {
      Ran again;
      simulate(graph, settings, again);
      REQUIRE(hashOf(ran) == hashOf(again));
    }
    if (seed % 20 == 1) {
      Ran threaded;
      onThreads(graph, settings, threaded);
      REQUIRE(faultsOf(graph, threaded) == "");
    }
  }
}

TEST_CASE("random flows on threads give what they give in simulation") {
  for (int seed = 1; seed <= seedsToTry(300); ++seed) {
    CAPTURE(seed);
    const auto chosen = static_cast<std::uint64_t>(seed);
    const auto graph = Graph::random(chosen);
    Draw draw(chosen + 3);
    Settings settings;
    settings.workers = kWorkers[seed % 3];
    if (draw.oneIn(12)) settings.drainAt = draw.below(20);
    if (draw.oneIn(12)) settings.cancelAt = draw.below(20);
    Ran ran;
    onThreads(graph, settings, ran);
    REQUIRE(faultsOf(graph, ran) == "");
    if (graph.merges || settings.drainAt >= 0 || settings.cancelAt >= 0) continue;
    Ran simulated;
    simulate(graph, Settings{}, simulated);
    checkSame(graph, ran, simulated);
  }
}

}  // namespace
}  // namespace weir::simulation_test
