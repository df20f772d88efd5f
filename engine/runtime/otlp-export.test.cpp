// Sending traces to a collector that is there, away, slow or picky.
#include "engine/runtime/otlp-export.h"

#include <doctest/doctest.h>

#include <optional>

#include "engine/json/document.h"

namespace weir {
namespace {

/// Answers as it is told to, when it is told to.
class Collector final : public Http {
 public:
  std::vector<HttpRequest> asked;
  std::vector<int> statuses;  // of the next answers; then 200; 0: nobody is there
  std::string body, retryAfter;
  bool slow = false;
  std::optional<Completion<HttpResponse>> open;

  Operation<HttpResponse> send(HttpRequest request, Waker waker) override {
    asked.push_back(std::move(request));
    if (slow) {
      open.emplace(std::move(waker));
      return open->operation();
    }
    int status = 200;
    if (!statuses.empty()) {
      status = statuses.front();
      statuses.erase(statuses.begin());
    }
    if (status == 0) return Operation<HttpResponse>::finished(fail("network.refused", "nobody listens there", true));
    HttpResponse response;
    response.status = status;
    response.body = body;
    if (!retryAfter.empty()) response.headers.push_back({"retry-after", retryAfter});
    return Operation<HttpResponse>::finished(std::move(response));
  }
};

struct Trial {
  Collector collector;
  NodeType type;
  Plan plan;
  std::int64_t now = 1'000'000'000;
  std::uint64_t rows = 0;

  Trial() {
    type.id = "test/node";
    PlannedNode node;
    node.id = "read";
    node.type = &type;
    plan.nodes.push_back(node);
    plan.flowId = "orders";
  }
  OtlpExport exporting(OtlpTarget target) {
    auto made = OtlpExport::make(collector, std::move(target), "run1");
    REQUIRE(made.has_value());
    return std::move(*made);
  }
  /// So many executions of one row each.
  TracedRun steps(std::int64_t count, std::int64_t from = 0) {
    TracedRun traces;
    traces.forgotten = from;
    for (std::int64_t i = 0; i < count; ++i) {
      traces.steps.push_back({.node = 0, .startNanos = 1, .endNanos = 2, .given = {{TraceId{7, ++rows}, 0}}});
    }
    return traces;
  }
  void ticks(OtlpExport& exporter, int count, std::int64_t everyMs = 100) {
    for (int i = 0; i < count; ++i) exporter.tick(now += everyMs * 1'000'000);
  }
};

TEST_CASE("traces are sent in batches to the collector's path for traces") {
  Trial trial;
  auto exporter = trial.exporting({.url = "http://collector:4318", .headers = {{"Authorization", "${secret:KEY}"}}});
  CHECK(exporter.collect(trial.steps(1200), trial.plan));
  CHECK(exporter.nextStep() == 1200);
  trial.ticks(exporter, 5);
  REQUIRE(trial.collector.asked.size() == 3);
  const auto& first = trial.collector.asked.front();
  CHECK(first.url == "http://collector:4318/v1/traces");
  CHECK(first.method == "POST");
  CHECK(first.headers.front().value == "${secret:KEY}");
  CHECK(first.headers.back().value == "application/json");
  std::size_t spans = 0;
  for (const auto& request : trial.collector.asked) {
    const auto document = json::parse(request.body);
    REQUIRE(document.has_value());
    const auto& resource = (*document->root().find("resourceSpans")->asArray())[0];
    spans += (*resource.find("scopeSpans")->asArray())[0].find("spans")->asArray()->size();
  }
  CHECK(spans == 1200);
  CHECK(exporter.idle());
  CHECK(exporter.counts().sent == 1200);
  CHECK(exporter.counts().dropped == 0);
}

TEST_CASE("a path that is given stays, and what is no URL of a collector is refused") {
  Trial trial;
  CHECK(trial.exporting({.url = "https://c.example/otlp/traces"}).url() == "https://c.example/otlp/traces");
  CHECK(trial.exporting({.url = "http://c.example/"}).url() == "http://c.example/v1/traces");
  CHECK(!OtlpExport::make(trial.collector, {.url = "ws://c.example"}, "r").has_value());
  CHECK(!OtlpExport::make(trial.collector, {.url = "http://"}, "r").has_value());
}

TEST_CASE("a collector that is away is tried again later and later, and gets everything when it is back") {
  Trial trial;
  trial.collector.statuses = {0, 503, 429, 0};
  auto exporter = trial.exporting({.url = "http://collector", .firstWaitMs = 1000, .longestWaitMs = 4000});
  exporter.collect(trial.steps(10), trial.plan);
  trial.ticks(exporter, 9);
  CHECK(trial.collector.asked.size() == 1);
  CHECK(exporter.counts().problem == "nobody listens there");
  trial.ticks(exporter, 10);
  CHECK(trial.collector.asked.size() == 2);
  trial.ticks(exporter, 200);
  CHECK(trial.collector.asked.size() == 5);
  CHECK(exporter.idle());
  CHECK(exporter.counts().sent == 10);
  CHECK(exporter.counts().retries == 4);
  CHECK(exporter.counts().problem.empty());
}

TEST_CASE("Retry-After is waited for") {
  Trial trial;
  trial.collector.statuses = {503};
  trial.collector.retryAfter = "60";
  auto exporter = trial.exporting({.url = "http://collector"});
  exporter.collect(trial.steps(1), trial.plan);
  trial.ticks(exporter, 590);
  CHECK(trial.collector.asked.size() == 1);
  trial.ticks(exporter, 20);
  CHECK(trial.collector.asked.size() == 2);
  CHECK(exporter.counts().sent == 1);
}

TEST_CASE("what waits is bounded: the oldest go and are counted, what is under way stays") {
  Trial trial;
  trial.collector.slow = true;
  auto exporter = trial.exporting({.url = "http://collector", .batchSpans = 10, .queueBytes = 100'000});
  exporter.collect(trial.steps(10), trial.plan);
  trial.ticks(exporter, 1);
  REQUIRE(trial.collector.asked.size() == 1);
  for (int i = 0; i < 100; ++i) exporter.collect(trial.steps(1000, exporter.nextStep()), trial.plan);
  CHECK(exporter.counts().dropped > 90'000);
  CHECK(exporter.counts().dropped % 10 == 0);
  HttpResponse response;
  response.status = 200;
  trial.collector.open->complete(response);
  trial.collector.slow = false;
  trial.ticks(exporter, 500);
  CHECK(exporter.idle());
  CHECK(exporter.counts().sent + exporter.counts().dropped == 100'010);
  CHECK(exporter.counts().sent > 100);
}

TEST_CASE("what is refused for good is not sent again, and the next one is") {
  Trial trial;
  trial.collector.statuses = {400};
  auto exporter = trial.exporting({.url = "http://collector", .batchSpans = 5});
  exporter.collect(trial.steps(10), trial.plan);
  trial.ticks(exporter, 5);
  CHECK(trial.collector.asked.size() == 2);
  CHECK(exporter.counts().dropped == 5);
  CHECK(exporter.counts().sent == 5);
  trial.collector.statuses = {404};
  exporter.collect(trial.steps(5, exporter.nextStep()), trial.plan);
  trial.ticks(exporter, 5);
  CHECK(exporter.counts().problem == "http://collector/v1/traces answered with status 404");
}

TEST_CASE("spans that the collector says it did not take are counted as dropped") {
  Trial trial;
  trial.collector.body = R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})";
  auto exporter = trial.exporting({.url = "http://collector"});
  exporter.collect(trial.steps(10), trial.plan);
  trial.ticks(exporter, 2);
  CHECK(exporter.counts().sent == 7);
  CHECK(exporter.counts().dropped == 3);
  trial.collector.body = "<html>this is no JSON</html>";
  exporter.collect(trial.steps(10, exporter.nextStep()), trial.plan);
  trial.ticks(exporter, 2);
  CHECK(exporter.counts().sent == 17);
}

TEST_CASE("executions that the run had forgotten before they were looked at are counted") {
  Trial trial;
  auto exporter = trial.exporting({.url = "http://collector"});
  exporter.collect(trial.steps(5), trial.plan);
  exporter.collect(trial.steps(5, 100), trial.plan);
  CHECK(exporter.counts().forgotten == 95);
  CHECK(exporter.nextStep() == 105);
}

TEST_CASE("at the end there is one more try at once, and what is left then is given up and counted") {
  Trial trial;
  trial.collector.statuses = {0, 0, 0, 0, 0, 0};
  auto exporter = trial.exporting({.url = "http://collector"});
  exporter.collect(trial.steps(10), trial.plan);
  trial.ticks(exporter, 3);
  CHECK(trial.collector.asked.size() == 1);
  exporter.hurry();
  trial.ticks(exporter, 1, 1);
  CHECK(trial.collector.asked.size() == 2);
  exporter.giveUp();
  CHECK(exporter.idle());
  CHECK(exporter.counts().dropped == 10);
}

}  // namespace
}  // namespace weir
