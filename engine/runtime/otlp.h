// Traces of sampled rows in the JSON form of OTLP (OpenTelemetry protocol 1.x, as its HTTP endpoint /v1/traces takes
// it).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/flow/plan.h"
#include "engine/json/writer.h"
#include "engine/runtime/row-traces.h"

namespace weir {

/// Writes steps of one run as spans, in as many documents as one likes: a span for each sampled row and execution of a
/// node. A span's parent is that of the node before, by which the row had come, or the caller outside who brought it;
/// rows that a node made are linked to the rows that it made them of. Of very many rows the ways of the oldest are
/// forgotten: what they do later has no parent.
class OtlpSpans {
 public:
  static constexpr std::size_t kMostRows = 50'000;
  explicit OtlpSpans(std::string_view runId) : runId_(runId) {}
  /// An ExportTraceServiceRequest. Steps come in their order.
  [[nodiscard]] std::string document(const TracedRun& traces, const Plan& plan);
  /// How many spans the step becomes.
  [[nodiscard]] static std::int64_t countOf(const TraceStep& step);

 private:
  using Id = std::pair<std::uint64_t, std::uint64_t>;
  struct Spot {
    std::int32_t node;
    std::uint64_t span;
  };
  using Way = std::vector<Spot>;
  struct Subject {
    TraceId row;
    bool failed, made;
  };
  [[nodiscard]] static std::vector<Subject> subjectsOf(const TraceStep& step);
  [[nodiscard]] Way& wayOf(Id row);
  /// The latest span of the way at a node that has an edge to `node`, or 0.
  [[nodiscard]] static std::uint64_t parentOf(const Way& way, std::int32_t node, const Plan& plan);
  void writeSpan(json::Writer& out, const TraceStep& step, const Subject& subject, const TracedRun& traces,
                 const Plan& plan);
  void writeLinks(json::Writer& out, const TraceStep& step) const;

  std::string runId_;
  std::map<Id, Way> ways_;
  std::deque<Id> order_;  // of ways_
};

/// All of them in one document.
[[nodiscard]] std::string otlpTraces(const TracedRun& traces, const Plan& plan, std::string_view runId);

}  // namespace weir
