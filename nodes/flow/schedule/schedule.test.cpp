// Schedules while clocks jump, runs stop and nobody takes rows.
#include "engine/time/schedule.h"

#include <doctest/doctest.h>

#include <set>

#include "engine/data/random-rows.h"
#include "nodes/flow/schedule/schedule.gen.h"
#include "nodes/node-bench.test.h"

namespace weir::nodes::schedule {
namespace {

using testing::Dice;
using testing::NodeBench;

struct Fired {
  Timestamp planned, fired;
  std::int64_t number, missed;
};

Timestamp micros(const Value& value) { return value.seconds() * 1'000'000 + value.nanos() / 1000; }

std::vector<Fired> firedBy(NodeBench& bench) {
  std::vector<Fired> all;
  for (const auto& row : std::exchange(bench.io.given[0], {})) {
    all.push_back({micros(*row.find("plannedAt")), micros(*row.find("firedAt")), row.find("number")->int64(),
                   row.find("missed")->int64()});
  }
  return all;
}

constexpr std::int64_t kSecond = 1'000'000;

TEST_CASE("R15: a pause of 60 s follows the rule for missed times") {
  struct Case {
    const char* misfire;
    std::vector<std::pair<std::int64_t, std::int64_t>> rows;  // seconds planned, missed
  };
  for (const auto& each : {Case{"skip", {{0, 0}, {70, 6}}}, Case{"once", {{0, 0}, {60, 5}, {70, 0}}},
                           Case{"all", {{0, 0}, {40, 3}, {50, 0}, {60, 0}, {70, 0}}}}) {
    NodeBench bench(&makeFromJson,
                    std::string(R"({"every": "10s", "catchUp": 3, "misfire": ")") + each.misfire + "\"}");
    const auto begin = bench.context.clock;
    bench.run();
    bench.context.clock += 65 * kSecond;  // nobody woke it meanwhile
    bench.run();
    bench.passSeconds(5);
    const auto fired = firedBy(bench);
    REQUIRE_MESSAGE(fired.size() == each.rows.size(), each.misfire);
    for (std::size_t i = 0; i < fired.size(); ++i) {
      CHECK(fired[i].planned == begin + each.rows[i].first * kSecond);
      CHECK(fired[i].missed == each.rows[i].second);
      CHECK(fired[i].number == static_cast<std::int64_t>(i) + 1);
    }
  }
}

TEST_CASE("R15: while the clock jumps forward and back, and the flow is restarted, no time is missed or comes twice") {
  for (const char* what :
       {R"("cron": "*/7 * * * * *")", R"("every": "11s", "jitter": "9s")", R"("cron": "0 0 29 2 *")"}) {
    for (const char* misfire : {"skip", "once", "all"}) {
      Dice dice(9);
      NodeBench bench(&makeFromJson, std::string("{") + what + R"(, "catchUp": 5, "misfire": ")" + misfire + "\"}");
      const auto begin = bench.context.clock;
      bench.run();
      std::vector<Fired> fired;
      auto latest = begin;
      for (int i = 0; i < 400; ++i) {
        switch (dice.below(6)) {
          case 0:
            bench.context.clock += dice.below(90) * kSecond;
            bench.run();
            break;
          case 1:
            bench.context.clock -= dice.below(50) * kSecond;
            bench.run();
            break;
          case 2:
            bench.restart();
            bench.run();
            break;
          default:
            bench.passSeconds(dice.below(20));
        }
        latest = std::max(latest, bench.context.clock);
        const auto more = firedBy(bench);
        fired.insert(fired.end(), more.begin(), more.end());
      }
      bench.passTo(latest + 3600 * kSecond);
      const auto more = firedBy(bench);
      fired.insert(fired.end(), more.begin(), more.end());
      // Each planned time up to the last one with a row either has a row or is counted by the row behind it.
      const auto schedule =
          std::string_view(what).contains("every")
              ? Schedule::ofInterval(11 * kSecond, begin)
              : Schedule::ofCron(*Cron::parse(std::string_view(what).contains("*/7") ? "*/7 * * * * *" : "0 0 29 2 *"),
                                 nullptr);
      std::int64_t planned = begin - 1, number = 0;
      for (const auto& row : fired) {
        for (std::int64_t i = 0; i <= row.missed; ++i) planned = *schedule.next(planned);
        if (planned != row.planned) FAIL(what << " " << misfire << ": a time is missing or comes twice");
        CHECK(row.number == ++number);
        CHECK(row.fired >= row.planned);
      }
      if (!std::string_view(what).contains("29")) CHECK(fired.size() > 100);
      CHECK(!bench.error);
    }
  }
}

TEST_CASE("leap days come in leap years only") {
  NodeBench bench(&makeFromJson, R"({"cron": "0 0 29 2 *", "count": 2})");
  bench.run();
  bench.passTo(parseInstant("2033-01-01T00:00:00Z")->seconds * kSecond);
  const auto fired = firedBy(bench);
  REQUIRE(fired.size() == 2);
  CHECK(formatInstant(*instantFromMicros(fired[0].planned)) == "2028-02-29T00:00:00Z");
  CHECK(formatInstant(*instantFromMicros(fired[1].planned)) == "2032-02-29T00:00:00Z");
  CHECK(bench.last.next == Progress::Next::done);
}

TEST_CASE("a pause of ten years at an interval of a millisecond is over at once") {
  for (const char* misfire : {"skip", "once", "all"}) {
    NodeBench bench(&makeFromJson, std::string(R"({"every": "1ms", "catchUp": 7, "misfire": ")") + misfire + "\"}");
    bench.run();
    static_cast<void>(firedBy(bench));
    bench.context.clock += 315'360'000 * kSecond;
    bench.run();
    const auto fired = firedBy(bench);
    std::int64_t all = 0;
    for (const auto& row : fired) all += 1 + row.missed;
    CHECK_MESSAGE(all == 315'360'000'000, misfire);
  }
}

TEST_CASE("jitter puts rows off, never before their time, and keeps their order") {
  NodeBench bench(&makeFromJson, R"({"every": "1s", "jitter": "5s"})");
  bench.run();
  bench.passSeconds(100);
  const auto fired = firedBy(bench);
  CHECK(fired.size() > 90);
  std::set<std::int64_t> offsets;
  for (std::size_t i = 0; i < fired.size(); ++i) {
    CHECK(fired[i].missed == 0);
    offsets.insert(fired[i].fired - fired[i].planned);
    CHECK(fired[i].fired - fired[i].planned <= 5 * kSecond);
    if (i > 0) CHECK(fired[i].fired >= fired[i - 1].fired);
  }
  CHECK(offsets.size() > 20);
}

TEST_CASE("rows wait for room, and none is lost") {
  NodeBench bench(&makeFromJson, R"({"every": "1s", "misfire": "all", "catchUp": 1000})");
  bench.run();
  bench.io.roomRows = 3;
  bench.passSeconds(200);
  CHECK(firedBy(bench).size() == 201);
  bench.context.clock += 100 * kSecond;
  bench.run();
  CHECK(firedBy(bench).size() == 100);
}

TEST_CASE("a zone of a place that knows none is refused") {
  NodeBench bench(&makeFromJson, R"({"cron": "@daily", "timeZone": "Europe/Paris"})");
  REQUIRE(bench.error);
  CHECK(bench.error->code == "host.missing");
}

}  // namespace
}  // namespace weir::nodes::schedule
