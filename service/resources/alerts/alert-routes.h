// The routes of alerts, their rules, and the channels that tell people of them.
#pragma once

#include <span>

#include "service/api/route.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> alertRoutes();

// Alerts.
Job<Response> listAlerts(Call& call);
Job<Response> getAlert(Call& call);
Job<Response> acknowledgeAlert(Call& call);
Job<Response> silenceAlert(Call& call);

// Rules.
Job<Response> listAlertRules(Call& call);
Job<Response> getAlertRule(Call& call);
Job<Response> putAlertRule(Call& call);
Job<Response> deleteAlertRule(Call& call);

// Channels.
Job<Response> listChannels(Call& call);
Job<Response> putChannel(Call& call);
Job<Response> deleteChannel(Call& call);
Job<Response> testChannel(Call& call);

}  // namespace weir::api
