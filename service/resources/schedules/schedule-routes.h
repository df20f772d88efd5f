// The routes of schedules.
#pragma once

#include <span>

#include "service/api/route.h"
#include "service/resources/openapi/shapes.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> scheduleRoutes();
[[nodiscard]] std::span<const Shape> scheduleShapes();

Job<Response> createSchedule(Call& call);
Job<Response> listFlowSchedules(Call& call);
Job<Response> listSchedules(Call& call);
Job<Response> getSchedule(Call& call);
Job<Response> replaceSchedule(Call& call);
Job<Response> deleteSchedule(Call& call);
Job<Response> pauseSchedule(Call& call);
Job<Response> resumeSchedule(Call& call);
Job<Response> runScheduleNow(Call& call);
Job<Response> getScheduleTimes(Call& call);
Job<Response> listScheduleFires(Call& call);

}  // namespace weir::api
