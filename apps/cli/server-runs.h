// Runs of a server, watched over its live protocol as those of this machine are over their sockets.
#pragma once

#include <string>

#include "apps/cli/as-code/server-client.h"
#include "apps/cli/live-runs.h"

namespace weir::cli {

/// The run of that server whose id is `name` or begins with it, or the one of the flow `name`, or the only one that
/// goes on if `name` is empty. Errors `run.not_found`, `server.refused`, those of placeOf and of the network.
[[nodiscard]] Result<LiveRun> findServerRun(const ServerArguments& server, const std::string& name);

/// findServerRun if `server` is given, else findRun.
[[nodiscard]] Result<LiveRun> findRunAt(const ServerArguments& server, const std::string& name);

}  // namespace weir::cli
