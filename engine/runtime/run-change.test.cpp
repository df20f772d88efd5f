// Changes of running flows, on small graphs of nodes made in memory.
#include "engine/runtime/run-change.h"

#include <doctest/doctest.h>

#include "engine/runtime/changed-run.test.h"

namespace weir::change_test {
namespace {

TEST_CASE("R16: a node with other settings goes on with its state, and everything else with its tasks") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    Running running(chain(), seed, 3);
    running.changeAt(60, chain("{}", R"({"times": -1})").plan);
    running.drive();
    if (!running.begun) FAIL_CHECK(running.begun.error().message);
    CHECK(running.run->lastChange().state == ChangeState::applied);
    CHECK(running.run->lastChange().steps ==
          std::vector<std::string>{"node 'sum' is changed and goes on with the state it had"});
    const auto& rows = running.saw.rows["keep"];
    REQUIRE(rows.size() == 2000);
    std::int64_t sum = 0;
    bool changed = false;
    for (std::int64_t i = 0; i < 2000; ++i) {
      sum += i;
      changed |= rows[static_cast<std::size_t>(i)] < 0;
      CHECK(rows[static_cast<std::size_t>(i)] == (changed ? -sum : sum));
    }
    CHECK(changed);
    CHECK(running.saw.made["source"] == 1);
    CHECK(running.saw.made["keep"] == 1);
    CHECK(running.saw.made["sum"] == 2);
    CHECK(running.node("sum").rowsIn == 2000);
    CHECK(running.node("sum").rowsOut == 2000);
  }
}

TEST_CASE("R16: every row goes through one version: what the old one made, the old one deals with") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    // Both nodes change at once; between them rows wait. The sum of what each adds is told by the version.
    auto two = [](std::string_view first, std::string_view last) {
      Drawn drawn;
      drawn.node("source", types().source).node("first", types().add, first).node("between", types().sum);
      drawn.node("last", types().add, last).node("keep", types().keep);
      drawn.edge("a", "source", "first").edge("b", "first", "between").edge("c", "between", "last");
      return drawn.edge("d", "last", "keep");
    };
    Running running(two("{}", "{}"), seed, 2);
    running.changeAt(50, two(R"({"add": 0})", R"({"add": 1000000000})").plan);
    running.drive();
    CHECK(running.run->lastChange().state == ChangeState::applied);
    const auto& rows = running.saw.rows["keep"];
    REQUIRE(rows.size() == 2000);
    std::int64_t sum = 0;
    std::size_t later = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      sum += static_cast<std::int64_t>(i);
      later += rows[i] == sum + 1'000'000'000 ? 1U : 0U;
      CHECK((rows[i] == sum || rows[i] == sum + 1'000'000'000));
    }
    CHECK(later > 0);
    CHECK(running.saw.made["between"] == 1);
  }
}

TEST_CASE("R16: nodes and edges are added and removed while rows flow, and no row is lost") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    Drawn first;
    first.node("source", types().source).node("keep", types().keep).edge("direct", "source", "keep");
    Drawn second;
    second.node("source", types().source).node("keep", types().keep).node("add", types().add, R"({"add": 0})");
    second.node("copy", types().keep);
    second.edge("in", "source", "add").edge("out", "add", "keep").edge("aside", "source", "copy");
    Running running(first, seed, 2);
    running.changeAt(40, second.plan);
    bool twice = false;
    running.at(110, [&](Run& run) {
      twice = true;
      CHECK(run.lastChange().state == ChangeState::applied);
      CHECK(run.plan().nodes.size() == 4);
      CHECK(run.change(first.plan).has_value());
    });
    running.drive();
    CHECK(twice);
    CHECK(running.run->lastChange().state == ChangeState::applied);
    CHECK(running.result.exitCode() == 0);
    // Of rows on two ways either may be first.
    std::ranges::sort(running.saw.rows["keep"]);
    CHECK(running.saw.rows["keep"] == upTo(2000));
    const auto& copied = running.saw.rows["copy"];
    REQUIRE(!copied.empty());
    CHECK(static_cast<std::int64_t>(copied.size()) == copied.back() - copied.front() + 1);
    CHECK(running.saw.ended["copy"] == 1);
    CHECK(running.saw.made["source"] == 1);
    CHECK(running.saw.made["keep"] == 1);
    CHECK(running.metrics.removedNodes.size() == 2);
  }
}

TEST_CASE("R16: a node of another type takes the queue over, when the one before it has finished") {
  auto second = chain();
  second.plan.nodes[3].type = &types().other;
  Running running(chain(), 3, 2);
  running.changeAt(80, second.plan);
  running.drive();
  CHECK(running.run->lastChange().state == ChangeState::applied);
  CHECK(running.saw.rows["keep"].size() == 2000);
  CHECK(running.saw.made["keep"] == 2);
  CHECK(running.saw.ended["keep"] == 2);
  CHECK(running.saw.made["sum"] == 1);
  CHECK(running.node("keep").rowsIn == 2000);
  CHECK(running.node("keep").typeId == "test/other-keep");
}

TEST_CASE("R16: a failed swap rolls back: the run goes on as it was") {
  SUBCASE("a setting that the node refuses") {
    Running running(chain());
    running.changeAt(50, chain(R"({"add": -1})").plan);
    running.drive();
    REQUIRE(!running.begun.has_value());
    CHECK(running.begun.error().code == "settings.range");
    CHECK(running.begun.error().message == "the run goes on as it was: node 'add': add is not negative");
    CHECK(running.saw.rows["keep"].size() == 2000);
    CHECK(running.saw.made["sum"] == 1);
  }
  SUBCASE("a state that the new node cannot take") {
    Running running(chain(), 5, 2);
    running.changeAt(50, chain(R"({"add": 1})", R"({"refuses": 1})").plan);
    running.drive();
    CHECK(running.run->lastChange().state == ChangeState::refused);
    CHECK(running.run->lastChange().error->code == "state.mismatch");
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < 2000; ++i) {
      sum += i;
      REQUIRE(running.saw.rows["keep"][static_cast<std::size_t>(i)] == sum);
    }
    CHECK(running.run->plan().nodes[1].settings.find("add") == nullptr);
  }
  SUBCASE("a state that nobody said should be kept") {
    Running running(chain(), 5, 2);
    running.at(50, [](Run& run) { CHECK(run.change(chain("{}", R"({"times": 2})").plan).has_value()); });
    running.drive();
    CHECK(running.run->lastChange().error->code == "state.changed");
    CHECK(running.saw.rows["keep"].back() == 1999 * 1000);
  }
  SUBCASE("and another change can follow") {
    Running running(chain(), 5, 2);
    running.changeAt(50, chain("{}", R"({"refuses": 1})").plan);
    running.at(150, [](Run& run) { CHECK(run.change(chain("{}", R"({"times": 2})").plan, kKeeps).has_value()); });
    running.drive();
    CHECK(running.run->lastChange().number == 2);
    CHECK(running.run->lastChange().state == ChangeState::applied);
    CHECK(running.saw.rows["keep"].back() == 2 * 1999 * 1000);
  }
}

TEST_CASE("R16: an order, a name or a note is nothing that a run feels") {
  auto second = chain();
  std::swap(second.plan.nodes[0], second.plan.nodes[3]);
  for (auto& edge : second.plan.edges) {
    const auto other = [](std::int32_t node) { return node == 0 ? 3 : node == 3 ? 0 : node; };
    edge.source = other(edge.source);
    edge.target = other(edge.target);
  }
  second.plan.nodes[1].name = "Adds nothing";
  Running running(chain());
  running.at(50, [&](Run& run) {
    REQUIRE(run.change(second.plan).has_value());
    CHECK(run.lastChange().state == ChangeState::applied);
    CHECK(run.lastChange().steps.empty());
  });
  running.drive();
  CHECK(running.saw.rows["keep"].size() == 2000);
  CHECK(running.saw.made == std::map<std::string, int>{{"keep", 1}, {"source", 1}, {"sum", 1}});
  CHECK(running.metrics.nodes[0].id == "keep");
  CHECK(running.metrics.nodes[0].rowsIn == 2000);
}

TEST_CASE("R16: the rows of an edge that is removed go where its onRemove says") {
  // The sink is slow to begin: the edge is full when it is removed.
  for (const auto rule : {OnRemove::drain, OnRemove::discard, OnRemove::deadLetter}) {
    Drawn first;
    first.node("source", types().source).node("keep", types().keep).edge("gone", "source", "keep");
    first.plan.edges[0].onRemove = rule;
    Drawn second;
    second.node("source", types().source).node("keep", types().keep).edge("new", "source", "keep");
    Running running(first, 7, 1);
    running.changeAt(31, second.plan);
    running.drive();
    CHECK(running.run->lastChange().state == ChangeState::applied);
    REQUIRE(running.metrics.removedEdges.size() == 1);
    const auto& gone = running.metrics.removedEdges[0];
    const auto kept = static_cast<std::int64_t>(running.saw.rows["keep"].size());
    CHECK(gone.offered > 0);
    CHECK(kept + gone.discarded + gone.failed == 2000);
    if (rule == OnRemove::drain) CHECK(kept == 2000);
    if (rule == OnRemove::discard) CHECK(gone.failed == 0);
    if (rule == OnRemove::deadLetter) CHECK(gone.failed == running.result.deadLetters);
  }
}

TEST_CASE("R16: other bounds and another filter leave the rows of an edge where they are") {
  auto second = chain();
  second.plan.edges[0].bufferRows = 9;
  second.plan.edges[1].filter = "row.n >= 0";
  second.plan.edges[2].whenFull = FullRule::dropOldest;
  second.plan.edges[2].bufferRows = 100'000;
  Running running(chain(), 9, 2);
  running.changeAt(60, second.plan);
  running.drive();
  CHECK(running.run->lastChange().state == ChangeState::applied);
  CHECK(running.run->lastChange().steps.size() == 3);
  CHECK(running.saw.rows["keep"].size() == 2000);
  CHECK(running.metrics.edges[0].capacityRows == 9);
  CHECK(running.metrics.edges[0].taken == 2000);
}

}  // namespace
}  // namespace weir::change_test
