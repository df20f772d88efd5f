// Numbers of a run, for other programs.
#include "apps/cli/metrics-json.h"

#include "engine/json/writer.h"

namespace weir::cli {
namespace {

void writeHistogram(json::Writer& out, const LatencyHistogram& histogram) {
  out.beginObject()
      .key("count")
      .value(histogram.count())
      .key("p50Nanos")
      .value(histogram.quantile(0.5))
      .key("p95Nanos")
      .value(histogram.quantile(0.95))
      .key("p99Nanos")
      .value(histogram.quantile(0.99))
      .endObject();
}

void writeNode(json::Writer& out, const NodeMetrics& node) {
  out.beginObject()
      .key("id")
      .value(node.id)
      .key("typeId")
      .value(node.typeId)
      .key("rowsIn")
      .value(node.rowsIn)
      .key("rowsOut")
      .value(node.rowsOut)
      .key("bytesOut")
      .value(node.bytesOut)
      .key("failed")
      .value(node.failed)
      .key("retries")
      .value(node.retries)
      .key("recovered")
      .value(node.recovered)
      .key("timeToRecover");
  writeHistogram(out, node.recovery);
  if (!node.breaker.empty()) {
    out.key("breaker")
        .beginObject()
        .key("state")
        .value(node.breaker)
        .key("openings")
        .value(node.breakerOpenings)
        .key("refused")
        .value(node.breakerRefused)
        .endObject();
  }
  out.key("steps").value(node.steps).key("busyNanos").value(node.busyNanos).key("step");
  writeHistogram(out, node.step);
  out.endObject();
}

void writeDropped(json::Writer& out, const DroppedRows& dropped) {
  out.beginObject()
      .key("oldest")
      .value(dropped.oldest)
      .key("newest")
      .value(dropped.newest)
      .key("lowestPriority")
      .value(dropped.lowestPriority)
      .key("sampled")
      .value(dropped.sampled)
      .key("tooOld")
      .value(dropped.tooOld)
      .key("waitedTooLong")
      .value(dropped.waitedTooLong)
      .endObject();
}

void writeEdge(json::Writer& out, const EdgeMetrics& edge) {
  out.beginObject()
      .key("id")
      .value(edge.id)
      .key("source")
      .value(edge.source)
      .key("target")
      .value(edge.target)
      .key("offered")
      .value(edge.offered)
      .key("taken")
      .value(edge.taken)
      .key("filtered")
      .value(edge.filtered)
      .key("null")
      .value(edge.filteredNull)
      .key("dropped")
      .value(edge.dropped)
      .key("droppedByRule");
  writeDropped(out, edge.droppedByRule);
  out.key("pressureEvents")
      .value(edge.pressureEvents)
      .key("threshold")
      .value(edge.threshold)
      .key("dropThreshold")
      .value(edge.dropThreshold)
      .key("discarded")
      .value(edge.discarded)
      .key("failed")
      .value(edge.failed)
      .key("held")
      .value(edge.held)
      .key("highWaterRows")
      .value(edge.highWaterRows)
      .key("spilledBytes")
      .value(edge.spilledBytes)
      .key("wait");
  writeHistogram(out, edge.wait);
  out.endObject();
}

}  // namespace

std::string metricsJson(const RunMetrics& metrics, const RunResult& result, int exitCode, const OtlpCounts* traces) {
  std::string text;
  json::Writer out(text, json::Layout::pretty);
  out.beginObject().key("run").beginObject();
  out.key("exitCode").value(exitCode);
  out.key("elapsedMicros").value(result.elapsedMicros);
  out.key("peakBytes").value(metrics.peakBytes);
  out.key("deadLetters").value(result.deadLetters);
  out.key("errors").beginObject();
  for (const auto& [code, count] : result.errorsByCode) out.key(code).value(count);
  out.endObject();
  if (traces != nullptr) {
    out.key("spans").beginObject().key("sent").value(traces->sent).key("dropped").value(traces->dropped);
    out.key("forgottenSteps").value(traces->forgotten).key("requests").value(traces->requests);
    out.key("retries").value(traces->retries).endObject();
  }
  out.endObject();
  out.key("nodes").beginArray();
  for (const auto& node : metrics.nodes) writeNode(out, node);
  out.endArray().key("edges").beginArray();
  for (const auto& edge : metrics.edges) writeEdge(out, edge);
  out.endArray().endObject();
  return text + "\n";
}

std::string traceJson(const Run& run) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("displayTimeUnit").value("ms").key("traceEvents").beginArray();
  const auto executions = run.executions();
  const auto first = executions.empty() ? 0 : executions.front().startNanos;
  for (const auto& execution : executions) {
    const auto& node = run.planEver().nodes[static_cast<std::size_t>(execution.node)];
    out.beginObject()
        .key("name")
        .value(node.id)
        .key("cat")
        .value(node.type->id)
        .key("ph")
        .value("X")
        .key("pid")
        .value(1)
        .key("tid")
        .value(static_cast<std::int64_t>(execution.node))
        .key("ts")
        .value(static_cast<double>(execution.startNanos - first) / 1000.0)
        .key("dur")
        .value(static_cast<double>(execution.endNanos - execution.startNanos) / 1000.0)
        .key("args")
        .beginObject()
        .key("rowsIn")
        .value(execution.rowsIn)
        .key("tries")
        .value(static_cast<std::int64_t>(execution.tries))
        .endObject()
        .endObject();
  }
  out.endArray().endObject();
  return text + "\n";
}

}  // namespace weir::cli
