// Spans as JSON.
#include "engine/runtime/otlp.h"

#include <algorithm>
#include <utility>

#include "engine/data/packet.h"
#include "engine/data/trace-context.h"
#include "engine/json/writer.h"
#include "engine/node/version.h"

namespace weir {
namespace {

using Id = std::pair<std::uint64_t, std::uint64_t>;  // of a row's trace

Id keyOf(TraceId row) { return {row.high, row.low}; }

void attribute(json::Writer& out, std::string_view key, std::string_view value) {
  out.beginObject().key("key").value(key).key("value").beginObject().key("stringValue").value(value);
  out.endObject().endObject();
}

void attribute(json::Writer& out, std::string_view key, std::int64_t value) {
  // 64-bit numbers are texts in protobuf's JSON.
  out.beginObject().key("key").value(key).key("value").beginObject().key("intValue").value(std::to_string(value));
  out.endObject().endObject();
}

/// The resource and scope around the spans.
void writeHead(json::Writer& out, const Plan& plan, std::string_view runId) {
  out.beginObject().key("resourceSpans").beginArray().beginObject();
  out.key("resource").beginObject().key("attributes").beginArray();
  attribute(out, "service.name", std::string_view("weir"));
  attribute(out, "service.version", kEngineVersion);
  attribute(out, "weir.flow", plan.flowId);
  attribute(out, "weir.flow.version", plan.flowVersion);
  attribute(out, "weir.run", runId);
  out.endArray().endObject();
  out.key("scopeSpans").beginArray().beginObject();
  out.key("scope").beginObject().key("name").value("weir").key("version").value(kEngineVersion).endObject();
  out.key("spans").beginArray();
}

}  // namespace

// Which rows a step was about, each with a span of its own.

std::vector<OtlpSpans::Subject> OtlpSpans::subjectsOf(const TraceStep& step) {
  std::map<Id, bool> rows;  // whether it has failed here
  for (const auto row : step.taken) rows.emplace(keyOf(row), false);
  for (const auto& given : step.given) rows.emplace(keyOf(given.row), false);
  for (const auto row : step.failed) rows[keyOf(row)] = true;
  std::vector<Subject> subjects;
  for (const auto& [id, failed] : rows) subjects.push_back({TraceId{id.first, id.second}, failed, false});
  for (const auto row : step.made) subjects.push_back({row, false, true});
  return subjects;
}

std::int64_t OtlpSpans::countOf(const TraceStep& step) { return static_cast<std::int64_t>(subjectsOf(step).size()); }

OtlpSpans::Way& OtlpSpans::wayOf(Id row) {
  const auto [at, fresh] = ways_.try_emplace(row);
  if (!fresh) return at->second;
  order_.push_back(row);
  if (order_.size() > kMostRows) {
    ways_.erase(order_.front());
    order_.pop_front();
  }
  return at->second;
}

std::uint64_t OtlpSpans::parentOf(const Way& way, std::int32_t node, const Plan& plan) {
  for (auto spot = way.rbegin(); spot != way.rend(); ++spot) {
    for (const auto& edge : plan.edges) {
      if (edge.source == spot->node && edge.target == node) return spot->span;
    }
  }
  return 0;
}

void OtlpSpans::writeLinks(json::Writer& out, const TraceStep& step) const {
  out.key("links").beginArray();
  for (const auto parent : step.parents) {
    const auto found = ways_.find(keyOf(parent));
    if (found == ways_.end()) continue;
    for (auto spot = found->second.rbegin(); spot != found->second.rend(); ++spot) {
      if (spot->node != step.node) continue;
      out.beginObject().key("traceId").value(traceText(parent)).key("spanId").value(spanIdText(spot->span));
      out.endObject();
      break;
    }
  }
  out.endArray();
}

void OtlpSpans::writeSpan(json::Writer& out, const TraceStep& step, const Subject& subject, const TracedRun& traces,
                          const Plan& plan) {
  const auto& node = plan.nodes[static_cast<std::size_t>(step.node)];
  auto& way = wayOf(keyOf(subject.row));
  // The first span of a row at a node is known before it is there: it goes out with calls to other services.
  const auto before = std::ranges::count(way, step.node, &Spot::node);
  const auto id = spanIdOf(subject.row, step.node, before);
  auto parent = parentOf(way, step.node, plan);
  if (way.empty()) {
    const auto caller = traces.callers.find(keyOf(subject.row));
    if (caller != traces.callers.end()) parent = caller->second;
  }
  out.beginObject().key("traceId").value(traceText(subject.row)).key("spanId").value(spanIdText(id));
  if (parent != 0) out.key("parentSpanId").value(spanIdText(parent));
  out.key("name").value(node.id).key("kind").value(1);
  out.key("startTimeUnixNano").value(std::to_string(step.startNanos + traces.epochNanos));
  out.key("endTimeUnixNano").value(std::to_string(step.endNanos + traces.epochNanos));
  out.key("attributes").beginArray();
  attribute(out, "weir.node.type", node.type->id);
  attribute(out, "weir.rows", step.rowsIn);
  attribute(out, "weir.tries", std::int64_t{step.tries});
  if (subject.made) {
    attribute(out, "weir.parents", static_cast<std::int64_t>(step.parents.size()) + step.parentsBeyond);
  }
  out.endArray();
  if (subject.made) writeLinks(out, step);
  out.key("status").beginObject();
  if (subject.failed) out.key("code").value(2).key("message").value("the row failed");
  out.endObject().endObject();
  way.push_back({step.node, id});
}

std::string OtlpSpans::document(const TracedRun& traces, const Plan& plan) {
  std::string text;
  json::Writer out(text);
  writeHead(out, plan, runId_);
  for (const auto& step : traces.steps) {
    for (const auto& subject : subjectsOf(step)) writeSpan(out, step, subject, traces, plan);
  }
  out.endArray().endObject().endArray().endObject().endArray().endObject();
  return text;
}

std::string otlpTraces(const TracedRun& traces, const Plan& plan, std::string_view runId) {
  return OtlpSpans(runId).document(traces, plan);
}

}  // namespace weir
