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

TEST_CASE("latency is that of the steps within the window, so that a slow minute of yesterday is over") {
  Trial trial;
  auto& rule = trial.rule("ask.latencyMs");
  rule.over = 50;
  rule.windowMs = 5000;
  auto& steps = trial.metrics.nodes[0].step;
  CHECK(trial.looks(100, [&] { steps.add(1'000'000, 1000); }).empty());
  auto events = trial.looks(20, [&] { steps.add(200'000'000, 100); });
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "alert.raised");
  events = trial.looks(80, [&] { steps.add(1'000'000, 10); });
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "alert.cleared");
}

TEST_CASE("an edge under pressure can be watched") {
  Trial trial;
  trial.rule("wire.underPressure").over = 0;
  CHECK(trial.looks(5, [] {}).empty());
  trial.metrics.edges[0].pressed = true;
  CHECK(trial.looks(5, [] {}).size() == 1);
}

TEST_CASE("rows of the window are counted, and that there are too few is known when it is over") {
  Trial trial;
  auto& most = trial.rule("wire.rows");
  most.name = "many";
  most.over = 500;
  most.windowMs = 2000;
  auto& least = trial.rule("wire.rows");
  least.name = "few";
  least.under = 10;
  least.windowMs = 2000;
  auto& edge = trial.metrics.edges[0];
  auto events = trial.looks(30, [&] { edge.offered += 20; });
  CHECK(events.empty());  // 400 in two seconds
  events = trial.looks(30, [&] { edge.offered += 40; });
  REQUIRE(events.size() == 1);
  CHECK(events[0].subject == "many");
  events = trial.looks(60, [] {});
  REQUIRE(events.size() == 2);  // many is cleared, few is raised
  CHECK(events[1].message == "wire.rows is 0, under 10");
}

/// What rows of each key came between two looks.
using Came = std::map<std::string, std::int64_t>;

struct KeyTrial : Trial {
  std::vector<RunEvent> come(const Came& came, int looks = 1) {
    std::vector<RunEvent> all;
    for (int i = 0; i < looks; ++i) {
      if (!alerts) alerts.emplace(plan);
      runtime::RowTally tally;
      for (const auto& [key, rows] : came) tally.add(key, rows);
      std::map<std::size_t, runtime::RowTally> rows;
      rows.emplace(0, std::move(tally));
      for (auto& event : alerts->look(metrics, now += kTenth, std::move(rows))) all.push_back(std::move(event));
    }
    return all;
  }
};

TEST_CASE("a rule by key is raised and cleared for each key by itself") {
  KeyTrial trial;
  auto& rule = trial.rule("wire.rows");
  rule.key = "row.sensor";
  rule.where = "row.celsius > 80";
  rule.over = 5;
  rule.windowMs = 1000;
  auto events = trial.come({{"a", 3}, {"b", 9}});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "alert.raised");
  CHECK(events[0].key == "b");
  CHECK(events[0].message == "wire.rows where row.celsius > 80 of 'b' is 9, over 5");
  events = trial.come({{"a", 9}});
  REQUIRE(events.size() == 1);
  CHECK(events[0].key == "a");
  REQUIRE(trial.alerts->view().size() == 1);
  CHECK(trial.alerts->view()[0].keys == std::vector<std::string>{"a", "b"});
  events = trial.come({}, 40);
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == "alert.cleared");
  CHECK(trial.alerts->view()[0].keys.empty());
}

TEST_CASE("keys that were there and are absent for too long are noticed one by one") {
  KeyTrial trial;
  auto& rule = trial.rule("wire.idleMs");
  rule.key = "row.sensor";
  rule.over = 3000;
  CHECK(trial.come({{"a", 1}, {"b", 1}}, 50).empty());
  const auto events = trial.come({{"a", 1}}, 50);
  REQUIRE(events.size() == 1);
  CHECK(events[0].key == "b");
  CHECK(events[0].message == "wire.idleMs of 'b' is 3100, over 3000");
  const auto back = trial.come({{"a", 1}, {"b", 1}}, 20);
  REQUIRE(back.size() == 1);
  CHECK(back[0].kind == "alert.cleared");
}

TEST_CASE("a condition without a key is about all rows for which it holds, also if none ever comes") {
  KeyTrial trial;
  auto& rule = trial.rule("wire.idleMs");
  rule.where = "row.ok";
  rule.over = 2000;
  const auto events = trial.come({}, 40);
  REQUIRE(events.size() == 1);
  CHECK(events[0].key.empty());
  CHECK(trial.come({{"", 5}}, 15).size() == 1);
}

TEST_CASE("many keys at once are one message more") {
  KeyTrial trial;
  auto& rule = trial.rule("wire.rows");
  rule.key = "row.id";
  rule.over = 0;
  Came came;
  for (int i = 0; i < 500; ++i) came[std::to_string(i)] = 1;
  const auto events = trial.come(came);
  REQUIRE(events.size() == Alerts::kMostAtOnce + 1);
  CHECK(events.back().message.starts_with("and of 490 more keys: "));
  CHECK(trial.alerts->view()[0].raisedKeys == 500);
  CHECK(trial.alerts->view()[0].keys.size() == 100);
}

TEST_CASE("keys are bounded: those that were silent for longest give way, and what is not watched is said once") {
  KeyTrial trial;
  auto& rule = trial.rule("wire.idleMs");
  rule.key = "row.id";
  rule.over = 3'600'000;
  rule.windowMs = 1000;
  std::int64_t said = 0;
  for (int round = 0; round < 60; ++round) {
    Came came;
    for (int i = 0; i < 500; ++i) came[std::to_string(round) + "/" + std::to_string(i)] = 1;
    for (const auto& event : trial.come(came)) said += event.kind == "alert.keys" ? 1 : 0;
  }
  CHECK(said == 0);
  KeyTrial full;
  full.rule("wire.idleMs").key = "row.id";
  full.plan.alerts[0].over = 0;
  for (int round = 0; round < 15; ++round) {
    Came came;
    for (int i = 0; i < 1000; ++i) came[std::to_string(round) + "/" + std::to_string(i)] = 1;
    for (const auto& event : full.come(came)) said += event.kind == "alert.keys" ? 1 : 0;
    full.come({});  // all are raised
  }
  CHECK(said == 1);
}

TEST_CASE("while it is muted an alert is not raised, and is when that is over and it still holds") {
  Trial trial;
  auto& rule = trial.rule("run.deadLetters");
  rule.over = 5;
  rule.mutedUntilMicros = trial.now + 1'000'000;
  trial.metrics.deadLetters = 10;
  CHECK(trial.looks(9, [] {}).empty());
  CHECK(trial.looks(3, [] {}).size() == 1);
  CHECK(trial.alerts->mute("one", trial.now + 3'000'000));
  trial.metrics.deadLetters = 0;
  CHECK(trial.looks(15, [] {}).size() == 1);  // cleared as ever
  trial.metrics.deadLetters = 10;
  CHECK(trial.looks(10, [] {}).empty());
  CHECK(trial.alerts->mute("one", 0));
  CHECK(trial.looks(1, [] {}).size() == 1);
  CHECK(!trial.alerts->mute("nobody", 0));
}

TEST_CASE("rows that cannot be computed are said once and not counted") {
  KeyTrial trial;
  auto& rule = trial.rule("wire.rows");
  rule.where = "row.x > 1";
  rule.over = 0;
  trial.alerts.emplace(trial.plan);
  std::int64_t said = 0;
  for (int i = 0; i < 5; ++i) {
    runtime::RowTally tally;
    tally.failed = 3;
    tally.problem = "no such field";
    std::map<std::size_t, runtime::RowTally> rows;
    rows.emplace(0, tally);
    for (const auto& event : trial.alerts->look(trial.metrics, trial.now += kTenth, rows)) {
      CHECK(event.kind == "alert.failed");
      CHECK(event.message.ends_with("no such field"));
      ++said;
    }
  }
  CHECK(said == 1);
}

TEST_CASE("a clock that is set back raises nothing by that") {
  KeyTrial trial;
  auto& rule = trial.rule("wire.idleMs");
  rule.key = "row.sensor";
  rule.over = 3000;
  CHECK(trial.come({{"a", 1}}, 20).empty());
  trial.now -= 7'200'000'000;
  CHECK(trial.come({{"a", 1}}, 20).empty());
  trial.now -= 7'200'000'000;
  CHECK(trial.come({}, 20).empty());
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
