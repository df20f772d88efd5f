// The socket that a run of this program listens on, for taps, top and the debugger.
#pragma once

#include <memory>
#include <string>

#include "apps/cli/flow-versions.h"
#include "apps/cli/screen.h"
#include "hosts/native/live-listener.h"

namespace weir::cli {

struct Listening {
  std::string run, file;                   // the run's id, and where its document is
  bool steps = false;                      // every row waits for the debugger, so it has to reach the run
  const FlowVersions* versions = nullptr;  // null: the run takes no new ones from its socket
};

/// Null, and a warning, where there can be no socket; the run goes on without it. An error only for one that steps.
[[nodiscard]] Result<std::unique_ptr<native::LiveListener>> listen(const Listening& listening, Run& run,
                                                                   Screen& screen);

}  // namespace weir::cli
