// Edges with rules: what goes, what stays, and in which order it is taken.
#include "engine/runtime/edge-policy.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"

namespace weir::runtime {
namespace {

constexpr std::int64_t kMs = 1'000'000;  // nanoseconds

/// Rows n = first.. with the given priorities (one for all if there is one).
Batch rowsOf(std::int64_t first, std::int64_t count, std::vector<std::int32_t> priorities = {}) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i) rows.push_back(Value::map({{Value::string("n"), Value::int64(first + i)}}));
  EnvelopeJoin join;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto priority = priorities.empty() ? 0 : priorities[static_cast<std::size_t>(i) % priorities.size()];
    join.add(EnvelopePlace{i, 1, 0, static_cast<std::uint64_t>(first + i)}, EnvelopeRun{i, 5, priority, {}});
  }
  return batchOfRows(rows, MemoryAccount::unlimited())->withEnvelope(std::move(join).finish());
}

std::string textOf(const Batch& batch) {
  std::string text;
  const auto dense = *batch.dense();
  for (std::int64_t row = 0; row < dense.rows(); ++row)
    text += std::to_string(dense.column(0).ints()[static_cast<std::size_t>(row)]) + " ";
  return text;
}

/// An edge alone: offers rows at a time, takes all of them.
class Trial {
 public:
  explicit Trial(EdgeRules rules) : policy(rules) {}
  void offer(const Batch& batch, std::int64_t nowNanos = 0) {
    Entry entry;
    entry.batch = batch;
    entry.rows = batch.rows();
    entry.bytes = batch.logicalBytes();
    entry.firstRow = offered;
    entry.sinceNanos = nowNanos;
    offered += entry.rows;
    REQUIRE(policy.waiting().push(std::move(entry)).has_value());
    shed(nowNanos);
  }
  void shed(std::int64_t nowNanos) {
    const auto went = policy.shed(nowNanos, held);
    gone += went.rows;
    CHECK(gone == policy.dropped().total());
  }
  std::string takeAll(std::int64_t fence = INT64_MAX) {
    std::string text;
    while (auto entry = policy.waiting().take(fence)) text += textOf(entry->batch);
    return text;
  }
  EdgePolicy policy;
  Amount held;
  std::int64_t offered = 0, gone = 0;
};

EdgeRules rulesOf(FullRule rule, std::int64_t rows = 10) {
  EdgeRules rules;
  rules.rule = rule;
  rules.rows = rows;
  rules.maxWaitMicros = 1'000'000;
  return rules;
}

TEST_CASE("dropOldest keeps the newest rows, as many as dropThreshold says, cut within a batch") {
  Trial edge(rulesOf(FullRule::dropOldest));
  edge.offer(rowsOf(0, 7));
  CHECK(edge.gone == 0);
  edge.offer(rowsOf(7, 6));
  CHECK(edge.policy.dropped().oldest == 4);
  CHECK(edge.policy.waiting().amount().rows == 9);
  CHECK(edge.takeAll() == "4 5 6 7 8 9 10 11 12 ");
  CHECK(edge.policy.waiting().amount().bytes == 0);
}

TEST_CASE("dropNewest keeps what waits and cuts what comes") {
  Trial edge(rulesOf(FullRule::dropNewest));
  edge.offer(rowsOf(0, 7));
  edge.offer(rowsOf(7, 6));
  CHECK(edge.policy.dropped().newest == 4);
  edge.offer(rowsOf(13, 100));
  CHECK(edge.policy.dropped().newest == 104);
  CHECK(edge.takeAll() == "0 1 2 3 4 5 6 7 8 ");
}

TEST_CASE("dropLowestPriority sheds the oldest of the lowest priority, and keeps the others in their order") {
  Trial edge(rulesOf(FullRule::dropLowestPriority));
  edge.offer(rowsOf(0, 6, {1, 0, 2}));  // 0:1 1:0 2:2 3:1 4:0 5:2
  edge.offer(rowsOf(6, 4, {0}));
  CHECK(edge.policy.dropped().lowestPriority == 1);
  edge.offer(rowsOf(10, 2, {5}));
  CHECK(edge.takeAll() == "0 2 3 5 7 8 9 10 11 ");
  CHECK(edge.policy.dropped().lowestPriority == 3);
}

TEST_CASE("sample sheds every second row that waits, the older of each two") {
  Trial edge(rulesOf(FullRule::sample));
  edge.offer(rowsOf(0, 3));
  edge.offer(rowsOf(3, 7));
  CHECK(edge.policy.dropped().sampled == 5);
  CHECK(edge.takeAll() == "1 3 5 7 9 ");
  edge.offer(rowsOf(10, 40));
  CHECK(edge.policy.waiting().amount().rows == 5);
  CHECK(edge.takeAll() == "17 25 33 41 49 ");
}

TEST_CASE("rows in the consumer's hands count, and what it works on is not cut") {
  Trial edge(rulesOf(FullRule::dropOldest));
  edge.held = {6, 0};
  edge.offer(rowsOf(0, 5));
  CHECK(edge.takeAll() == "2 3 4 ");
  edge.held = {9, 0};
  edge.offer(rowsOf(5, 2));
  CHECK(edge.policy.waiting().empty());
  Entry begun;
  begun.batch = rowsOf(20, 3);
  begun.rows = 3;
  begun.fixed = true;
  edge.policy.waiting().giveBack({&begun, 1});
  edge.held = {};
  edge.offer(rowsOf(23, 30));
  CHECK(edge.takeAll().starts_with("20 21 22 44 "));
}

TEST_CASE("a bound in bytes sheds too, but one row passes however heavy it is") {
  auto rules = rulesOf(FullRule::dropOldest, 1000);
  rules.bytes = 100;  // rows of 8 bytes: 11 of them are within 0.9
  Trial edge(rules);
  edge.offer(rowsOf(0, 40));
  CHECK(edge.policy.waiting().amount().bytes <= 90);
  CHECK(edge.policy.waiting().amount().rows == 11);
  CHECK(edge.takeAll().ends_with("38 39 "));
  rules.bytes = 4;
  Trial heavy(rules);
  heavy.offer(rowsOf(0, 2));
  CHECK(heavy.takeAll() == "1 ");
}

TEST_CASE("rows that are too old go by themselves, and the edge says when the next one will be") {
  auto rules = rulesOf(FullRule::block);
  rules.ageMicros = 5'000;
  Trial edge(rules);
  edge.offer(rowsOf(0, 2), 0);
  edge.offer(rowsOf(2, 2), 3 * kMs);
  CHECK(edge.policy.nextNanos(3 * kMs) == 5 * kMs);
  edge.shed(5 * kMs);
  CHECK(edge.policy.dropped().tooOld == 2);
  CHECK(edge.policy.nextNanos(5 * kMs) == 8 * kMs);
  CHECK(edge.takeAll() == "2 3 ");
  CHECK(!edge.policy.nextNanos(9 * kMs).has_value());
}

TEST_CASE("from dropThreshold on until it is below threshold, rows that waited too long go") {
  auto rules = rulesOf(FullRule::dropOldest, 100);
  rules.maxWaitMicros = 10'000;
  Trial edge(rules);
  edge.offer(rowsOf(0, 89), 0);
  edge.shed(50 * kMs);
  CHECK(edge.gone == 0);  // old, but there is room
  edge.offer(rowsOf(89, 6), 50 * kMs);
  CHECK(edge.policy.dropped().oldest == 5);
  CHECK(edge.policy.dropped().waitedTooLong == 10);
  CHECK(edge.policy.waiting().amount().rows == 80);
  auto keeps = rules;
  keeps.rule = FullRule::dropNewest;
  Trial other(keeps);
  other.offer(rowsOf(0, 89), 0);
  other.offer(rowsOf(89, 6), 50 * kMs);
  CHECK(other.policy.dropped().newest == 5);
  CHECK(other.policy.dropped().waitedTooLong == 0);
}

TEST_CASE("the newest batch first, and the highest priority first in the order of arrival") {
  auto rules = rulesOf(FullRule::block, 100);
  rules.order = QueueOrder::newest;
  Trial newest(rules);
  newest.offer(rowsOf(0, 2));
  newest.offer(rowsOf(2, 2));
  CHECK(newest.takeAll() == "2 3 0 1 ");
  rules.order = QueueOrder::priority;
  Trial ranked(rules);
  ranked.offer(rowsOf(0, 4, {0, 7}));
  ranked.offer(rowsOf(4, 2, {3}));
  ranked.offer(rowsOf(6, 2, {7}));
  CHECK(ranked.takeAll() == "1 3 6 7 4 5 0 2 ");
}

TEST_CASE("no row passes a fence, whatever the order") {
  for (const auto order : {QueueOrder::fifo, QueueOrder::newest, QueueOrder::priority}) {
    auto rules = rulesOf(FullRule::block, 100);
    rules.order = order;
    Trial edge(rules);
    edge.offer(rowsOf(0, 2, {0}));
    edge.offer(rowsOf(2, 1, {9}));
    CHECK(edge.takeAll(2) == "0 1 ");
    CHECK(edge.policy.waiting().firstRow() == 2);
    CHECK(edge.takeAll(2).empty());
    CHECK(edge.takeAll() == "2 ");
  }
}

TEST_CASE("what was given back is taken again in its place") {
  for (const auto order : {QueueOrder::fifo, QueueOrder::newest, QueueOrder::priority}) {
    auto rules = rulesOf(FullRule::block, 100);
    rules.order = order;
    Trial edge(rules);
    for (std::int64_t i = 0; i < 4; ++i) edge.offer(rowsOf(i, 1, {static_cast<std::int32_t>(i % 2)}));
    std::vector<Entry> taken;
    for (int i = 0; i < 3; ++i) taken.push_back(*edge.policy.waiting().take(INT64_MAX));
    edge.policy.waiting().giveBack(taken);
    CHECK(edge.policy.waiting().size() == 4);
    const auto text = edge.takeAll();
    if (order == QueueOrder::fifo) CHECK(text == "0 1 2 3 ");
    if (order == QueueOrder::newest) CHECK(text == "3 2 1 0 ");
    if (order == QueueOrder::priority) CHECK(text == "1 3 0 2 ");
  }
}

TEST_CASE("joining waits for enough rows, or so long as it may") {
  auto rules = rulesOf(FullRule::block, 1000);
  rules.batchRows = 5;
  rules.batchWaitMicros = 4'000;
  Trial edge(rules);
  edge.offer(rowsOf(0, 2), 0);
  CHECK(!edge.policy.ready(1 * kMs, false));
  CHECK(edge.policy.nextNanos(1 * kMs) == 4 * kMs);
  CHECK(edge.policy.ready(4 * kMs, false));
  CHECK(edge.policy.ready(1 * kMs, true));
  edge.offer(rowsOf(2, 3), 1 * kMs);
  CHECK(edge.policy.ready(1 * kMs, false));
}

TEST_CASE("room is given out in parts from the threshold on, and an edge that sheds always has some") {
  const EdgePolicy plain(rulesOf(FullRule::block, 100));
  CHECK(plain.room({50, 0}).rows == 50);
  CHECK(plain.room({84, 0}).rows == 4);
  CHECK(plain.room({100, 0}).rows == 0);
  const EdgePolicy sheds(rulesOf(FullRule::dropOldest, 100));
  CHECK(sheds.room({100, 0}).rows == 12);
}

TEST_CASE("whatever comes, rows are dropped or taken, order is kept, and the bound holds") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    auto state = seed;
    const auto draw = [&state](std::int64_t below) {
      state = hash::ofUint64(state + 1);
      return static_cast<std::int64_t>(state % static_cast<std::uint64_t>(below));
    };
    auto rules = rulesOf(static_cast<FullRule>(1 + draw(4)), 1 + draw(50));
    rules.order = static_cast<QueueOrder>(draw(3));
    rules.maxWaitMicros = draw(2) * 20;
    rules.ageMicros = draw(2) * 50;
    Trial edge(rules);
    std::int64_t now = 0;
    std::int64_t taken = 0;
    std::int64_t last = -1;
    for (int i = 0; i < 200; ++i) {
      now += draw(10'000);
      if (draw(3) > 0) {
        const std::vector<std::int32_t> priorities{static_cast<std::int32_t>(draw(3)),
                                                   static_cast<std::int32_t>(draw(3))};
        edge.offer(rowsOf(edge.offered, 1 + draw(20), priorities), now);
      } else if (auto entry = edge.policy.waiting().take(INT64_MAX)) {
        if (rules.order == QueueOrder::fifo) {
          REQUIRE(entry->batch.column(0).ints()[0] > last);
          last = entry->batch.column(0).ints()[static_cast<std::size_t>(entry->rows - 1)];
        }
        if (draw(4) == 0) {
          edge.policy.waiting().giveBack({&*entry, 1});
          last = -1;
        } else {
          taken += entry->rows;
        }
      }
      edge.shed(now);
      REQUIRE(edge.offered == taken + edge.gone + edge.policy.waiting().amount().rows);
      REQUIRE(edge.policy.waiting().amount().rows <= shareOf(rules.rows, 0.9));
      REQUIRE(edge.policy.waiting().amount().bytes == 8 * edge.policy.waiting().amount().rows);
    }
  }
}

TEST_CASE("thresholds fall with the consumer's lag and the host's load, and come back") {
  AdaptiveThresholds follows({0.8, 0.9});
  follows.look(0, nullptr, 0);
  CHECK(follows.now().drop == 0.9);
  for (int i = 0; i < 100; ++i) follows.waited(2'000'000);
  follows.look(200'000, nullptr, 0);
  CHECK(follows.now().slow < 0.21);
  CHECK(follows.now().drop < 0.24);
  for (int i = 0; i < 100; ++i) follows.waited(0);
  std::int64_t now = 200'000;
  for (int i = 0; i < 40; ++i) follows.look(now += 200'000, nullptr, 0);
  CHECK(follows.now().drop > 0.89);
  CHECK(strainOf(0, LoadSample{}, 0.5) == 0);
  CHECK(strainOf(0, LoadSample{.cpu = 1}, 0) == 1);
  CHECK(strainOf(0, LoadSample{.memory = 0.85}, 0) == doctest::Approx(0.5));
  CHECK(strainOf(0, LoadSample{.loopLagMs = 100}, 0) == 0.5);
  CHECK(strainOf(0, LoadSample{.hidden = true}, 0) == 0.75);
  CHECK(strainOf(0, LoadSample{}, 1) == 1);
}

TEST_CASE("an edge that hovers at its threshold is told once, and one that swings not too often") {
  using Change = PressureGauge::Change;
  PressureGauge gauge;
  CHECK(gauge.note(0.79, 0.8, 0) == Change::none);
  CHECK(gauge.note(0.8, 0.8, 10) == Change::raised);
  CHECK(gauge.note(0.7, 0.8, 20) == Change::none);
  CHECK(gauge.note(0.9, 0.8, 30) == Change::none);
  CHECK(gauge.note(0.3, 0.8, 40) == Change::cleared);
  CHECK(gauge.note(0.9, 0.8, 50) == Change::later);
  CHECK(gauge.againMicros() == 200'010);
  CHECK(gauge.note(0.9, 0.8, 200'010) == Change::raised);
  CHECK(gauge.events() == 2);
}

}  // namespace
}  // namespace weir::runtime
