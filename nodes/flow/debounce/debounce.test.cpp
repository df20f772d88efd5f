// Debounce against the clock.
#include <doctest/doctest.h>

#include "nodes/flow/debounce/debounce.gen.h"
#include "nodes/node-bench.test.h"

namespace weir::nodes::debounce {
namespace {

using testing::NodeBench;

TEST_CASE("the last row passes when its key has become quiet, each key by itself") {
  NodeBench bench(&makeFromJson, R"({"key": "row.k", "quiet": "5s"})");
  bench.give(R"([{"k": "a", "n": 1}, {"k": "b", "n": 2}])");
  bench.run();
  bench.passSeconds(4);
  bench.give(R"([{"k": "a", "n": 3}])");
  bench.run();
  bench.passSeconds(1);
  CHECK(bench.text() == "{\"k\":\"b\",\"n\":2}\n");
  bench.passSeconds(4);
  CHECK(bench.text() == "{\"k\":\"a\",\"n\":3}\n");
  CHECK(bench.text(1) == "{\"k\":\"a\",\"n\":1}\n");
  CHECK(!bench.last.wakeAt);
}

TEST_CASE("a key that never becomes quiet passes a row every longest wait") {
  NodeBench bench(&makeFromJson, R"({"quiet": "5s", "maxWait": "12s"})");
  std::string text;
  for (int i = 0; i < 26; ++i) {
    bench.give("[{\"n\": " + std::to_string(i) + "}]");
    bench.run();
    bench.passSeconds(1);
    text += bench.text();
  }
  CHECK(text == "{\"n\":11}\n{\"n\":23}\n");
}

TEST_CASE("the first row passes at once, the next one when it was quiet or after the longest wait") {
  NodeBench bench(&makeFromJson, R"({"quiet": "5s", "keep": "first", "maxWait": "8s"})");
  std::string text;
  for (int i = 0; i < 10; ++i) {
    bench.give("[{\"n\": " + std::to_string(i) + "}]");
    bench.run();
    bench.passSeconds(1);
    text += bench.text();
  }
  bench.passSeconds(5);
  bench.give(R"([{"n": 99}])");
  bench.end();
  bench.run();
  CHECK(text + bench.text() == "{\"n\":0}\n{\"n\":8}\n{\"n\":99}\n");
  CHECK(bench.last.next == Progress::Next::done);
}

TEST_CASE("R1: what waits survives a restart") {
  NodeBench bench(&makeFromJson, R"({"key": "row.k", "quiet": "5s"})");
  bench.give(R"([{"k": "a", "n": 1}, {"k": "b", "n": 2}])");
  bench.run();
  bench.passSeconds(3);
  bench.restart();
  bench.run();
  CHECK(bench.text().empty());
  bench.passSeconds(2);
  CHECK(bench.text() == "{\"k\":\"a\",\"n\":1}\n{\"k\":\"b\",\"n\":2}\n");
}

TEST_CASE("past the most keys the one that would be quiet first passes early; forgotten keys are freed") {
  NodeBench bench(&makeFromJson, R"({"key": "row.k", "quiet": "1h", "maxKeys": 3})");
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    bench.give("[{\"k\": " + std::to_string(i) + "}]");
    bench.run();
    bench.passSeconds(0);
    ++bench.context.clock;
    text += bench.text();
  }
  CHECK(std::ranges::count(text, '\n') == 4997);
  CHECK(text.starts_with("{\"k\":0}\n{\"k\":1}\n"));
}

}  // namespace
}  // namespace weir::nodes::debounce
