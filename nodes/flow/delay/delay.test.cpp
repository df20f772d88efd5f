// Delay against the clock.
#include <doctest/doctest.h>

#include "nodes/flow/delay/delay.gen.h"
#include "nodes/node-bench.test.h"

namespace weir::nodes::delay {
namespace {

using testing::NodeBench;

TEST_CASE("each row leaves its delay after it came, in order") {
  NodeBench bench(&makeFromJson, R"({"delay": "10s"})");
  bench.give(R"([{"id": 1}, {"id": 2}])");
  bench.run();
  bench.passSeconds(4);
  bench.give(R"([{"id": 3}])");
  bench.end();
  bench.run();
  bench.passSeconds(5);
  CHECK(bench.text().empty());
  bench.passSeconds(1);
  CHECK(bench.text() == "{\"id\":1}\n{\"id\":2}\n");
  CHECK(bench.last.next == Progress::Next::blocked);
  bench.passSeconds(4);
  CHECK(bench.text() == "{\"id\":3}\n");
  CHECK(bench.last.next == Progress::Next::done);
}

TEST_CASE("no more rows wait than are allowed, the others stay in the edge") {
  NodeBench bench(&makeFromJson, R"({"delay": "10s", "maxRows": 2})");
  bench.give(R"([{"id": 1}, {"id": 2}, {"id": 3}])");
  CHECK(bench.run().inputs == 0);
  CHECK(bench.io.peek(0)->rows() == 1);
  bench.passSeconds(10);
  CHECK(bench.text() == "{\"id\":1}\n{\"id\":2}\n");
  CHECK(bench.io.peek(0) == nullptr);
}

TEST_CASE("R15: a clock that is set back makes rows neither late by that nor early") {
  NodeBench bench(&makeFromJson, R"({"delay": "30s"})");
  bench.give(R"([{"id": 1}])");
  bench.run();
  bench.passSeconds(10);
  bench.context.clock -= 7200'000'000;
  bench.run();
  bench.passSeconds(9);
  CHECK(bench.text().empty());
  bench.passSeconds(11);
  CHECK(bench.text() == "{\"id\":1}\n");
}

TEST_CASE("R1: rows that wait survive a restart, and leave at once if their time passed meanwhile") {
  NodeBench bench(&makeFromJson, R"({"delay": "30s"})");
  bench.give(R"([{"id": 1}])");
  bench.run();
  bench.passSeconds(10);
  bench.give(R"([{"id": 2}])");
  bench.run();
  bench.context.clock += 15'000'000;
  bench.restart();
  bench.run();
  CHECK(bench.text().empty());
  bench.passSeconds(5);
  CHECK(bench.text() == "{\"id\":1}\n");
  bench.context.clock += 3600'000'000;
  bench.restart();
  bench.run();
  CHECK(bench.text() == "{\"id\":2}\n");
}

TEST_CASE("no watermark passes the rows that wait") {
  NodeBench bench(&makeFromJson, R"({"delay": "10s"})");
  bench.io.marks[0] = 5;
  bench.give(R"([{"id": 1}])");
  bench.run();
  CHECK(bench.io.held == 5);
  bench.passSeconds(10);
  CHECK(bench.io.held == INT64_MAX);
}

}  // namespace
}  // namespace weir::nodes::delay
