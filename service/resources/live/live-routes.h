// The routes of what can be watched of runs: the live protocol, its streams as events, newest rows, the debugger.
#pragma once

#include "service/api/route.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> liveRoutes();

// Streams.
Job<Response> openLive(Call& call);
Job<Response> readStreams(Call& call);
Job<Response> readStream(Call& call);
Job<Response> previewRows(Call& call);

// The debugger of a run.
Job<Response> listBreakpoints(Call& call);
Job<Response> setBreakpoint(Call& call);
Job<Response> removeBreakpoint(Call& call);
Job<Response> listHeldRows(Call& call);
Job<Response> actOnHeldRow(Call& call);
Job<Response> changeHeldRow(Call& call);

// Flows, for those who draw together.
Job<Response> patchFlow(Call& call);

}  // namespace weir::api
