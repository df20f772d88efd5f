// Spans as JSON.
#include "engine/runtime/otlp.h"

#include <map>
#include <utility>
#include <vector>

#include "engine/data/packet.h"
#include "engine/data/trace-context.h"
#include "engine/json/writer.h"
#include "engine/node/version.h"

namespace weir {
namespace {

using Id = std::pair<std::uint64_t, std::uint64_t>;

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

class Spans {
 public:
  Spans(json::Writer& out, const TracedRun& traces, const Plan& plan) : out_(out), traces_(traces), plan_(plan) {}

  void write() {
    for (std::size_t i = 0; i < traces_.steps.size(); ++i) writeStep(static_cast<std::int64_t>(i));
  }

 private:
  struct Spot {
    std::int32_t node;
    std::uint64_t span;
  };

  void writeStep(std::int64_t at) {
    const auto& step = traces_.steps[static_cast<std::size_t>(at)];
    std::map<Id, bool> rows;  // whether it has failed here
    for (const auto row : step.taken) rows.emplace(keyOf(row), false);
    for (const auto& given : step.given) rows.emplace(keyOf(given.row), false);
    for (const auto row : step.failed) rows[keyOf(row)] = true;
    const auto number = at + traces_.forgotten;
    for (const auto& [id, failed] : rows) span(step, TraceId{id.first, id.second}, number, failed, false);
    for (const auto row : step.made) span(step, row, number, false, true);
  }

  /// The latest span of the row at a node that has an edge to `node`, or 0.
  [[nodiscard]] std::uint64_t parentOf(Id row, std::int32_t node) const {
    const auto found = spots_.find(row);
    if (found == spots_.end()) return 0;
    for (auto spot = found->second.rbegin(); spot != found->second.rend(); ++spot) {
      for (const auto& edge : plan_.edges) {
        if (edge.source == spot->node && edge.target == node) return spot->span;
      }
    }
    return 0;
  }

  void links(const TraceStep& step) {
    out_.key("links").beginArray();
    for (const auto parent : step.parents) {
      const auto found = spots_.find(keyOf(parent));
      if (found == spots_.end()) continue;
      for (auto spot = found->second.rbegin(); spot != found->second.rend(); ++spot) {
        if (spot->node != step.node) continue;
        out_.beginObject().key("traceId").value(traceText(parent)).key("spanId").value(spanIdText(spot->span));
        out_.endObject();
        break;
      }
    }
    out_.endArray();
  }

  void span(const TraceStep& step, TraceId row, std::int64_t number, bool failed, bool made) {
    const auto& node = plan_.nodes[static_cast<std::size_t>(step.node)];
    const auto id = spanIdOf(row, step.node, number);
    const auto parent = parentOf(keyOf(row), step.node);
    out_.beginObject().key("traceId").value(traceText(row)).key("spanId").value(spanIdText(id));
    if (parent != 0) out_.key("parentSpanId").value(spanIdText(parent));
    out_.key("name").value(node.id).key("kind").value(1);
    out_.key("startTimeUnixNano").value(std::to_string(step.startNanos + traces_.epochNanos));
    out_.key("endTimeUnixNano").value(std::to_string(step.endNanos + traces_.epochNanos));
    out_.key("attributes").beginArray();
    attribute(out_, "weir.node.type", node.type->id);
    attribute(out_, "weir.rows", step.rowsIn);
    attribute(out_, "weir.tries", std::int64_t{step.tries});
    if (made) attribute(out_, "weir.parents", static_cast<std::int64_t>(step.parents.size()) + step.parentsBeyond);
    out_.endArray();
    if (made) links(step);
    out_.key("status").beginObject();
    if (failed) out_.key("code").value(2).key("message").value("the row failed");
    out_.endObject().endObject();
    spots_[keyOf(row)].push_back({step.node, id});
  }

  json::Writer& out_;
  const TracedRun& traces_;
  const Plan& plan_;
  std::map<Id, std::vector<Spot>> spots_;
};

}  // namespace

std::string otlpTraces(const TracedRun& traces, const Plan& plan, std::string_view runId) {
  std::string text;
  json::Writer out(text);
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
  Spans(out, traces, plan).write();
  out.endArray().endObject().endArray().endObject().endArray().endObject();
  return text;
}

}  // namespace weir
