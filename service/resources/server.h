// Server: what stands behind the API on a server and nowhere else.
#pragma once

#include <set>
#include <string>

#include "service/api/services.h"

namespace weir::metrics {
class Registry;
}
namespace weir::auth {
struct SignIn;
}  // namespace weir::auth
namespace weir::store {
class Applier;
class AuditLog;
class OperationLog;
class LetterIndex;
class RunLogs;
class Secrets;
}  // namespace weir::store
namespace weir::folders {
class FolderBook;
}
namespace weir::alerts {
class AlertBook;
}

namespace weir::store {
class Quotas;
class Runs;
class Schedules;
}  // namespace weir::store

namespace weir::engines {
class Previews;
class Supervisor;
}  // namespace weir::engines

namespace weir::schedule {
class Scheduler;
}

namespace weir::api {

class LetterShelf;
class RowShelf;
class Disk;
class KeyRoom;
class LiveSessions;
class ProjectFiles;
class StoreWatch;
class FolderGuard;
class FolderUse;

/// Each pointer outlives the Api; one is null where the server was started without that part.
struct Server {
  Disk* disk = nullptr;
  KeyRoom* keys = nullptr;
  metrics::Registry* metrics = nullptr;
  LiveSessions* live = nullptr;
  LetterShelf* letters = nullptr;
  RowShelf* rowShelf = nullptr;
  store::LetterIndex* letterIndex = nullptr;
  auth::SignIn* signIn = nullptr;
  store::AuditLog* audit = nullptr;
  store::Secrets* secrets = nullptr;
  alerts::AlertBook* alerts = nullptr;
  // Both or none.
  store::Runs* runs = nullptr;
  engines::Supervisor* supervisor = nullptr;
  store::RunLogs* runLogs = nullptr;
  store::Quotas* quotas = nullptr;
  FolderUse* folderUse = nullptr;
  store::Schedules* schedules = nullptr;
  schedule::Scheduler* scheduler = nullptr;
  store::Applier* applier = nullptr;
  store::OperationLog* operations = nullptr;
  ProjectFiles* project = nullptr;
  StoreWatch* storeWatch = nullptr;
  folders::FolderBook* folders = nullptr;
  FolderGuard* guard = nullptr;
  engines::Previews* previews = nullptr;
  /// Runs whose dead letters a replay is being made for, until the supervisor knows it.
  std::set<std::string> replaysBeginning{};
};

}  // namespace weir::api
