// A run's metrics and executions as JSON, for `--metrics FILE` and `--trace FILE`.
#pragma once

#include <string>

#include "engine/runtime/otlp-export.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// One object: run, nodes[], edges[].
[[nodiscard]] std::string metricsJson(const RunMetrics& metrics, const RunResult& result, int exitCode,
                                      const OtlpCounts* traces = nullptr);
/// The Chrome trace event format (chrome://tracing, Perfetto): one complete event an execution.
[[nodiscard]] std::string traceJson(const Run& run);

}  // namespace weir::cli
