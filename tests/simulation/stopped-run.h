// Runs that are stopped anywhere and go on, with what outlives them: a store, a journal's disk, what sinks published.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-journal-disk.h"
#include "tests/simulation/random-graph.h"
#include "tests/simulation/two-phase-sink.h"

namespace weir::simulation_test {

struct Place {
  explicit Place(std::uint64_t seed) : store(clock, seed) {}
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  LateStore store;
  simulation::SimulatedJournalDisk::Image journal;  // what is on its disk between two runs
  std::int64_t powerLostAt = -1;                    // a call to the journal's disk
  Outside outside;
  World world;
  std::int64_t steps = 0, checkpoints = 0, refilled = 0;
  bool reads = false;                    // what a run finds in the journal goes into
  std::map<std::string, Numbers> found;  // these, by edge
};

/// What a journal has of an edge when it is opened.
inline void readEdge(Journal& journal, simulation::SimulatedJournalDisk& disk, const journal::EdgeState& edge,
                     Numbers& into) {
  auto reader = journal.read(journal.edge(edge.id), edge.position, edge.next, MemoryAccount::unlimited());
  for (;;) {
    auto next = reader.next(Waker());
    while (disk.pending() > 0) disk.finish(0);
    auto rows = next.take();
    REQUIRE(rows.has_value());
    if (!*rows) return;
    const auto numbers = numbersOf((*rows)->batch);
    into.insert(into.end(), numbers.begin(), numbers.end());
  }
}

/// One run, stopped before step `stopAt` (-1: never).
inline RunResult runOnce(Place& place, const Graph& graph, int workers, std::uint64_t seed, bool keeps,
                         std::int64_t stopAt) {
  world = &place.world;
  outside = &place.outside;
  simulation::SimulatedJournalDisk disk(place.journal);
  BothCalls hostCalls(place.world.calls, place.store);
  BothCalls calls(hostCalls, disk);
  simulation::SimulatedWorkers pool(workers, seed, place.clock, &calls);
  Hosts hosts;
  hosts.add<Clock>(place.clock);
  hosts.add<Files>(place.files);
  RunOptions options;
  options.maxErrors = 1'000'000;
  if (keeps) options.state = &place.store;
  options.resume = true;
  std::unique_ptr<Journal> journal;
  if (std::ranges::any_of(graph.plan.edges, &PlannedEdge::durable)) {
    auto opened = Journal::open(disk, {.note = journalNote(graph.plan), .diskBytes = 4 << 20, .segmentBytes = 64 << 10},
                                options.journalContents);
    REQUIRE(opened.has_value());
    for (const auto& trouble : options.journalContents.troubles) CHECK(trouble.kind == journal::Trouble::Kind::cut);
    journal = std::move(*opened);
    options.journal = journal.get();
    for (const auto& edge : options.journalContents.edges) {
      if (place.reads) readEdge(*journal, disk, edge, place.found[edge.id]);
    }
    if (place.powerLostAt >= 0) disk.losePowerAt(place.powerLostAt);
  }
  auto run = Run::make(graph.plan, std::move(options), hosts, pool);
  REQUIRE(run.has_value());
  pool.watch([&](std::int64_t step) {
    place.steps = step;
    if (step == stopAt || disk.powerLost()) (*run)->cancel();
    REQUIRE(step < 3'000'000);
  });
  auto result = (*run)->drive();
  for (const auto& event : (*run)->events(0)) {
    place.checkpoints += event.kind == "checkpoint.done" ? 1 : 0;
    if (event.kind == "journal.refilled") place.refilled += event.message.starts_with("0 ") ? 0 : 1;
  }
  run->reset();
  journal.reset();
  if (!place.journal.empty() || !disk.image().empty())
    place.journal = disk.afterPowerLoss(seed, seed % 2 == 0 ? 512 : 4096);
  // What was under way is lost with its process.
  place.store.forgetCalls();
  while (place.world.calls.pending() > 0) place.world.calls.finish(0);
  return result;
}

inline Graph publishingGraph(std::uint64_t seed, Draw& draw) {
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
inline bool dependsOnOrder(const Graph& graph) {
  return graph.merges && std::ranges::any_of(graph.plan.nodes, [](const PlannedNode& node) {
           return node.type->id == "test/join" || node.type->id == "test/sum";
         });
}

inline std::map<std::string, Numbers> rowsOf(const Place& place, bool sorted) {
  std::map<std::string, Numbers> out;
  for (const auto& [id, target] : place.outside.targets) {
    out[id] = target.rows;
    if (sorted) std::ranges::sort(out[id]);
  }
  return out;
}

}  // namespace weir::simulation_test
