// A server over a folder of flow files: Save writes the file that a flow is edited from.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "service/api/route.h"

namespace weir::api {

/// The files of a project. Thread-safe.
class ProjectFiles {
 public:
  virtual ~ProjectFiles() = default;
  struct Saved {
    std::string path;      // below the project's folder
    bool changed = false;  // the file was another before, or elsewhere
  };
  struct File {
    std::string path;                    // empty: the flow has none
    std::vector<std::string> conflicts;  // what differs by more than what the draft says: Save asks, moves or removes
    std::string problem;                 // why the file cannot be read as it is now
  };
  /// Writes the document, canonical, to the flow's file; a new flow gets one, that of a flow which was moved moves, and
  /// that of one in the bin is removed. `storage.invalid`: its folder is none for files. `storage.changed`: the file
  /// was changed by somebody else since it was read; the change comes into the draft first. `storage.conflict`: it
  /// cannot come, or not without losing what the draft says, and nobody has said that the draft is to be written
  /// (`takeDraft`).
  [[nodiscard]] virtual Result<Saved> save(const store::Flow& flow, bool takeDraft) = 0;
  [[nodiscard]] virtual File fileOf(const store::FlowHead& flow) = 0;
};

/// POST /flows/{flow}/save, GET /flows/{flow}/file
[[nodiscard]] std::span<const Route> projectRoutes();

}  // namespace weir::api
