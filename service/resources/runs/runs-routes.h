// The routes of runs of kept flows.
#pragma once

#include <span>
#include <string_view>

#include "service/api/route.h"

namespace weir::api {

inline constexpr std::string_view kTar = "application/x-tar";

/// GET /runs, GET and DELETE /runs/{run} stand in place of those of executions: name them first.
[[nodiscard]] std::span<const Route> runsRoutes();

Job<Response> startRun(Call& call);
Job<Response> listKeptRuns(Call& call);
Job<Response> getKeptRun(Call& call);
Job<Response> stopKeptRun(Call& call);
Job<Response> deleteKeptRun(Call& call);
Job<Response> resumeKeptRun(Call& call);
Job<Response> changeRunVersion(Call& call);
Job<Response> changeFlowRuns(Call& call);
Job<Response> getRunLogs(Call& call);
Job<Response> listRunCrashes(Call& call);
Job<Response> getRunMetrics(Call& call);
Job<Response> getRunRecording(Call& call);
Job<Response> getRunTrace(Call& call);
Job<Response> discardRunRecording(Call& call);
Job<Response> discardRunTrace(Call& call);
Job<Response> readRunEvents(Call& call);

}  // namespace weir::api
