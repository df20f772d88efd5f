// PullPlan: what makes a folder of flows that of a server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/cli/as-code/flow-folder.h"
#include "apps/cli/as-code/server-plan.h"

namespace weir::cli {

struct PullRequest {
  std::string root;  // the folder here
  std::string base;  // what it is on the server
  bool published = false, force = false;
  bool prune = false;  // files of flows that the server does not have there are to go
};

/// What becomes of one file.
struct PulledFile {
  enum class Change : std::uint8_t {
    made,
    changed,
    moved,    // to `path`; its text may be another one too
    removed,  // its flow is not there any more
    same,
    left,  // only here, and it stays
    held   // something is to be done, and is not
  };
  Change change = Change::same;
  std::string path;    // where it is when all is done
  std::string former;  // where it is now, of one that moves
  std::string text{};  // what is to stand in it
  std::string why{};   // in words
};

/// Reads everything, writes nothing. `files` are those of the folder. A flow whose folder can be none here is held.
[[nodiscard]] Result<std::vector<PulledFile>> pullPlanFor(ServerClient& server, const std::vector<FolderFlow>& files,
                                                          const PullRequest& request);

}  // namespace weir::cli
