// Changes of running flows that cannot be, and what stays through those that can.
#include <doctest/doctest.h>

#include "engine/runtime/changed-run.test.h"
#include "engine/runtime/run-change.h"

namespace weir::change_test {
namespace {

TEST_CASE("R16: what cannot be changed while the run goes on is refused, and says what to do") {
  const auto refusal = [](const Drawn& first, const Plan& next) {
    Running running(first);
    running.changeAt(40, next);
    running.drive();
    CHECK(running.saw.rows["keep"].size() == 2000);
    if (!running.begun) return running.begun.error();
    const auto view = running.run->lastChange();
    CHECK(view.state == ChangeState::refused);
    return view.error.value_or(Error{});
  };
  SUBCASE("a journal") {
    auto next = chain();
    next.plan.edges[1].durable = true;
    CHECK(refusal(chain(), next.plan).code == "change.durable");
  }
  SUBCASE("another flow") {
    auto next = chain();
    next.plan.flowId = "another";
    CHECK(refusal(chain(), next.plan).code == "change.other_flow");
  }
  SUBCASE("a source that would begin again") {
    Drawn first;
    first.node("source", types().source, R"({"saves": 0})").node("keep", types().keep).edge("e", "source", "keep");
    auto next = first;
    next.plan.nodes[0].settings = json::parse(R"({"saves": 0, "total": 3000})")->root();
    const auto error = refusal(first, next.plan);
    CHECK(error.code == "change.source_restarts");
    CHECK(error.message.find("'source'") != std::string::npos);
  }
}

TEST_CASE("R16: a change that comes when the run is over, or another one is under way, is refused") {
  Running running(chain());
  running.at(50, [](Run& run) {
    CHECK(run.change(chain("{}", R"({"times": 2})").plan, kKeeps).has_value());
    const auto second = run.change(chain("{}", R"({"times": 3})").plan, kKeeps);
    REQUIRE(!second.has_value());
    CHECK(second.error().code == "change.busy");
  });
  running.drive();
  CHECK(running.saw.rows["keep"].back() == 2 * 1999 * 1000);
  const auto late = running.run->change(chain().plan);
  REQUIRE(!late.has_value());
  CHECK(late.error().code == "change.run_over");
}

TEST_CASE("R16: taps and breakpoints on what did not change stay through a change") {
  auto second = chain("{}", R"({"times": 2})");
  second.node("copy", types().keep).edge("aside", "source", "copy");
  Running running(chain());
  std::uint32_t tap = 0, log = 0;
  running.at(1, [&](Run& run) {
    TapOptions options;
    options.edge = "in";
    tap = *run.debugger().tap(options, 1);
    BreakpointOptions stop;
    stop.node = "keep";
    stop.log = "{row.n}";
    log = *run.debugger().stopAt(stop, 1);
  });
  running.changeAt(60, second.plan);
  running.at(62, [&](Run& run) { static_cast<void>(run.debugger().take(tap, 0)); });
  running.drive();
  CHECK(running.run->lastChange().state == ChangeState::applied);
  const auto taken = running.run->debugger().take(tap, 1'000'000'000);
  REQUIRE(taken.has_value());
  CHECK(taken->counts.passed == 2000);
  const auto stops = running.run->debugger().breakpoints();
  REQUIRE(stops.size() == 1);
  CHECK(stops[0].id == log);
  CHECK(stops[0].hits == 2000);
}

}  // namespace
}  // namespace weir::change_test
