// Alerts to those who watch them live.
#pragma once

#include "service/alerts/alert-book.h"
#include "service/live/hub.h"

namespace weir::api {

/// Tells the readers of each folder that the alert lies in or below, as `alert` with what GET /alerts shows of it; one
/// of no folder is told to those of the root.
void tellAlert(const stream::Hub& hub, const alerts::Alert& alert, std::int64_t silencedUntil);

/// From now on, of each alert that is raised or cleared. The hub outlives the book.
void feedAlerts(alerts::AlertBook& book, const stream::Hub& hub);

}  // namespace weir::api
