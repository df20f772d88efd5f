// Edges with rules at work: slow consumers, presets, priorities, pressure that is said; in simulation and on threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "engine/flow/document.h"
#include "engine/flow/make-plan.h"
#include "engine/node/catalogue.h"
#include "engine/runtime/run.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/thread-workers.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-load.h"
#include "hosts/simulation/simulated-workers.h"
#include "nodes/catalogue.gen.h"

namespace weir {
namespace {

struct Sunk {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> batches;  // their sizes
};
std::map<std::string, Sunk, std::less<>>* sunk = nullptr;  // of the test that runs

class Sink final : public Transform {
 public:
  explicit Sink(Sunk* into) : into_(*into) {}
  Result<Flow> process(const Batch& batch, StepIo&) override {
    into_.batches.push_back(batch.rows());
    const auto ids = batch.column("id")->ints();
    for (std::int64_t row = 0; row < batch.rows(); ++row) into_.ids.push_back(ids[static_cast<std::size_t>(row)]);
    return Flow::more;
  }

 private:
  Sunk& into_;
};

const NodeType& sinkType() {
  static const NodeType type = [] {
    NodeType made;
    made.id = "test/sink";
    made.cardinality = Cardinality::sink;
    PortSpec port;
    port.name = "rows";
    made.inputs.push_back(port);
    port.name = "error";
    made.outputs.push_back(port);
    made.make = [](const json::Value&, NodeContext& context) -> Result<NodePtr> {
      return makeNode<Sink>(&(*sunk)[std::string(context.nodeId())]);
    };
    return made;
  }();
  return type;
}

std::string node(const std::string& id, const std::string& type, const std::string& settings = "{}") {
  return R"({"id": ")" + id + R"(", "typeId": ")" + type + R"(", "version": "1.0.0", "settings": )" + settings + "}";
}

std::string edge(const std::string& from, const std::string& to, const std::string& rest = {}) {
  return R"({"id": ")" + from + "-" + to + R"(", "source": {"node": ")" + from +
         R"(", "port": "rows"}, "target": {"node": ")" + to + R"(", "port": "rows"})" +
         (rest.empty() ? "" : ", " + rest) + "}";
}

/// Nodes of type debug/log become sinks that keep what comes.
Plan planOf(const std::vector<std::string>& nodes, const std::vector<std::string>& edges) {
  static const auto catalogue = *Catalogue::make(builtinNodes());
  const auto joined = [](const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
  };
  const auto text =
      R"({"id": "t", "version": "1.0.0", "nodes": [)" + joined(nodes) + R"(], "edges": [)" + joined(edges) + "]}";
  const auto document = flow::parseFlow(text);
  REQUIRE_MESSAGE(document.has_value(), text);
  auto plan = flow::makePlan(*document, catalogue);
  REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : describe(*plan.error().begin())));
  for (auto& planned : plan->nodes) {
    if (planned.type->id != "debug/log") {
      planned.needed.assign(planned.outputs.size(), FieldSet::everything());
      continue;
    }
    planned.type = &sinkType();
    planned.outputs = sinkType().outputs;
    planned.needed.assign(1, FieldSet::none());
  }
  return std::move(*plan);
}

struct Ended {
  std::map<std::string, Sunk, std::less<>> sinks;
  RunResult result;
  RunMetrics metrics;
  std::vector<RunEvent> events;

  [[nodiscard]] const EdgeMetrics& edge(std::string_view id) const {
    return *std::ranges::find(metrics.edges, id, &EdgeMetrics::id);
  }
};

void checkCounts(const Ended& ended) {
  for (const auto& each : ended.metrics.edges) {
    CAPTURE(each.id);
    CHECK(each.offered == each.taken + each.filtered + each.dropped + each.discarded + each.failed + each.held);
    CHECK(each.dropped == each.droppedByRule.total());
  }
}

/// Until the sources have ended, or `forMicros` have passed and what is under way is stopped.
Ended simulate(Plan plan, std::int64_t forMicros = 0, std::uint64_t seed = 0, Load* load = nullptr) {
  Ended ended;
  sunk = &ended.sinks;
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool(2, seed, clock);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  if (load != nullptr) hosts.add<Load>(*load);
  auto run = Run::make(std::move(plan), RunOptions{}, hosts, pool);
  REQUIRE(run.has_value());
  const auto begin = clock.nowMicros();
  pool.watch([&](std::int64_t) {
    if (forMicros > 0 && clock.nowMicros() - begin >= forMicros) (*run)->cancel();
  });
  ended.result = (*run)->drive();
  ended.metrics = (*run)->metrics();
  ended.events = (*run)->events();
  checkCounts(ended);
  return ended;
}

Ended onThreads(Plan plan) {
  Ended ended;
  sunk = &ended.sinks;
  native::NativeClock clock;
  simulation::SimulatedFiles files;
  native::ThreadWorkers pool(2, clock);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  auto run = Run::make(std::move(plan), RunOptions{}, hosts, pool);
  REQUIRE(run.has_value());
  // The slow branch would go on for minutes when the rows have all been made.
  (*run)->onEvent([](const RunEvent&) {});
  std::jthread watcher([&](const std::stop_token& over) {
    while (!over.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      const auto metrics = (*run)->metrics();
      const auto& source = metrics.nodes[0];
      const auto& fast = metrics.nodes.back();
      if (source.done && fast.rowsIn == source.rowsOut) return (*run)->cancel();
    }
  });
  ended.result = (*run)->drive();
  watcher.request_stop();
  watcher.join();
  ended.metrics = (*run)->metrics();
  checkCounts(ended);
  return ended;
}

std::int64_t countOf(const std::vector<RunEvent>& events, std::string_view kind) {
  return std::ranges::count(events, kind, &RunEvent::kind);
}

const std::string kFast = node("fast", "debug/log");
const std::string kSlow = node("slow", "debug/log");

/// 50,000 rows a second into one branch that takes them all and one that takes a row a second.
Plan slowBranch(const std::string& rules, const std::string& rows) {
  return planOf({node("ticks", "generate/pattern", R"({"rows": )" + rows + R"(, "rate": 50000})"),
                 node("throttle", "flow/throttle", R"({"rowsPerSecond": 1})"), kSlow, kFast},
                {edge("ticks", "throttle", rules), edge("throttle", "slow"), edge("ticks", "fast")});
}

void checkSlowBranch(const Ended& ended, std::int64_t rows, std::int64_t bound) {
  const auto& fast = ended.sinks.find("fast")->second.ids;
  CHECK(std::ssize(fast) == rows);
  CHECK(std::ranges::is_sorted(fast));
  const auto slow = ended.sinks.find("slow");
  if (slow != ended.sinks.end()) {
    const auto& ids = slow->second.ids;
    CHECK(std::ranges::adjacent_find(ids, std::greater_equal{}) == ids.end());
  }
  const auto& edge = ended.edge("ticks-throttle");
  CHECK(edge.dropped > rows - bound - 100);
  CHECK(edge.highWaterRows <= bound);
  CHECK(edge.pressureEvents > 0);
  CHECK(ended.metrics.peakBytes < (16 << 20));
}

TEST_CASE("R10: a consumer of 1 row a second behind 50,000: memory bounded, other branches unaffected, order kept") {
  for (const std::string rule : {"dropOldest", "dropNewest", "dropLowestPriority", "sample"}) {
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{7}}) {
      CAPTURE(rule);
      CAPTURE(seed);
      const auto ended = simulate(
          slowBranch(R"("buffer": {"rows": 2000}, "whenFull": {"rule": ")" + rule + "\"}", "250000"), 5'100'000, seed);
      checkSlowBranch(ended, 250'000, 2000);
      const auto& slow = ended.sinks.find("slow")->second.ids;
      CHECK(slow.size() >= 5);
      CHECK(slow.size() <= 7);
      // Whoever drops the oldest is never far behind.
      if (rule == "dropOldest") CHECK(slow.back() > 190'000);
      CHECK(countOf(ended.events, "edge.pressure") >= 1);
      CHECK(countOf(ended.events, "edge.shedding") == 1);
    }
  }
}

TEST_CASE("R10: the same on threads") {
  const auto ended = onThreads(slowBranch(R"("buffer": {"rows": 2000}, "whenFull": {"rule": "dropOldest"})", "50000"));
  checkSlowBranch(ended, 50'000, 2000);
}

TEST_CASE("an edge without rules stops its producer: nothing is lost, and all branches go as fast as the slowest") {
  const auto ended = simulate(slowBranch(R"("buffer": {"rows": 2000})", "250000"), 5'100'000);
  const auto& edge = ended.edge("ticks-throttle");
  CHECK(edge.dropped == 0);
  CHECK(edge.pressureEvents > 0);
  CHECK(ended.sinks.find("fast")->second.ids.size() < 20'000);
}

TEST_CASE("rows too old are shed by time alone, while nothing else happens") {
  const auto ended =
      simulate(planOf({node("ticks", "generate/pattern", R"({"rows": 1000})"),
                       node("throttle", "flow/throttle", R"({"rowsPerSecond": 10})"), kSlow},
                      {edge("ticks", "throttle", R"("buffer": {"ageMs": 950})"), edge("throttle", "slow")}));
  CHECK(ended.result.outcome == Outcome::done);
  CHECK(ended.sinks.find("slow")->second.ids.size() == 10);
  CHECK(ended.edge("ticks-throttle").droppedByRule.tooOld == 990);
}

TEST_CASE("under pressure, rows that have waited too long go, down to the threshold") {
  const auto ended = simulate(planOf(
      {node("ticks", "generate/pattern", R"({"rows": 2000, "rate": 100, "batchRows": 1})"),
       node("throttle", "flow/throttle", R"({"rowsPerSecond": 10})"), kSlow},
      {edge("ticks", "throttle",
            R"("buffer": {"rows": 100, "threshold": 0.5}, "whenFull": {"rule": "dropOldest", "maxWaitMs": 200})"),
       edge("throttle", "slow")}));
  const auto& edge = ended.edge("ticks-throttle");
  CHECK(edge.droppedByRule.waitedTooLong > 1000);
  CHECK(edge.highWaterRows <= 91);
}

TEST_CASE("presets: joining waits for a batch or so long as they say") {
  struct Expected {
    const char* preset;
    std::int64_t least, most;  // rows of a batch at 1,000 rows a second
  };
  for (const auto& expected :
       {Expected{"highFrequency", 7, 9}, Expected{"lowLatency", 3, 5}, Expected{"smallMemory", 10, 10}}) {
    CAPTURE(expected.preset);
    const auto ended =
        simulate(planOf({node("ticks", "generate/pattern", R"({"rows": 1000, "rate": 1000, "batchRows": 1})"), kFast},
                        {edge("ticks", "fast", R"("preset": ")" + std::string(expected.preset) + "\"")}));
    const auto& fast = ended.sinks.find("fast")->second;
    CHECK(fast.ids.size() == 1000);
    CHECK(std::ranges::is_sorted(fast.ids));
    for (std::size_t i = 0; i + 1 < fast.batches.size(); ++i) {
      CHECK(fast.batches[i] >= expected.least);
      CHECK(fast.batches[i] <= expected.most);
    }
    CHECK(ended.edge("ticks-fast").dropped == 0);
  }
}

TEST_CASE("what is urgent is taken first, and what is not is dropped first") {
  const auto flow = [](const std::string& rules) {
    return planOf({node("ticks", "generate/pattern", R"({"rows": 400})"),
                   node("rank", "flow/priority", R"({"priority": "row.id % 10 == 0 ? 5 : 0"})"),
                   node("throttle", "flow/throttle", R"({"rowsPerSecond": 100})"), kSlow},
                  {edge("ticks", "rank"), edge("rank", "throttle", rules), edge("throttle", "slow")});
  };
  const auto urgent = [](std::int64_t id) { return id % 10 == 0; };
  const auto ordered = simulate(flow(R"("buffer": {"order": "priority"})")).sinks.find("slow")->second.ids;
  REQUIRE(ordered.size() == 400);
  CHECK(std::ranges::is_partitioned(ordered, urgent));
  CHECK(std::is_sorted(ordered.begin(), ordered.begin() + 40));
  CHECK(std::is_sorted(ordered.begin() + 40, ordered.end()));
  const auto ended = simulate(flow(R"("buffer": {"rows": 100}, "whenFull": {"rule": "dropLowestPriority"})"));
  const auto& kept = ended.sinks.find("slow")->second.ids;
  CHECK(std::ranges::count_if(kept, urgent) == 40);
  CHECK(std::ranges::is_sorted(kept));
  CHECK(kept.size() < 120);
  CHECK(ended.edge("rank-throttle").droppedByRule.lowestPriority == 400 - std::ssize(kept));
}

TEST_CASE("the newest first: a slow consumer works on what has just come") {
  const auto ended =
      simulate(planOf({node("ticks", "generate/pattern", R"({"rows": 1000, "rate": 1000, "batchRows": 1})"),
                       node("throttle", "flow/throttle", R"({"rowsPerSecond": 100})"), kSlow},
                      {edge("ticks", "throttle", R"("buffer": {"order": "newest"}, "batch": {"maxRows": 1})"),
                       edge("throttle", "slow")}),
               1'000'000);
  const auto& ids = ended.sinks.find("slow")->second.ids;
  REQUIRE(ids.size() > 90);
  CHECK(ids[50] > 450);
}

TEST_CASE("thresholds follow the host's load, and the consumer's lag where no load is known") {
  const auto flow = [] {
    return planOf({node("ticks", "generate/pattern", R"({"rows": 5000, "rate": 1000, "batchRows": 1})"),
                   node("throttle", "flow/throttle", R"({"rowsPerSecond": 900})"), kSlow},
                  {edge("ticks", "throttle",
                        R"("buffer": {"rows": 400, "threshold": "adaptive"}, "whenFull": {"rule": "dropOldest"})"),
                   edge("throttle", "slow")});
  };
  simulation::SimulatedLoad idle;
  simulation::SimulatedLoad busy;
  busy.now.cpu = 1;
  const auto calm = simulate(flow(), 0, 0, &idle);
  const auto strained = simulate(flow(), 0, 0, &busy);
  CHECK(calm.edge("ticks-throttle").highWaterRows > 2 * strained.edge("ticks-throttle").highWaterRows);
  CHECK(strained.edge("ticks-throttle").dropThreshold < 0.5);
  CHECK(strained.edge("ticks-throttle").dropped > calm.edge("ticks-throttle").dropped);
}

}  // namespace
}  // namespace weir
