// Opening a run's socket.
#include "apps/cli/listening.h"

#include <unistd.h>

#include <utility>

namespace weir::cli {

Result<std::unique_ptr<native::LiveListener>> listen(const Listening& listening, Run& run, Screen& screen) {
  live::About about;
  about.run = listening.run;
  about.flow = run.plan().flowId;
  about.version = run.plan().flowVersion;
  about.file = listening.file;
  about.process = ::getpid();
  if (const auto* versions = listening.versions; versions != nullptr) {
    about.planOf = [versions](std::string_view document) { return versions->planOf(document); };
  }
  auto listener = native::LiveListener::open(run, std::move(about));
  if (!listener && listening.steps) return std::unexpected(std::move(listener.error()));
  if (!listener) {
    screen.lines("warning: this run cannot be watched: " + listener.error().message + "\n");
    return nullptr;
  }
  if (listening.steps) {
    screen.lines("every row is held where it is read: 'weir debug " + listening.run + "' lets it go on\n");
  }
  return listener;
}

}  // namespace weir::cli
