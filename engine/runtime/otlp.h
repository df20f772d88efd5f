// Traces of sampled rows in the JSON form of OTLP (OpenTelemetry protocol 1.x, as its HTTP endpoint /v1/traces takes
// it).
#pragma once

#include <string>
#include <string_view>

#include "engine/flow/plan.h"
#include "engine/runtime/row-traces.h"

namespace weir {

/// An ExportTraceServiceRequest: a span for each sampled row and execution of a node. A span's parent is that of the
/// node before, by which the row had come; rows that a node made are linked to the rows that it made them of.
[[nodiscard]] std::string otlpTraces(const TracedRun& traces, const Plan& plan, std::string_view runId);

}  // namespace weir
