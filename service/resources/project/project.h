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
    bool changed = false;  // the file was another before
  };
  /// Writes the document, canonical, to the flow's file; a new flow gets one. `storage.changed`: the file was changed
  /// by somebody else since it was read; the change comes into the draft first.
  [[nodiscard]] virtual Result<Saved> save(const store::Flow& flow) = 0;
};

/// POST /flows/{flow}/save
[[nodiscard]] std::span<const Route> projectRoutes();

}  // namespace weir::api
