// The log of a server: lines, requests, and the way to Loki.
#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "service/api/fake-place.test.h"
#include "service/logs/loki-push.h"
#include "service/logs/request-log.h"

using namespace weir;
using namespace weir::logs;

namespace {

struct Kept final : LogTarget {
  void take(const LogLine& line) override {
    text.push_back(format(line, LogFormat::text));
    json.push_back(format(line, LogFormat::json));
  }
  std::vector<std::string> text, json;
};

struct Digits final : Random {
  std::uint64_t next() override { return 0x0123456789abcdefU; }
};

/// Answers as the test says; without a word of it 204.
struct FakeLoki final : Http {
  Operation<HttpResponse> send(HttpRequest request, Waker) override {
    requests.push_back(std::move(request));
    if (answers.empty()) return Operation<HttpResponse>::finished(HttpResponse{.status = 204});
    auto answer = std::move(answers.front());
    answers.pop_front();
    return Operation<HttpResponse>::finished(std::move(answer));
  }
  std::vector<HttpRequest> requests;
  std::deque<Result<HttpResponse>> answers;
};

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

TEST_CASE("A log line is one line, and a JSON object, whatever was in it") {
  const LogLine line{.level = LogLevel::warning,
                     .micros = 1'700'000'000'123'456,
                     .part = "http",
                     .message = "a\nlevel=error b\x1b[31m",
                     .fields = {{"user", "ada \"x\""}, {"status", std::int64_t{404}}, {"tookMs", 1.5}}};
  CHECK(
      format(line, LogFormat::text) ==
      "2023-11-14T22:13:20.123456Z warn  http: a\\x0alevel=error b\\x1b[31m user=\"ada \"x\"\" status=404 tookMs=1.5");
  const auto text = format(line, LogFormat::json);
  CHECK_FALSE(text.contains('\n'));
  const auto parsed = json::parse(text);
  REQUIRE(parsed.has_value());
  CHECK(*parsed->root().find("level")->asString() == "warn");
  CHECK(*parsed->root().find("message")->asString() == line.message);
  CHECK(*parsed->root().find("status")->asInt64() == 404);
  CHECK(*parsed->root().find("time")->asString() == "2023-11-14T22:13:20.123456Z");
  CHECK(levelNamed("warn") == LogLevel::warning);
  CHECK_FALSE(levelNamed("loud"));
  CHECK(formatNamed("json") == LogFormat::json);
  CHECK_FALSE(formatNamed("xml"));
}

TEST_CASE("traceparent is read as the standard says, and nothing else is") {
  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto read = parseTraceparent(good);
  REQUIRE(read.has_value());
  CHECK(read->trace == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(read->parent == "00f067aa0ba902b7");
  CHECK(read->sampled);
  CHECK_FALSE(parseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")->sampled);
  CHECK(parseTraceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").has_value());
  for (const auto* bad : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseTraceparent(bad));
  }
}

TEST_CASE("The log keeps to its level, counts its lines and takes secrets out") {
  api::SetClock clock;
  metrics::Registry registry;
  Kept kept;
  ServerLog log(clock, LogLevel::info, registry, [](std::string_view text) {
    std::string out(text);
    for (auto at = out.find("hunter2"); at != std::string::npos; at = out.find("hunter2")) out.replace(at, 7, "***");
    return out;
  });
  log.add(kept);
  log.write(LogLevel::debug, "", "not told");
  log.write(LogLevel::error, "node-1", "connect to ada:hunter2@db");
  log.tell({.part = "runs", .message = "x", .fields = {{"url", "http://hunter2"}}});
  REQUIRE(kept.text.size() == 2);
  CHECK(kept.text[0].ends_with("error server: connect to ada:***@db node=node-1"));
  CHECK(kept.json[1].contains("http://***"));
  CHECK(registry.text().contains(R"(weir_log_lines_total{level="error"} 1)"));
}

TEST_CASE("Each request has a line with its trace, without its query and headers") {
  api::FakePlace place;
  metrics::Registry registry;
  Kept kept;
  Digits digits;
  ServerLog log(place.clock, LogLevel::debug, registry);
  log.add(kept);
  RequestLog requests(log, digits);
  Observers all({&requests});
  api::Api api({}, {}, place.clock, place.catalogue, place.store, place.runner, {}, {.observer = &all});
  const auto ask = [&api](std::string path, std::string query, std::vector<api::Header> headers) {
    api::Request request{"GET", std::move(path), std::move(query), std::move(headers)};
    request.remote = "192.0.2.7";
    return api::answerOf(*api.begin(std::move(request))).status;
  };
  CHECK(ask("/api/v1/flows", "search=private",
            {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
             {"x-request-id", "of-a-test"},
             {"authorization", "Bearer canary"}}) == 200);
  CHECK(ask("/api/v1/flows/none", "", {}) == 404);
  CHECK(ask("/nowhere", "", {}) == 404);
  REQUIRE(kept.json.size() == 3);
  CHECK(kept.json[0].contains(R"("level":"debug")"));  // only read
  CHECK(kept.json[0].contains(R"("operation":"listFlows")"));
  CHECK(kept.json[0].contains(R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736")"));
  CHECK(kept.json[0].contains(R"("parentSpanId":"00f067aa0ba902b7")"));
  CHECK(kept.json[0].contains(R"("remote":"192.0.2.7")"));
  CHECK(kept.json[0].contains(R"("request":"of-a-test")"));
  CHECK(kept.json[1].contains(R"("request":")"));
  CHECK_FALSE(kept.json[0].contains("private"));
  CHECK_FALSE(kept.json[0].contains("canary"));
  CHECK(kept.json[1].contains(R"("status":404)"));
  CHECK(kept.json[1].contains(R"("traceId":"fedcba9876543210fedcba9876543210")"));
  CHECK(kept.json[2].contains("GET /nowhere"));
}

TEST_CASE("Lines go to Loki in batches by level; the oldest give way where it is away for long") {
  metrics::Registry registry;
  FakeLoki loki;
  auto made = LokiPush::make(loki, {.url = "http://loki:3100", .instance = "a", .queueBytes = 3000}, registry);
  REQUIRE(made.has_value());
  auto& push = **made;
  const auto line = [&push](LogLevel level, std::int64_t number) {
    push.take({.level = level, .micros = number, .part = "t", .message = "m" + std::to_string(number)});
  };
  line(LogLevel::info, 1);
  line(LogLevel::error, 2);
  push.tick(kSecond);
  CHECK(loki.requests.empty());  // it waits for company
  loki.answers.push_back(fail("network.unreachable", "away", true));
  push.tick(3 * kSecond);
  REQUIRE(loki.requests.size() == 1);
  CHECK(loki.requests[0].url == "http://loki:3100/loki/api/v1/push");
  const auto body = json::parse(loki.requests[0].body);
  REQUIRE(body.has_value());
  CHECK(body->root().find("streams")->count() == 2);
  CHECK(*body->root().findPointer("/streams/0/stream/level")->asString() == "info");
  CHECK(*body->root().findPointer("/streams/0/values/0/0")->asString() == "1000");
  CHECK(*body->root().findPointer("/streams/1/values/0/1")->asString() ==
        format({.level = LogLevel::error, .micros = 2, .part = "t", .message = "m2"}, LogFormat::json));
  // It is away: what comes waits, as far as there is room.
  push.tick(3 * kSecond + 1);
  CHECK(push.problem() == "away");
  for (std::int64_t i = 0; i < 100; ++i) line(LogLevel::info, 1000 + i);
  push.tick(3 * kSecond + 2);
  CHECK(loki.requests.size() == 1);
  push.tick(5 * kSecond);  // the same batch once more
  REQUIRE(loki.requests.size() == 2);
  CHECK(loki.requests[1].body == loki.requests[0].body);
  push.hurry();
  push.tick(5 * kSecond + 1);
  push.tick(5 * kSecond + 2);
  CHECK(push.idle());
  CHECK(loki.requests[2].body.contains("m1099"));
  CHECK_FALSE(loki.requests[2].body.contains("m1000"));
  CHECK(push.problem().empty());
  const auto dropped = registry.counter("weir_log_lines_dropped_total", {"loki"}).value();
  CHECK(dropped > 50);
  // What Loki refuses for good is not sent again.
  loki.answers.push_back(HttpResponse{.status = 400});
  line(LogLevel::info, 3000);
  push.tick(9 * kSecond);
  push.tick(9 * kSecond + 1);
  CHECK(loki.requests.size() == 4);
  CHECK(registry.counter("weir_log_lines_dropped_total", {"loki"}).value() == dropped + 1);
  CHECK_FALSE(LokiPush::make(loki, {.url = "ftp://x"}, registry).has_value());
}
