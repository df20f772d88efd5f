// What runs of a server have kept of their rows, for the commands that show and replay it.
#pragma once

#include <string>
#include <vector>

#include "apps/cli/as-code/server-client.h"

namespace weir::cli {

/// The run whose id is `name` or begins with it, or the newest of the flow `name`; `last`: the newest. Of those that
/// keep `what`: record or trace. Error `run.not_found`, those of the client.
[[nodiscard]] Result<std::string> findKeptRun(ServerClient& server, const std::string& name, const std::string& what);

/// The steps of its trace, the oldest first: {node, typeId, startNanos, …}, and how many rows one was traced of.
struct ServerTrace {
  std::vector<json::Document> pages;
  std::int64_t every = 0;
};
[[nodiscard]] Result<ServerTrace> fetchTrace(ServerClient& server, const std::string& run);

/// Its recording, in folders that `weir replay` takes, one for each time that it has begun, the first first: `first`,
/// which must not be there, and those behind it with -2, -3 and so on at their names. Left empty it is the name that
/// the server gives. Errors `files.exists`, `files.io`, `recording.*`, `server.refused`.
[[nodiscard]] Result<std::vector<std::string>> fetchRecording(ServerClient& server, const std::string& run,
                                                              const std::string& first);

}  // namespace weir::cli
