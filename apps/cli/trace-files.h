// Traces of sampled rows: beside the flow for `weir trace`, and as OTLP for other programs.
#pragma once

#include <string>
#include <vector>

#include "engine/data/error.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// One JSON object a line: the run with its nodes, then what each execution did with sampled rows.
[[nodiscard]] std::string traceHead(const Run& run, const std::string& runId, std::int64_t every,
                                    std::int64_t forgotten);
[[nodiscard]] std::string traceLine(const TraceStep& step, std::int64_t epochNanos);
/// All of a run.
[[nodiscard]] std::string traceLines(const Run& run, const std::string& runId, std::int64_t every);
/// Writes them to FOLDER/.weir/traces/RUN.ndjson; of older runs the newest are kept, 64 MiB in all.
[[nodiscard]] Result<std::string> keepTraces(const std::string& folder, const std::string& runId,
                                             const std::string& lines);

}  // namespace weir::cli
