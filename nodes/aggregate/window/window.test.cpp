// Windows against a naive model, cut anywhere, saved and restored; the clock; bounds.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "engine/data/random-rows.h"
#include "engine/time/instant.h"
#include "nodes/aggregate/node-trial.test.h"
#include "nodes/aggregate/window/window.gen.h"
#include "nodes/node-bench.test.h"

namespace weir::nodes::window {
namespace {

using testing::batchesOf;
using testing::Dice;
using testing::NodeBench;
using testing::tryNode;

constexpr std::int64_t kBegin = 1'700'000'000;  // seconds

struct Row {
  std::int64_t at;  // milliseconds after kBegin
  int key;
  std::int64_t n;
};

Value timeOf(std::int64_t millis) {
  return Value::timestamp(kBegin + millis / 1000, static_cast<std::int32_t>(millis % 1000 * 1'000'000));
}

std::vector<Row> randomRows(Dice& dice, std::size_t count, std::int64_t disorder) {
  std::vector<Row> rows;
  std::int64_t now = 1'000'000;
  for (std::size_t i = 0; i < count; ++i) {
    now += dice.below(dice.below(50) == 0 ? 20'000 : 300);
    rows.push_back({now - (disorder > 0 ? dice.below(static_cast<std::uint32_t>(disorder)) : 0),
                    static_cast<int>(dice.below(5)), static_cast<std::int64_t>(dice.below(100))});
  }
  return rows;
}

std::vector<Value> asValues(const std::vector<Row>& rows) {
  std::vector<Value> values;
  for (const auto& row : rows) {
    values.push_back(Value::map({{Value::string("at"), timeOf(row.at)},
                                 {Value::string("k"), Value::int64(row.key)},
                                 {Value::string("n"), Value::int64(row.n)}}));
  }
  return values;
}

struct Sum {
  std::int64_t count = 0, sum = 0;
};
using Lines = std::vector<std::string>;

std::string line(std::int64_t start, std::int64_t end, int key, const Sum& sum) {
  return toJson(Value::map({{Value::string("windowStart"), timeOf(start)},
                            {Value::string("windowEnd"), timeOf(end)},
                            {Value::string("k"), Value::int64(key)},
                            {Value::string("count"), Value::int64(sum.count)},
                            {Value::string("sum"), Value::int64(sum.sum)}}));
}

std::int64_t floorOf(std::int64_t a, std::int64_t b) { return (a + kBegin * 1000) / b * b - kBegin * 1000; }

/// One row after the other, every window by itself.
std::pair<Lines, std::int64_t> modelOf(const std::vector<Row>& rows, std::int64_t size, std::int64_t step,
                                       std::int64_t delay, std::int64_t lateness) {
  std::map<std::pair<std::int64_t, int>, Sum> open;  // by end and key
  Lines lines;
  std::int64_t late = 0, greatest = INT64_MIN / 2;
  const auto close = [&](std::int64_t watermark) {
    while (!open.empty() && open.begin()->first.first + lateness <= watermark) {
      const auto [end, key] = open.begin()->first;
      lines.push_back(line(end - size, end, key, open.begin()->second));
      open.erase(open.begin());
    }
  };
  for (const auto& row : rows) {
    const auto watermark = greatest - delay;
    close(watermark);
    bool taken = false;
    for (auto start = floorOf(row.at, step); start > row.at - size; start -= step) {
      if (start + size + lateness <= watermark) continue;
      taken = true;
      auto& sum = open[{start + size, row.key}];
      ++sum.count;
      sum.sum += row.n;
    }
    late += taken ? 0 : 1;
    greatest = std::max(greatest, row.at);
  }
  close(INT64_MAX);
  return {lines, late};
}

Lines linesOf(const std::string& text) {
  Lines lines;
  for (std::size_t from = 0; from < text.size();) {
    const auto to = text.find('\n', from);
    lines.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return lines;
}

std::string settingsOf(const std::string& shape) {
  return R"({"time": "row.at", "keys": ["k"], "measures": [{"name": "count", "function": "count"},
            {"name": "sum", "function": "sum", "of": "row.n"}], )" +
         shape + "}";
}

TEST_CASE("tumbling and sliding windows are those of a naive model, however rows are cut and how late they come") {
  Dice dice(3);
  for (int round = 0; round < 40; ++round) {
    const std::int64_t steps = round % 2 == 0 ? 1 : 1 + static_cast<std::int64_t>(dice.below(5));
    const std::int64_t step = 700 + 100 * dice.below(30), size = step * steps + (round % 4 == 3 ? step / 2 : 0);
    const std::int64_t delay = dice.below(2) * dice.below(4000), lateness = dice.below(2) * dice.below(3000);
    const auto rows = randomRows(dice, 400, dice.below(6000));
    const auto [wanted, late] = modelOf(rows, size, step, delay, lateness);
    const auto settings =
        settingsOf(R"("kind": "sliding", "size": )" + std::to_string(size) + R"(, "step": )" + std::to_string(step) +
                   R"(, "maxDelay": )" + std::to_string(delay) + R"(, "allowedLateness": )" + std::to_string(lateness));
    for (const std::size_t each : {1U, 7U, 64U, 400U}) {
      const auto done = tryNode(&makeFromJson, settings, {batchesOf(asValues(rows), each)}, 2);
      REQUIRE(done.result.outcome == Outcome::done);
      const auto found = linesOf(done.text());
      const auto differs = std::ranges::mismatch(found, wanted);
      CHECK_MESSAGE(found == wanted, settings, " ", each, "\n", differs.in1 == found.end() ? "-" : *differs.in1, "\n",
                    differs.in2 == wanted.end() ? "-" : *differs.in2);
      CHECK(std::ssize(done.outputs[1]) == late);
    }
  }
}

TEST_CASE("sessions are those of a naive model, however rows are cut") {
  Dice dice(5);
  for (int round = 0; round < 30; ++round) {
    const std::int64_t gap = 300 + dice.below(4000), delay = dice.below(2) * dice.below(8000);
    const auto rows = randomRows(dice, 300, 1 + dice.below(6000));
    struct Session {
      std::int64_t start, end;
      int key;
      Sum sum;
    };
    std::vector<Session> open;
    Lines wanted;
    std::int64_t late = 0, greatest = INT64_MIN / 2;
    const auto close = [&](std::int64_t watermark) {
      std::ranges::sort(open, {}, [](const Session& s) { return std::tuple(s.end, s.key, s.start); });
      while (!open.empty() && open.front().end <= watermark) {
        wanted.push_back(line(open.front().start, open.front().end, open.front().key, open.front().sum));
        open.erase(open.begin());
      }
    };
    for (const auto& row : rows) {
      close(greatest - delay);
      Session made{row.at, row.at + gap, row.key, {1, row.n}};
      bool joined = false;
      for (auto at = open.begin(); at != open.end();) {
        if (at->key == row.key && row.at < at->end && row.at + gap > at->start) {
          made.start = std::min(made.start, at->start);
          made.end = std::max(made.end, at->end);
          made.sum.count += at->sum.count;
          made.sum.sum += at->sum.sum;
          at = open.erase(at);
          joined = true;
        } else {
          ++at;
        }
      }
      if (!joined && row.at + gap <= greatest - delay) {
        ++late;
      } else {
        open.push_back(made);
      }
      greatest = std::max(greatest, row.at);
    }
    close(INT64_MAX);
    const auto settings =
        settingsOf(R"("kind": "session", "gap": )" + std::to_string(gap) + R"(, "maxDelay": )" + std::to_string(delay));
    for (const std::size_t each : {1U, 11U, 300U}) {
      const auto done = tryNode(&makeFromJson, settings, {batchesOf(asValues(rows), each)}, 2);
      CHECK(linesOf(done.text()) == wanted);
      CHECK(std::ssize(done.outputs[1]) == late);
    }
  }
}

TEST_CASE("R1: windows go on from a checkpoint as if nothing had happened") {
  Dice dice(11);
  const auto rows = asValues(randomRows(dice, 3000, 2000));
  for (const char* shape : {R"("size": "2s")", R"("kind": "sliding", "size": "3s", "step": "1s", "maxDelay": "1s")",
                            R"("kind": "session", "gap": "400ms", "maxDelay": "1500ms")", R"("by": "count", "rows": 7)",
                            R"("kind": "sliding", "by": "count", "rows": 6, "stepRows": 4)"}) {
    const auto wanted = tryNode(&makeFromJson, settingsOf(shape), {batchesOf(rows, 50)}, 2);
    NodeBench bench(&makeFromJson, settingsOf(shape));
    std::string text, late;
    for (std::size_t from = 0; from < rows.size(); from += 37) {
      bench.give(std::span(rows).subspan(from, std::min<std::size_t>(37, rows.size() - from)));
      bench.run();
      text += bench.text();
      late += bench.text(1);
      bench.restart();
      REQUIRE(!bench.error);
    }
    bench.end();
    CHECK(bench.run().next == Progress::Next::done);
    CHECK_MESSAGE(text + bench.text() == wanted.text(), shape);
    CHECK_MESSAGE(late + bench.text(1) == wanted.text(1), shape);
  }
}

TEST_CASE("results wait for room, and none is lost") {
  Dice dice(2);
  const auto rows = asValues(randomRows(dice, 2000, 0));
  testing::TrialOptions options;
  options.edgeRows = 3;
  const auto settings = settingsOf(R"("size": "1s")");
  const auto wanted = tryNode(&makeFromJson, settings, {batchesOf(rows, 500)}, 2).text();
  CHECK(tryNode(&makeFromJson, settings, {batchesOf(rows, 500)}, 2, options).text() == wanted);
}

TEST_CASE("a watermark from upstream closes windows, and the node tells what still may come") {
  NodeBench bench(&makeFromJson, R"~({"time": "timestamp(row.at)", "size": "10s"})~");
  bench.io.marks[0] = parseInstant("2024-05-01T12:00:00Z")->seconds * 1'000'000;
  bench.give(R"([{"at": "2024-05-01T12:00:01Z"}, {"at": "2024-05-01T12:05:00Z"}, {"at": "2024-05-01T12:00:02Z"}])");
  bench.run();
  CHECK(bench.text().empty());
  CHECK(bench.io.held == parseInstant("2024-05-01T12:00:00Z")->seconds * 1'000'000);
  bench.io.marks[0] = parseInstant("2024-05-01T12:00:10Z")->seconds * 1'000'000;
  bench.run();
  CHECK(bench.text() == R"({"windowStart":"2024-05-01T12:00:00Z","windowEnd":"2024-05-01T12:00:10Z","count":2})"
                        "\n");
  bench.give(R"([{"at": "2024-05-01T12:00:03Z"}])");
  bench.run();
  CHECK(linesOf(bench.text(1)).size() == 1);
  CHECK(bench.io.held == parseInstant("2024-05-01T12:00:10Z")->seconds * 1'000'000);
}

TEST_CASE("a silent stream closes its windows when as much time has passed, also while the clock is set back") {
  NodeBench bench(&makeFromJson, R"~({"time": "timestamp(row.at)", "size": "1m", "idleTimeout": "5s"})~");
  bench.give(R"([{"at": "2024-05-01T12:00:30Z"}])");
  bench.run();
  bench.passSeconds(29);
  CHECK(bench.text().empty());
  bench.context.clock -= 3600'000'000;
  bench.run();
  bench.passSeconds(10);  // and what passed since it was looked at last
  CHECK(linesOf(bench.text()).size() == 1);
  CHECK(bench.last.wakeAt == std::nullopt);
}

TEST_CASE("a key of windows by count that is silent gives what it has") {
  NodeBench bench(&makeFromJson, R"({"by": "count", "rows": 3, "keys": ["k"], "idleTimeout": "10s"})");
  bench.give(R"([{"k": 1}, {"k": 2}, {"k": 2}])");
  bench.run();
  bench.passSeconds(6);
  bench.give(R"([{"k": 1}])");
  bench.run();
  bench.passSeconds(5);
  CHECK(linesOf(bench.text()).size() == 1);
  bench.passSeconds(6);
  const auto lines = linesOf(bench.text());
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].contains(R"("k":1,"count":2)"));
}

TEST_CASE("early results come while a window is open, only where something is new") {
  NodeBench bench(&makeFromJson,
                  R"~({"time": "timestamp(row.at)", "size": "1m", "earlyEvery": "10s", "idleTimeout": "1h"})~");
  bench.give(R"([{"at": "2024-05-01T12:00:30Z"}])");
  bench.run();
  bench.passSeconds(35);
  CHECK(bench.text() ==
        R"({"windowStart":"2024-05-01T12:00:00Z","windowEnd":"2024-05-01T12:01:00Z","windowFinal":false,"count":1})"
        "\n");
  bench.give(R"([{"at": "2024-05-01T12:00:31Z"}])");
  bench.end();
  bench.run();
  CHECK(bench.text() ==
        R"({"windowStart":"2024-05-01T12:00:00Z","windowEnd":"2024-05-01T12:01:00Z","windowFinal":true,"count":2})"
        "\n");
}

TEST_CASE("R5: windows past their bound fail the run with a code, and what is closed is freed") {
  std::vector<Value> rows;
  for (int i = 0; i < 40'000; ++i) {
    rows.push_back(Value::map({{Value::string("at"), timeOf(i)},
                               {Value::string("k"), Value::int64(i)},
                               {Value::string("n"), Value::int64(1)}}));
  }
  const auto full =
      tryNode(&makeFromJson, settingsOf(R"("size": "1h", "memoryBytes": "4MiB")"), {batchesOf(rows, 1000)});
  REQUIRE(full.result.error);
  CHECK(full.result.error->code == "window.state_limit");
  for (const char* shape : {R"("size": "1s")", R"("kind": "session", "gap": "1s")"}) {
    const auto some =
        tryNode(&makeFromJson, settingsOf(std::string(shape) + R"(, "memoryBytes": "4MiB")"), {batchesOf(rows, 1000)});
    CHECK_MESSAGE(some.result.outcome == Outcome::done, shape);
    CHECK(some.outputs[0].size() == 40'000);
  }
}

TEST_CASE("a damaged state is refused") {
  for (const char* shape : {R"("size": "1s")", R"("kind": "session")", R"("by": "count")"}) {
    NodeBench bench(&makeFromJson, settingsOf(shape));
    testing::SavedState state;
    REQUIRE(state.write(Value::int64(7)));
    const auto wrong = bench.task->restore(state);
    REQUIRE(!wrong);
    CHECK(wrong.error().code == "state.mismatch");
    testing::SavedState cut;
    for (int i = 0; i < 5; ++i) REQUIRE(cut.write(Value::int64(1)));
    CHECK(!bench.task->restore(cut));
  }
}

}  // namespace
}  // namespace weir::nodes::window
