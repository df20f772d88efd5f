// What handlers of live routes need of the server.
#pragma once

#include "service/live/live-sessions.h"
#include "service/resources/server.h"

namespace weir::api {

/// Null: this server has none.
[[nodiscard]] inline LiveSessions* liveOf(const Call& call) {
  return call.services.server == nullptr ? nullptr : call.services.server->live;
}

[[nodiscard]] inline Refusal noLive() {
  return {501, "host.missing", "this server tells nothing live: it was started without that part"};
}

}  // namespace weir::api
