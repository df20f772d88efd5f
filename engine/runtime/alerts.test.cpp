// When alerts are raised and cleared.
#include "engine/runtime/alerts.h"

#include <doctest/doctest.h>

namespace weir {
namespace {

constexpr std::int64_t kTenth = 100'000;

struct Trial {
  Plan plan;
  RunMetrics metrics;
  std::int64_t now = 1'750'000'000'000'000;
  std::optional<Alerts> alerts;

  Trial() {
    PlannedNode node;
    node.id = "ask";
    plan.nodes.push_back(node);
    PlannedEdge edge;
    edge.id = "wire";
    plan.edges.push_back(edge);
    metrics.nodes.resize(1);
    metrics.nodes[0].id = "ask";
    metrics.edges.resize(1);
    metrics.edges[0].id = "wire";
    metrics.edges[0].target = "ask";
    metrics.edges[0].capacityRows = 100;
  }
  PlannedAlert& rule(std::string metric) {
    plan.alerts.emplace_back();
    plan.alerts.back().name = "one";
    plan.alerts.back().metric = std::move(metric);
    plan.alerts.back().severity = "critical";
    return plan.alerts.back();
  }
  std::vector<RunEvent> look() {
    if (!alerts) alerts.emplace(plan);
    return alerts->look(metrics, now += kTenth);
  }
  /// Of so many looks; `each` changes the metrics before one.
  template <class Each>
  std::vector<RunEvent> looks(int count, Each each) {
    std::vector<RunEvent> all;
    for (int i = 0; i < count; ++i) {
      each();
      for (auto& event : look()) all.push_back(std::move(event));
    }
    return all;
  }
};

TEST_CASE("an alert is raised when its rule has held for long enough, and cleared when all is well again") {
  Trial trial;
  auto& rule = trial.rule("wire.fill");
  rule.over = 0.5;
  rule.forMs = 1000;
  const auto held = [&](std::int64_t rows) { return [&trial, rows] { trial.metrics.edges[0].held = rows; }; };
  CHECK(trial.looks(10, held(80)).empty());
  auto events = trial.looks(5, held(80));
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "alert.raised");
  CHECK(events[0].subject == "one");
  CHECK(events[0].severity == EventSeverity::critical);
  CHECK(events[0].message == "wire.fill is 0.80, over 0.50 for 1000 ms");
  CHECK(trial.looks(30, held(48)).empty());  // just below the bound is not well
  events = trial.looks(15, held(10));
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "alert.cleared");
}

TEST_CASE("a rule that holds with breaks is not raised") {
  Trial trial;
  auto& rule = trial.rule("wire.fill");
  rule.over = 0.5;
  rule.forMs = 1000;
  int at = 0;
  CHECK(trial.looks(100, [&] { trial.metrics.edges[0].held = ++at % 9 == 0 ? 10 : 80; }).empty());
}

TEST_CASE("within the quiet period an alert is not raised again") {
  Trial trial;
  auto& rule = trial.rule("run.deadLetters");
  rule.over = 5;
  rule.quietMs = 60'000;
  std::int64_t raised = 0;
  for (int i = 0; i < 10; ++i) {
    trial.metrics.deadLetters = 10;
    for (const auto& event : trial.looks(20, [] {})) raised += event.kind == "alert.raised" ? 1 : 0;
    trial.metrics.deadLetters = 0;
    for (const auto& event : trial.looks(20, [] {})) raised += event.kind == "alert.raised" ? 1 : 0;
  }
  CHECK(raised == 1);
}

TEST_CASE("the error rate is that of the last ten seconds") {
  Trial trial;
  trial.rule("ask.errorRate").over = 0.5;
  auto& node = trial.metrics.nodes[0];
  CHECK(trial.looks(200, [&] { node.rowsIn += 100; }).empty());
  const auto events = trial.looks(100, [&] {
    node.rowsIn += 100;
    node.failed += 80;
  });
  REQUIRE(events.size() == 1);
  CHECK(trial.looks(150, [&] { node.rowsIn += 100; }).size() == 1);  // cleared
}

TEST_CASE("rows that are absent, too few, or stand before a node that takes none, are noticed") {
  Trial trial;
  trial.rule("wire.idleMs").over = 2000;
  trial.rule("wire.rowsPerSecond").under = 5;
  trial.rule("ask.stalledMs").over = 3000;
  auto& edge = trial.metrics.edges[0];
  CHECK(trial.looks(50, [&] { ++edge.offered; }).empty());
  edge.held = 1;
  const auto events = trial.looks(100, [] {});
  CHECK(events.size() == 3);
}

TEST_CASE("an open breaker can be watched, and a rule about what is not there never holds") {
  Trial trial;
  trial.rule("ask.breakerOpen").over = 0;
  trial.rule("nobody.breakerOpen").over = -1;
  trial.rule("ask.nothing").over = -1;
  trial.metrics.nodes[0].breaker = "closed";
  CHECK(trial.looks(5, [] {}).empty());
  trial.metrics.nodes[0].breaker = "open";
  CHECK(trial.looks(5, [] {}).size() == 1);
}

}  // namespace
}  // namespace weir
