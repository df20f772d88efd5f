// Figures, events and held rows as JSON.
#include "engine/live/describe.h"

#include <cmath>

#include "engine/data/row-json.h"
#include "engine/json/writer.h"

namespace weir::live {
namespace {

void writeLatency(json::Writer& out, std::string_view key, const LatencyHistogram& histogram) {
  out.key(key).beginObject();
  out.key("count").value(histogram.count());
  out.key("p50").value(histogram.quantile(0.5));
  out.key("p95").value(histogram.quantile(0.95));
  out.key("p99").value(histogram.quantile(0.99));
  out.endObject();
}

void writeNode(json::Writer& out, const NodeMetrics& node) {
  out.beginObject().key("id").value(node.id).key("typeId").value(node.typeId);
  out.key("rowsIn").value(node.rowsIn).key("rowsOut").value(node.rowsOut);
  out.key("bytesOut").value(node.bytesOut).key("failed").value(node.failed);
  out.key("retries").value(node.retries).key("recovered").value(node.recovered);
  if (!node.breaker.empty()) out.key("breaker").value(node.breaker);
  out.key("steps").value(node.steps);
  out.key("busyNanos").value(node.busyNanos).key("allocatedBytes").value(node.allocatedBytes);
  out.key("waitsFor").value(node.waitsFor).key("done").value(node.done);
  out.key("progressDone").value(node.progressDone).key("progressTotal").value(node.progressTotal);
  writeLatency(out, "stepNanos", node.step);
  out.endObject();
}

void writeEdge(json::Writer& out, const EdgeMetrics& edge) {
  out.beginObject().key("id").value(edge.id).key("source").value(edge.source).key("target").value(edge.target);
  out.key("offered").value(edge.offered).key("taken").value(edge.taken);
  out.key("filtered").value(edge.filtered).key("dropped").value(edge.dropped);
  out.key("discarded").value(edge.discarded).key("failed").value(edge.failed);
  out.key("held").value(edge.held).key("heldBytes").value(edge.heldBytes);
  out.key("capacityRows").value(edge.capacityRows).key("capacityBytes").value(edge.capacityBytes);
  writeLatency(out, "waitNanos", edge.wait);
  out.endObject();
}

std::string_view severityText(EventSeverity severity) {
  switch (severity) {
    case EventSeverity::debug:
      return "debug";
    case EventSeverity::info:
      return "info";
    case EventSeverity::warning:
      return "warning";
    case EventSeverity::error:
      return "error";
    case EventSeverity::critical:
      return "critical";
  }
  return "info";
}

}  // namespace

std::string describe(const RunMetrics& metrics) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("elapsedMicros").value(metrics.elapsedMicros);
  out.key("usedBytes").value(metrics.usedBytes).key("peakBytes").value(metrics.peakBytes);
  out.key("deadLetters").value(metrics.deadLetters).key("errors").value(metrics.errors);
  out.key("nodes").beginArray();
  for (const auto& node : metrics.nodes) writeNode(out, node);
  out.endArray().key("edges").beginArray();
  for (const auto& edge : metrics.edges) writeEdge(out, edge);
  out.endArray().endObject();
  return text;
}

std::string describe(const RunEvent& event) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("number").value(event.number).key("atMicros").value(event.atMicros);
  out.key("severity").value(severityText(event.severity)).key("kind").value(event.kind);
  out.key("subject").value(event.subject).key("message").value(event.message);
  if (!event.key.empty()) out.key("key").value(event.key);
  if (event.value && std::isfinite(*event.value)) out.key("value").value(*event.value);
  out.endObject();
  return text;
}

std::string describe(const TapCounts& counts) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("passed").value(counts.passed).key("seen").value(counts.seen);
  out.key("matched").value(counts.matched).key("shown").value(counts.shown).key("failed").value(counts.failed);
  if (!counts.problem.empty()) out.key("problem").value(counts.problem);
  out.endObject();
  return text;
}

std::string describe(std::span<const BreakpointView> breakpoints) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("breakpoints").beginArray();
  for (const auto& view : breakpoints) {
    out.beginObject().key("breakpoint").value(std::int64_t{view.id});
    if (!view.options.node.empty()) out.key("node").value(view.options.node);
    if (!view.options.edge.empty()) out.key("edge").value(view.options.edge);
    if (!view.options.where.empty()) out.key("where").value(view.options.where);
    if (!view.options.log.empty()) out.key("log").value(view.options.log);
    out.key("after").value(view.options.after).key("hits").value(view.hits).key("failed").value(view.failed);
    if (!view.problem.empty()) out.key("problem").value(view.problem);
    out.endObject();
  }
  out.endArray().endObject();
  return text;
}

std::string describe(std::span<const AlertView> alerts) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("alerts").beginArray();
  for (const auto& alert : alerts) {
    out.beginObject().key("alert").value(alert.name).key("metric").value(alert.metric);
    out.key("severity").value(alert.severity).key("raised").value(alert.raised);
    if (alert.value) out.key("value").value(*alert.value);
    if (alert.mutedUntil > 0) out.key("mutedUntil").value(alert.mutedUntil);
    if (alert.raisedKeys > 0) {
      out.key("raisedKeys").value(alert.raisedKeys).key("keys").beginArray();
      for (const auto& key : alert.keys) out.value(key);
      out.endArray();
    }
    out.endObject();
  }
  out.endArray().endObject();
  return text;
}

std::string describe(std::span<const HeldRow> held) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("held").beginArray();
  for (const auto& row : held) {
    out.beginObject().key("held").value(std::int64_t{row.id}).key("breakpoint").value(std::int64_t{row.breakpoint});
    out.key("edge").value(row.edge).key("source").value(row.source).key("target").value(row.target);
    out.key("traceId").value(row.traceId).key("rowsBehind").value(row.rowsBehind);
    out.key("heldMicros").value(row.heldMicros).key("releaseMicros").value(row.releaseMicros);
    std::string values;
    appendRowJson(values, row.row, 0);
    out.key("row").raw(values).key("types").beginObject();
    for (const auto& field : row.row.schema()->fields()) out.key(field.name).value(typeName(*field.type));
    out.endObject().endObject();
  }
  out.endArray().endObject();
  return text;
}

}  // namespace weir::live
