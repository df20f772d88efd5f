// The routes of runs of kept flows.
#pragma once

#include <span>

#include "service/api/route.h"

namespace weir::api {

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
Job<Response> readRunEvents(Call& call);

}  // namespace weir::api
