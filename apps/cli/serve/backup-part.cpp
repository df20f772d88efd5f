// Puts the desk for backups between the socket and the supervisor.
#include "apps/cli/serve/backup-part.h"

#include <utility>

#include "apps/cli/serve/server-words.h"

namespace weir::cli {

void addBackupDesk(ServerParts& parts) {
  auto& supervisor = *parts.supervisor;
  SavesRuns runs{.begin = [&supervisor] { supervisor.saveAll(); },
                 .unsaved = [&supervisor] { return supervisor.unsaved(); }};
  auto desk = BackupDesk::open(parts.data, parts.clock, std::move(runs));
  if (!desk) {
    say(LogLevel::warning,
        "weir backup takes runs as of their last checkpoint, and asks for none: " + desk.error().message);
    return;
  }
  parts.backupDesk = std::move(*desk);
  parts.turns->add([&desk = *parts.backupDesk] { return desk.work(); });
}

}  // namespace weir::cli
