// Spans of sampled rows in OTLP's JSON.
#include "engine/runtime/otlp.h"

#include <doctest/doctest.h>

#include "engine/data/trace-context.h"
#include "engine/json/document.h"

namespace weir {
namespace {

TEST_CASE("a row's spans follow its way, with W3C ids, times as texts, and an error where it failed") {
  NodeType type;
  type.id = "test/node";
  Plan plan;
  plan.flowId = "orders";
  for (const auto* id : {"read", "share", "sum"}) {
    PlannedNode node;
    node.id = id;
    node.type = &type;
    plan.nodes.push_back(node);
  }
  for (std::int32_t i = 0; i < 2; ++i) {
    PlannedEdge edge;
    edge.source = i;
    edge.target = i + 1;
    plan.edges.push_back(edge);
  }
  const TraceId good{1, 2}, bad{3, 4}, made{5, 6};
  TracedRun traces;
  traces.epochNanos = 1'750'000'000'000'000'000;
  traces.steps.resize(4);
  traces.steps[0] = {.node = 0, .startNanos = 10, .endNanos = 20, .given = {{good, 0}, {bad, 0}}};
  traces.steps[1] = {.node = 1,
                     .startNanos = 30,
                     .endNanos = 40,
                     .rowsIn = 7,
                     .taken = {good, bad},
                     .failed = {bad},
                     .given = {{good, 0}}};
  traces.steps[2] = {.node = 2, .startNanos = 50, .endNanos = 60, .taken = {good}};
  traces.steps[3] = {
      .node = 2, .startNanos = 70, .endNanos = 80, .made = {made}, .parents = {good}, .parentsBeyond = 2};
  const auto document = json::parse(otlpTraces(traces, plan, "run1"));
  REQUIRE(document.has_value());
  const auto& resource = (*document->root().find("resourceSpans")->asArray())[0];
  CHECK(resource.find("resource")->find("attributes")->asArray()->size() == 5);
  const auto& spans = *(*resource.find("scopeSpans")->asArray())[0].find("spans")->asArray();
  REQUIRE(spans.size() == 6);
  const auto text = [](const json::Value& span, std::string_view key) {
    return span.find(key) != nullptr ? *span.find(key)->asString() : std::string("none");
  };
  CHECK(text(spans[0], "traceId") == "00000000000000010000000000000002");
  CHECK(text(spans[0], "startTimeUnixNano") == "1750000000000000010");
  CHECK(text(spans[0], "parentSpanId") == "none");
  CHECK(text(spans[2], "parentSpanId") == text(spans[0], "spanId"));
  CHECK(text(spans[2], "name") == "share");
  CHECK(spans[2].find("status")->find("code") == nullptr);
  CHECK(text(spans[3], "traceId") == "00000000000000030000000000000004");
  CHECK(*spans[3].find("status")->find("code")->asInt64() == 2);
  CHECK(text(spans[4], "parentSpanId") == text(spans[2], "spanId"));
  const auto& links = *spans[5].find("links")->asArray();
  REQUIRE(links.size() == 1);
  CHECK(text(links[0], "spanId") == text(spans[4], "spanId"));
  CHECK(text(links[0], "traceId") == text(spans[0], "traceId"));
  for (const auto& span : spans) {
    CHECK(text(span, "spanId").size() == 16);
    CHECK(parseTraceparent("00-" + text(span, "traceId") + "-" + text(span, "spanId") + "-01").has_value());
  }
}

}  // namespace
}  // namespace weir
