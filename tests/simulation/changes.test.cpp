// R16: random flows that are changed at random while rows flow: nothing is lost or counted twice, and what did not
// change keeps its tasks.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "hosts/native/native-clock.h"
#include "hosts/native/thread-workers.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "tests/simulation/random-graph.h"

namespace weir::simulation_test {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

/// A graph and what a person does with it, one version after the other.
class Editor {
 public:
  Editor(Graph first, std::uint64_t seed) : graph(std::move(first)), draw_(seed * 31 + 7) { note(); }

  /// The next version.
  const Plan& edit() {
    before_ = graph.plan;
    for (auto edits = 1 + draw_.below(3); edits > 0; --edits) editOnce();
    setDepths();
    note();
    return graph.plan;
  }

  /// The run has not taken it.
  void undo() {
    for (const auto& node : graph.plan.nodes) {
      if (!std::ranges::contains(before_.nodes, node.id, &PlannedNode::id)) touched.insert(node.id);
    }
    graph.plan = before_;
  }

  Graph graph;
  std::set<std::string> touched;                 // nodes that some version had otherwise
  std::set<std::string> ofErrors;                // edges of error ports, of all versions
  std::map<std::string, const NodeType*> types;  // of all nodes there ever were

 private:
  void note() {
    for (const auto& node : graph.plan.nodes) types.emplace(node.id, node.type);
    for (const auto& edge : graph.plan.edges) {
      if (edge.sourcePort + 1U == graph.plan.nodes[at(edge.source)].outputs.size()) ofErrors.insert(edge.id);
    }
  }
  [[nodiscard]] std::string fresh(std::string_view what) { return std::string(what) + std::to_string(++made_); }
  PlannedNode& anyNode() {
    return graph.plan.nodes[at(static_cast<std::int32_t>(draw_.below(std::ssize(graph.plan.nodes))))];
  }
  std::int32_t add(const NodeType& type) {
    const auto index = graph.node(type, 0);
    graph.plan.nodes.back().id = fresh(type.id.substr(5) + "-x") + "-" + std::to_string(draw_.below(1000));
    return index;
  }
  PlannedEdge& connect(std::int32_t from, std::int32_t to) {
    auto& edge = graph.edge(from, 0, to, 0);
    edge.id = fresh("x");
    edge.onRemove = static_cast<OnRemove>(draw_.below(3));
    return edge;
  }
  void editOnce() {
    auto& edges = graph.plan.edges;
    const auto kind = draw_.below(8);
    if (kind <= 1) return changeNode();
    if (kind == 2) return addSink();
    if (edges.empty()) return;
    const auto which = static_cast<std::size_t>(draw_.below(std::ssize(edges)));
    if (kind <= 4) {
      dress(edges[which], draw_);
      if (ofErrors.contains(edges[which].id)) edges[which].filter = edges[which].transform = "";
    }
    if (kind == 5 && !ofErrors.contains(edges[which].id)) return putBetween(which);
    if (kind == 6) edges[which].id = renamed(which);
    if (kind == 7) removeSink(which);
  }
  std::string renamed(std::size_t which) {
    const auto id = fresh("x");
    if (ofErrors.contains(graph.plan.edges[which].id)) ofErrors.insert(id);
    return id;
  }
  void changeNode() {
    auto& node = anyNode();
    touched.insert(node.id);
    if (draw_.oneIn(3) && node.type->cardinality == Cardinality::one && node.inputs.size() == 1) {
      node.bypass = !node.bypass;
    } else {
      node.settings = json::Value::object();
      node.settings.set("version", json::Value(draw_.below(1'000'000)));
    }
  }
  void addSink() {
    const auto from = static_cast<std::int32_t>(draw_.below(std::ssize(graph.plan.nodes)));
    if (graph.plan.nodes[at(from)].outputs.size() < 2) return;
    connect(from, add(kinds().collect));
  }
  void putBetween(std::size_t which) {
    const auto old = graph.plan.edges[which];
    graph.plan.edges.erase(graph.plan.edges.begin() + static_cast<std::ptrdiff_t>(which));
    const auto between = add(kinds().inner[draw_.oneIn(2) ? 0 : 3]);
    connect(old.source, between);
    auto& last = connect(between, old.target);
    last.targetPort = old.targetPort;
    last.spill = old.spill;
  }
  void removeSink(std::size_t which) {
    const auto target = graph.plan.edges[which].target;
    auto& nodes = graph.plan.nodes;
    if (nodes[at(target)].type->cardinality != Cardinality::sink) return;
    touched.insert(nodes[at(target)].id);
    std::erase_if(graph.plan.edges, [&](const PlannedEdge& edge) { return edge.target == target; });
    nodes.erase(nodes.begin() + target);
    for (auto& edge : graph.plan.edges) {
      edge.source -= edge.source > target ? 1 : 0;
      edge.target -= edge.target > target ? 1 : 0;
    }
  }
  void setDepths() {
    for (auto& node : graph.plan.nodes) node.depth = 0;
    for (std::size_t round = 0; round < graph.plan.nodes.size(); ++round) {
      for (const auto& edge : graph.plan.edges) {
        auto& depth = graph.plan.nodes[at(edge.target)].depth;
        depth = std::max(depth, graph.plan.nodes[at(edge.source)].depth + 1);
      }
    }
  }

  Draw draw_;
  Plan before_;
  int made_ = 0;
};

struct Changed {
  RunResult result;
  RunMetrics metrics;
  World world;
  int applied = 0, refused = 0;
  std::string unexpected;
};

bool expectable(std::string_view code) {
  static constexpr std::string_view kMayBe[] = {"change.busy", "change.node_ended", "change.not_quiet",
                                                "change.run_over", "state.not_saved"};
  return std::ranges::find(kMayBe, code) != std::end(kMayBe);
}

void count(const Run& run, Editor& editor, Changed& into, std::int64_t& seen) {
  const auto view = run.lastChange();
  if (view.number == seen || view.state == ChangeState::underWay || view.state == ChangeState::none) return;
  seen = view.number;
  into.applied += view.state == ChangeState::applied ? 1 : 0;
  into.refused += view.state == ChangeState::refused ? 1 : 0;
  if (view.state == ChangeState::refused) editor.undo();
  if (view.error && !expectable(view.error->code)) into.unexpected += view.error->message + "; ";
}

constexpr ChangeOptions kOptions{.waitMs = 2000, .keepState = true};

void change(Run& run, Editor& editor, Changed& ran) {
  const auto begun = run.change(editor.edit(), kOptions);
  if (begun) return;
  editor.undo();
  ++ran.refused;
  if (!expectable(begun.error().code)) ran.unexpected += begun.error().message + "; ";
}

RunOptions optionsOf(Letters& letters, bool sync) {
  RunOptions options;
  options.mode = sync ? RunMode::sync : RunMode::async;
  options.deadLetters = &letters;
  options.executionLogBytes = 1 << 12;
  return options;
}

void simulate(Editor& editor, std::uint64_t seed, bool changes, Changed& ran) {
  Draw draw(seed + 100);
  constexpr int kWorkers[] = {1, 2, 7};
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool(kWorkers[draw.below(3)], seed, clock, &ran.world.calls);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  world = &ran.world;
  Letters letters(ran.world);
  auto run = Run::make(editor.graph.plan, optionsOf(letters, draw.oneIn(4)), hosts, pool);
  REQUIRE(run.has_value());
  std::int64_t next = draw.below(40);
  std::int64_t seen = 0;
  pool.watch([&](std::int64_t step) {
    if (step > 3'000'000) (*run)->cancel();
    if (!changes || step < next) return;
    count(**run, editor, ran, seen);
    next = step + 5 + draw.below(60);
    if ((*run)->lastChange().state != ChangeState::underWay) change(**run, editor, ran);
  });
  ran.result = (*run)->drive();
  count(**run, editor, ran, seen);
  ran.metrics = (*run)->metrics();
}

void onThreads(Editor& editor, std::uint64_t seed, Changed& ran) {
  native::NativeClock clock;
  simulation::SimulatedFiles files;
  native::ThreadWorkers pool(static_cast<int>(1 + seed % 4), clock);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  world = &ran.world;
  Letters letters(ran.world);
  auto run = Run::make(editor.graph.plan, optionsOf(letters, false), hosts, pool);
  REQUIRE(run.has_value());
  std::atomic<bool> over{false};
  std::jthread host([&] {
    std::int64_t seen = 0;
    while (!over.load()) {
      while (ran.world.calls.pending() > 0) ran.world.calls.finish(ran.world.calls.pending() / 2);
      count(**run, editor, ran, seen);
      if ((*run)->lastChange().state != ChangeState::underWay) change(**run, editor, ran);
      static_cast<void>((*run)->metrics());
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    count(**run, editor, ran, seen);
  });
  ran.result = (*run)->drive();
  over.store(true);
  host.join();
  ran.metrics = (*run)->metrics();
}

std::string broken(bool good, const std::string& what) { return good ? std::string() : what + "; "; }

/// Both equations of semantics.md (Conservation), over all versions; empty if they hold.
std::string faultsOf(const Editor& editor, const Changed& ran) {
  std::string faults = ran.unexpected;
  std::map<std::string, std::int64_t> taken;
  std::int64_t failed = 0;
  for (const auto* edges : {&ran.metrics.edges, &ran.metrics.removedEdges}) {
    for (const auto& edge : *edges) {
      const auto sum = edge.taken + edge.filtered + edge.dropped + edge.discarded + edge.failed + edge.held;
      faults += broken(edge.offered == sum, edge.id + " loses rows");
      faults += broken(edge.taken >= 0 && edge.held >= 0 && edge.heldBytes >= 0, edge.id + " counts below zero");
      faults += broken(edge.held == 0, edge.id + " still holds rows");
      taken[edge.target] += edge.taken;
      failed += edge.failed;
      if (editor.ofErrors.contains(edge.id)) failed -= edge.offered;
    }
  }
  for (const auto* nodes : {&ran.metrics.nodes, &ran.metrics.removedNodes}) {
    for (const auto& node : *nodes) {
      faults += broken(node.rowsIn == taken[node.id], node.id + " takes other rows than its edges gave");
      const auto& type = *editor.types.at(node.id);
      if (type.cardinality == Cardinality::one) {
        faults += broken(node.rowsOut == node.rowsIn - node.failed, node.id + " loses rows");
      }
      failed += node.failed;
    }
  }
  faults += broken(failed == ran.result.deadLetters, "failed rows are not where they belong");
  faults += broken(ran.world.letterCount == ran.result.deadLetters, "dead letters are lost");
  for (const auto& [id, tasks] : ran.world.tasks) {
    if (!editor.touched.contains(id)) faults += broken(tasks == 1, id + " did not keep its task");
  }
  return faults;
}

int seedsToTry(int all) { return std::getenv("WEIR_FAST") != nullptr ? all / 20 : all; }

TEST_CASE("R16: flows that are changed at random while rows flow keep every row, and unchanged nodes their tasks") {
  int applied = 0;
  int refused = 0;
  for (int seed = 1; seed <= seedsToTry(3'000); ++seed) {
    CAPTURE(seed);
    const auto chosen = static_cast<std::uint64_t>(seed);
    const auto graph = Graph::random(chosen);
    Editor editor(graph, chosen);
    Changed ran;
    simulate(editor, chosen, true, ran);
    CAPTURE((ran.result.error ? ran.result.error->message : std::string()));
    REQUIRE(ran.result.outcome == Outcome::done);
    REQUIRE(faultsOf(editor, ran) == "");
    applied += ran.applied;
    refused += ran.refused;
    // A source gives every row once, however often it was made anew.
    if (seed % 4 != 0 || graph.limits) continue;
    Editor still(graph, chosen);
    Changed calm;
    simulate(still, chosen, false, calm);
    for (const auto& node : calm.metrics.nodes) {
      if (editor.types.at(node.id)->cardinality != Cardinality::source) continue;
      const auto same = std::ranges::find(ran.metrics.nodes, node.id, &NodeMetrics::id);
      REQUIRE(same->rowsOut == node.rowsOut);
    }
  }
  CHECK(applied > refused);
}

TEST_CASE("R16: the same on threads") {
  int applied = 0;
  for (int seed = 1; seed <= seedsToTry(200); ++seed) {
    CAPTURE(seed);
    const auto chosen = static_cast<std::uint64_t>(seed);
    Editor editor(Graph::random(chosen), chosen);
    Changed ran;
    onThreads(editor, chosen, ran);
    CAPTURE((ran.result.error ? ran.result.error->message : std::string()));
    REQUIRE(ran.result.outcome == Outcome::done);
    REQUIRE(faultsOf(editor, ran) == "");
    applied += ran.applied;
  }
  CHECK(applied > 0);
}

}  // namespace
}  // namespace weir::simulation_test
