// What a collector is sent, and that nobody waits for it.
#include <doctest/doctest.h>

#include <deque>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/telemetry/otlp-items.h"
#include "service/telemetry/otlp-lane.h"

using namespace weir;
using namespace weir::telemetry;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

struct FakeCollector final : Http {
  std::vector<HttpRequest> requests;
  std::deque<Result<HttpResponse>> answers;  // none: 200
  Operation<HttpResponse> send(HttpRequest request, Waker) override {
    requests.push_back(std::move(request));
    if (answers.empty()) return Operation<HttpResponse>::finished(HttpResponse{.status = 200});
    auto answer = std::move(answers.front());
    answers.pop_front();
    return Operation<HttpResponse>::finished(std::move(answer));
  }
};

json::Value read(const std::string& text) {
  auto parsed = json::parse(text);
  REQUIRE_MESSAGE(parsed.has_value(), text);
  return std::move(parsed->root());
}

std::string at(const json::Value& value, std::string_view pointer) {
  const auto* found = value.findPointer(pointer);
  REQUIRE_MESSAGE(found != nullptr, pointer);
  return found->isString() ? *found->asString() : json::write(*found);
}

}  // namespace

TEST_CASE("A span has its ids, times, attributes and, if it failed, why") {
  Span span{.trace = std::string(32, 'a'), .id = std::string(16, 'b'), .name = "run orders"};
  span.beginMicros = 1'000'000;
  span.endNanosLater = 5;
  span.attributes = {{"weir.flow", std::string("orders")}, {"weir.restarts", std::int64_t{2}}};
  const auto fine = read(spanJson(span));
  CHECK(at(fine, "/startTimeUnixNano") == "1000000000");
  CHECK(at(fine, "/endTimeUnixNano") == "1000000005");
  CHECK(at(fine, "/attributes/1/value/intValue") == "2");
  CHECK(fine.find("parentSpanId") == nullptr);
  CHECK(fine.findPointer("/status/code") == nullptr);
  span.problem = "run.failed";
  CHECK(at(read(spanJson(span)), "/status/code") == "2");
}

TEST_CASE("A log line becomes a record of its trace") {
  const auto record = read(logRecordJson({.level = LogLevel::warning,
                                          .micros = 7,
                                          .part = "runs",
                                          .message = "it is \"late\"",
                                          .fields = {{"traceId", std::string(32, 'c')}, {"rows", std::int64_t{3}}}}));
  CHECK(at(record, "/severityNumber") == "13");
  CHECK(at(record, "/body/stringValue") == "it is \"late\"");
  CHECK(at(record, "/traceId") == std::string(32, 'c'));
  CHECK(at(record, "/timeUnixNano") == "7000");
  CHECK(record.find("attributes")->count() == 2);
}

TEST_CASE("Families become sums, gauges and histograms whose buckets stand alone") {
  const std::string text =
      "# HELP a_total x\n# TYPE a_total counter\na_total{flow=\"o\"} 3\n"
      "# TYPE b gauge\nb 1.5\n"
      "# TYPE c_seconds histogram\nc_seconds_bucket{op=\"x\",le=\"0.1\"} 2\nc_seconds_bucket{op=\"x\",le=\"1\"} 5\n"
      "c_seconds_bucket{op=\"x\",le=\"+Inf\"} 6\nc_seconds_sum{op=\"x\"} 4.5\nc_seconds_count{op=\"x\"} 6\n";
  const auto items = metricItems(text, 1, 2);
  REQUIRE(items.size() == 3);
  const auto sum = read(items[0]), gauge = read(items[1]), histogram = read(items[2]);
  CHECK(at(sum, "/sum/isMonotonic") == "true");
  CHECK(at(sum, "/sum/dataPoints/0/asDouble") == "3");
  CHECK(at(sum, "/sum/dataPoints/0/attributes/0/key") == "flow");
  CHECK(at(gauge, "/gauge/dataPoints/0/asDouble") == "1.5");
  const std::string point = "/histogram/dataPoints/0";
  CHECK(at(histogram, point + "/bucketCounts") == R"(["2","3","1"])");
  CHECK(at(histogram, point + "/explicitBounds") == "[0.1,1]");
  CHECK(at(histogram, point + "/count") == "6");
  CHECK(at(histogram, point + "/sum") == "4.5");
  CHECK(histogram.findPointer("/histogram/dataPoints")->count() == 1);
  CHECK(metricItems("", 1, 2).empty());
}

TEST_CASE("Names and values are read as OTEL_RESOURCE_ATTRIBUTES has them") {
  const auto pairs = namedValues("a=1, b=two%20words,", "otlp-resource");
  REQUIRE(pairs.has_value());
  CHECK(*pairs == std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "two words"}});
  CHECK_FALSE(namedValues("a", "otlp-resource").has_value());
  CHECK_FALSE(namedValues("=x", "otlp-resource").has_value());
  CHECK(namedValues("", "otlp-resource")->empty());
}

TEST_CASE("What finds no room is dropped and counted; what was under way is tried again") {
  metrics::Registry registry;
  FakeCollector collector;
  const OtlpTarget target{.url = "http://c:4318", .queueBytes = 100, .batchItems = 10};
  OtlpLane lane(collector, target, "logs", {"resourceLogs", "scopeLogs", "logRecords"}, registry);
  const auto count = [&](const char* outcome) {
    return registry.counter("weir_otlp_items_total", {"logs", outcome}).value();
  };
  lane.put(R"({"n":1})");
  lane.tick(kSecond);
  CHECK(collector.requests.empty());  // it waits for company
  collector.answers.push_back(HttpResponse{.status = 503});
  lane.tick(3 * kSecond);
  REQUIRE(collector.requests.size() == 1);
  CHECK(collector.requests[0].url == "http://c:4318/v1/logs");
  CHECK(at(read(collector.requests[0].body), "/resourceLogs/0/scopeLogs/0/logRecords/0/n") == "1");
  lane.tick(3 * kSecond + 1);
  CHECK(lane.problem().contains("503"));
  for (int i = 0; i < 50; ++i) lane.put(R"({"n":2})");
  CHECK_FALSE(lane.hasRoom());
  CHECK(count("dropped") > 30);
  lane.tick(3 * kSecond + 2);
  CHECK(collector.requests.size() == 1);  // not yet
  lane.tick(5 * kSecond);
  REQUIRE(collector.requests.size() == 2);
  CHECK(collector.requests[1].body == collector.requests[0].body);
  lane.tick(5 * kSecond + 1);
  CHECK(count("sent") == 1);
  CHECK(lane.problem().empty());
  lane.hurry();
  collector.answers.push_back(HttpResponse{.status = 400});
  for (int i = 0; i < 10 && !lane.idle(); ++i) lane.tick(6 * kSecond + i);
  CHECK(lane.idle());
  CHECK(count("refused") > 0);
}
