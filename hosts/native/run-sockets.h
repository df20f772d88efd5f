// Where runs listen: one Unix socket a run, in a folder that only its user can open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "hosts/native/descriptor.h"

namespace weir::native {

/// `$XDG_RUNTIME_DIR/weir`, else `weir-<user>` below the temporary folder; made with rights 0700 if it is not there.
/// Error `files.denied`: it cannot be made, is somebody else's, or others may write to it.
[[nodiscard]] Result<std::string> runFolder();

/// A listening socket (rights 0600) for the run; sockets of runs that are dead are removed. Errors `files.denied`,
/// `files.io`.
[[nodiscard]] Result<Descriptor> listenAs(const std::string& folder, std::string_view run);

/// The ids of the sockets there, sorted; some of them may be dead.
[[nodiscard]] std::vector<std::string> socketsIn(const std::string& folder);

/// Errors `run.not_found` (nobody listens there any more), `files.io`.
[[nodiscard]] Result<Descriptor> connectTo(const std::string& folder, std::string_view run);

}  // namespace weir::native
