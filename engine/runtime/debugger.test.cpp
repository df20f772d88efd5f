// Taps, breakpoints and steps, on small graphs of nodes made in memory.
#include "engine/runtime/debugger.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/runtime/row-node-type.test.h"
#include "engine/runtime/run.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir {
namespace {

std::vector<std::int64_t>* collected = nullptr;  // of the test that runs

class Numbers final : public Source {
 public:
  Result<Flow> pull(StepIo& io) override {
    if (draining() || next_ >= kTotal) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    std::vector<Value> rows;
    for (std::int64_t i = 0; i < kStep; ++i, ++next_) {
      rows.push_back(Value::map({{Value::string("n"), Value::int64(next_)},
                                 {Value::string("secret"), Value::string("s" + std::to_string(next_))}}));
    }
    WEIR_ASSIGN(auto batch, batchOfRows(rows, MemoryAccount::unlimited()));
    io.emit(0, std::move(batch));
    return Flow::more;
  }
  static constexpr std::int64_t kTotal = 1000, kStep = 10;

 private:
  std::int64_t next_ = 0;
};

class Pass final : public Stateless {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    io.emit(0, batch);
    return Flow::more;
  }
};

class Keep final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo&) override {
    for (std::int64_t row = 0; row < batch.rows(); ++row) collected->push_back(batch.value(row, 0).int64());
    return Flow::more;
  }
};

/// numbers -in-> pass -out-> keep, and numbers -side-> other
struct Flowing {
  NodeType numbers =
      testing::rowNodeType("test/numbers", false, true, Cardinality::one,
                           [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Numbers>(); });
  NodeType pass =
      testing::rowNodeType("test/pass", true, true, Cardinality::one,
                           [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeStateless<Pass>(); });
  NodeType keep =
      testing::rowNodeType("test/keep", true, false, Cardinality::one,
                           [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Keep>(); });
  Plan plan;

  Flowing() {
    node("numbers", numbers);
    node("pass", pass);
    node("keep", keep);
    edge("in", 0, 1);
    edge("out", 1, 2);
  }
  void node(std::string id, const NodeType& type) {
    PlannedNode planned;
    planned.id = std::move(id);
    planned.type = &type;
    planned.inputs = type.inputs;
    planned.outputs = type.outputs;
    planned.depth = static_cast<int>(plan.nodes.size());
    plan.nodes.push_back(std::move(planned));
  }
  void edge(std::string id, std::int32_t from, std::int32_t to) {
    PlannedEdge planned;
    planned.id = std::move(id);
    planned.source = from;
    planned.target = to;
    planned.bufferRows = 50;
    plan.edges.push_back(std::move(planned));
  }
};

/// Who looks at held rows when nothing else can go on.
class Person final : public simulation::PendingCalls {
 public:
  Debugger* debugger = nullptr;
  std::function<void(Debugger&, const HeldRow&)> decides;
  std::vector<std::int64_t> saw;

  [[nodiscard]] std::size_t pending() const override { return debugger == nullptr ? 0 : debugger->held().size(); }
  void finish(std::size_t index) override {
    const auto row = debugger->held()[index];
    saw.push_back(row.row.value(0, 0).int64());
    decides(*debugger, row);
  }
};

struct Watched {
  Flowing flow;
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  Person person;
  simulation::SimulatedWorkers pool;
  Hosts hosts;
  std::unique_ptr<Run> run;
  std::vector<std::int64_t> kept;

  explicit Watched(RunOptions options = {}, std::uint64_t seed = 0, int workers = 1)
      : pool(workers, seed, clock, &person) {
    hosts.add<Clock>(clock);
    hosts.add<Files>(files);
    flow.plan.sensitive.names = {"secret"};
    collected = &kept;
    auto made = Run::make(flow.plan, std::move(options), hosts, pool);
    REQUIRE(made);
    run = std::move(*made);
    person.debugger = &run->debugger();
    person.decides = [](Debugger& debugger, const HeldRow& row) { REQUIRE(debugger.act(row.id, HeldAction::go)); };
  }
  Debugger& debugger() { return run->debugger(); }
  void goes() {
    const auto result = run->drive();
    CHECK(result.outcome == Outcome::done);
    for (const auto& edge : run->metrics().edges) {
      CAPTURE(edge.id);
      CHECK(edge.held == 0);
      CHECK(edge.offered == edge.taken + edge.filtered + edge.dropped + edge.discarded + edge.failed + edge.held);
    }
  }
  [[nodiscard]] EdgeMetrics edge(std::string_view id) const {
    for (const auto& edge : run->metrics().edges) {
      if (edge.id == id) return edge;
    }
    return {};
  }
};

std::int64_t rowsOf(const std::vector<Batch>& batches) {
  std::int64_t rows = 0;
  for (const auto& batch : batches) rows += batch.rows();
  return rows;
}

}  // namespace

TEST_CASE("a tap sees every row within its budget and masks sensitive fields unless told otherwise") {
  Watched watched;
  TapOptions options;
  options.edge = "out";
  options.where = "row.n % 100 == 5";
  const auto tap = watched.debugger().tap(options, 1);
  REQUIRE(tap);
  options.reveal = true;
  const auto open = watched.debugger().tap(options, 1);
  REQUIRE(open);
  watched.goes();
  const auto taken = watched.debugger().take(*tap, 1);
  REQUIRE(taken);
  CHECK(taken->counts.passed == 1000);
  CHECK(taken->counts.seen == 1000);
  CHECK(taken->counts.matched == 10);
  CHECK(taken->counts.shown == 10);
  REQUIRE(rowsOf(taken->batches) == 10);
  CHECK(taken->batches.front().value(0, 0).int64() == 5);
  CHECK(taken->batches.front().value(0, 1).text() == "(sensitive)");
  const auto revealed = watched.debugger().take(*open, 1);
  REQUIRE(revealed);
  CHECK(revealed->batches.front().value(0, 1).text() == "s5");
  CHECK(watched.kept.size() == 1000);
}

TEST_CASE("of more rows than the budget allows a tap shows the newest, and says how many it left out") {
  Watched watched;
  TapOptions options;
  options.edge = "in";
  options.rowsPerSecond = 25;
  const auto tap = watched.debugger().tap(options, 1);
  REQUIRE(tap);
  watched.goes();
  const auto first = watched.debugger().take(*tap, 1'000'000'000);
  REQUIRE(first);
  CHECK(first->counts.matched == 1000);
  CHECK(first->counts.shown == 25);
  REQUIRE(rowsOf(first->batches) == 25);
  CHECK(first->batches.back().value(first->batches.back().rows() - 1, 0).int64() == 999);
  CHECK(first->batches.front().value(0, 0).int64() == 975);
}

TEST_CASE("a condition that fails is told, and no row is shown for it") {
  Watched watched;
  TapOptions options;
  options.edge = "in";
  options.where = "1 / row.n > 0 || row.n == 3";
  const auto tap = watched.debugger().tap(options, 1);
  REQUIRE(tap);
  watched.goes();
  const auto taken = watched.debugger().take(*tap, 1);
  REQUIRE(taken);
  CHECK(taken->counts.failed == 1);
  CHECK(taken->counts.problem.find("zero") != std::string::npos);
}

TEST_CASE("what is not there is refused by name") {
  Watched watched;
  const auto code = [](const auto& result) { return std::string(result ? "" : result.error().code); };
  TapOptions tap;
  tap.edge = "oot";
  const auto made = watched.debugger().tap(tap, 1);
  REQUIRE_FALSE(made);
  CHECK(made.error().message.find("'out'") != std::string::npos);
  tap.edge = "out";
  tap.where = "row.";
  CHECK(code(watched.debugger().tap(tap, 1)).starts_with("cel."));
  tap.where = "1 + 1";
  CHECK(code(watched.debugger().tap(tap, 1)) == "settings.type");
  CHECK(code(watched.debugger().stopAt({.node = "pas"}, 1)) == "debug.unknown");
  CHECK(code(watched.debugger().stopAt({}, 1)) == "settings.invalid");
  CHECK(code(watched.debugger().stopAt({.node = "pass", .after = 0}, 1)) == "settings.range");
  CHECK(code(watched.debugger().stopAt({.node = "pass", .log = "{row.n"}, 1)) == "settings.invalid");
  CHECK(code(watched.debugger().act(99, HeldAction::go)) == "debug.unknown");
  CHECK(code(watched.debugger().removeStop(99)) == "debug.unknown");
  CHECK(code(watched.debugger().take(99, 0)) == "debug.unknown");
  for (int i = 0; i < 32; ++i) REQUIRE(watched.debugger().tap({.edge = "in"}, 1));
  CHECK(code(watched.debugger().tap({.edge = "in"}, 1)) == "debug.limit");
  watched.debugger().releaseClient(1);
  CHECK(watched.debugger().tap({.edge = "in"}, 1));
  watched.goes();
}

TEST_CASE("a breakpoint holds exactly the row that is meant, and the rows before it have gone on") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Watched watched({}, seed, 3);
    REQUIRE(watched.debugger().stopAt({.edge = "out", .where = "row.n == 123 || row.n == 500"}, 1));
    watched.person.decides = [&](Debugger& debugger, const HeldRow& row) {
      const auto n = row.row.value(0, 0).int64();
      CHECK(row.edge == "out");
      CHECK(row.row.value(0, 1).text() == "(sensitive)");
      CHECK(watched.kept.size() <= static_cast<std::size_t>(n));
      REQUIRE(debugger.act(row.id, HeldAction::go));
    };
    watched.goes();
    CHECK(watched.person.saw == std::vector<std::int64_t>{123, 500});
    REQUIRE(watched.kept.size() == 1000);
    CHECK(std::ranges::is_sorted(watched.kept));
  }
}

TEST_CASE("a held row is changed, checked against its schema, or dropped, and the equations hold") {
  Watched watched;
  REQUIRE(watched.debugger().stopAt({.node = "keep", .where = "row.n in [7, 8]"}, 1));
  watched.person.decides = [&](Debugger& debugger, const HeldRow& row) {
    if (row.row.value(0, 0).int64() == 8) {
      REQUIRE(debugger.act(row.id, HeldAction::drop));
      return;
    }
    const auto wrong = debugger.change(row.id, Value::map({{Value::string("n"), Value::string("x")}}));
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == "debug.row");
    const auto unknown = debugger.change(row.id, Value::map({{Value::string("m"), Value::int64(1)}}));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message.find("no field 'm'") != std::string::npos);
    REQUIRE(debugger.change(row.id, Value::map({{Value::string("n"), Value::int64(-7)}})));
    REQUIRE(debugger.act(row.id, HeldAction::go));
  };
  watched.goes();
  REQUIRE(watched.kept.size() == 999);
  CHECK(watched.kept[7] == -7);
  CHECK(watched.kept[8] == 9);
  CHECK(watched.edge("out").discarded == 1);
}

TEST_CASE("a hit count lets the first matches pass, and a log-point holds nothing") {
  Watched watched;
  REQUIRE(watched.debugger().stopAt({.edge = "in", .where = "row.n % 10 == 0", .after = 99}, 1));
  REQUIRE(watched.debugger().stopAt({.edge = "in", .where = "row.n >= 997", .log = "{{{row.n}}} came"}, 1));
  watched.goes();
  CHECK(watched.person.saw == std::vector<std::int64_t>{980, 990});
  std::vector<std::string> said;
  for (const auto& event : watched.run->events(0)) {
    if (event.kind == "debug.log") said.push_back(event.message);
  }
  CHECK(said == std::vector<std::string>{"{997} came", "{998} came", "{999} came"});
  CHECK(watched.debugger().breakpoints()[0].hits == 100);
}

TEST_CASE("only the branch of the breakpoint waits") {
  Watched watched;
  watched.person.debugger = nullptr;
  // A second branch: the same numbers to another sink.
  Flowing flow;
  flow.node("other", flow.keep);
  flow.edge("side", 0, 3);
  flow.plan.edges.back().bufferRows = 5000;
  flow.plan.edges.front().bufferRows = 5000;
  Person person;
  simulation::SimulatedWorkers pool(1, 0, watched.clock, &person);
  std::vector<std::int64_t> kept;
  collected = &kept;
  auto run = Run::make(flow.plan, {}, watched.hosts, pool);
  REQUIRE(run);
  person.debugger = &(*run)->debugger();
  person.decides = [&](Debugger& debugger, const HeldRow& row) {
    CHECK(kept.size() == 1000);
    REQUIRE(debugger.act(row.id, HeldAction::go));
  };
  REQUIRE((*run)->debugger().stopAt({.edge = "in", .where = "row.n == 0"}, 1));
  CHECK((*run)->drive().outcome == Outcome::done);
  CHECK(person.saw == std::vector<std::int64_t>{0});
  CHECK(kept.size() == 2000);
}

TEST_CASE("a step follows the row through the next node, next holds the row behind it") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Watched watched({}, seed, 2);
    REQUIRE(watched.debugger().stopAt({.edge = "in", .where = "row.n == 42"}, 1));
    std::vector<std::string> places;
    watched.person.decides = [&](Debugger& debugger, const HeldRow& row) {
      places.push_back(row.edge);
      const auto action = places.size() == 1 ? HeldAction::step : places.size() < 4 ? HeldAction::next : HeldAction::go;
      REQUIRE(debugger.act(row.id, action));
    };
    watched.goes();
    CHECK(watched.person.saw == std::vector<std::int64_t>{42, 42, 43, 44});
    CHECK(places == std::vector<std::string>{"in", "out", "out", "out"});
    CHECK(watched.kept.size() == 1000);
  }
}

TEST_CASE("mode step holds every row where the source gives it") {
  RunOptions options;
  options.mode = RunMode::step;
  Watched watched(std::move(options));
  watched.person.decides = [&](Debugger& debugger, const HeldRow& row) {
    CHECK(row.edge == "in");
    // One row at a time: all before it are through.
    CHECK(watched.kept.size() == static_cast<std::size_t>(row.row.value(0, 0).int64()));
    if (row.row.value(0, 0).int64() < 20) {
      REQUIRE(debugger.act(row.id, HeldAction::go));
    } else {
      debugger.releaseAll();
    }
  };
  watched.goes();
  CHECK(watched.person.saw.size() == 21);
  CHECK(watched.kept.size() == 1000);
}

TEST_CASE("held rows go on when their client goes, when they were held too long, and when the run is drained") {
  SUBCASE("the client goes") {
    Watched watched;
    REQUIRE(watched.debugger().stopAt({.edge = "in"}, 7));
    watched.person.decides = [](Debugger& debugger, const HeldRow&) { debugger.releaseClient(7); };
    watched.goes();
    CHECK(watched.person.saw.size() == 1);
    CHECK(watched.debugger().breakpoints().empty());
  }
  SUBCASE("they were held too long") {
    Watched watched;
    REQUIRE(watched.debugger().stopAt({.edge = "in"}, 7));
    watched.person.decides = [&](Debugger& debugger, const HeldRow&) {
      watched.clock.advanceTo(watched.clock.nowMicros() + 301'000'000);
      debugger.tick();
    };
    watched.goes();
    CHECK(watched.person.saw.size() == 2);
    CHECK(std::ranges::contains(watched.run->events(0), "debug.released", &RunEvent::kind));
  }
  SUBCASE("the run is drained") {
    Watched watched;
    REQUIRE(watched.debugger().stopAt({.edge = "out"}, 7));
    watched.person.decides = [&](Debugger&, const HeldRow&) { watched.run->drain(); };
    watched.goes();
    CHECK(watched.person.saw.size() == 1);
    CHECK(watched.kept.size() < 1000);
  }
}

TEST_CASE("a run that is stopped while a row is held counts it as held") {
  Watched watched;
  REQUIRE(watched.debugger().stopAt({.edge = "out", .where = "row.n == 5"}, 1));
  watched.person.decides = [&](Debugger&, const HeldRow&) {
    watched.run->cancel();
    watched.person.debugger = nullptr;
  };
  CHECK(watched.run->drive().outcome == Outcome::cancelled);
  const auto edge = watched.edge("out");
  CHECK(edge.held > 0);
  CHECK(edge.offered == edge.taken + edge.held);
}

}  // namespace weir
