// ServerPlan: what makes a server's flows those of a folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/as-code/flow-folder.h"
#include "apps/cli/as-code/server-client.h"
#include "engine/flow/flow-diff.h"

namespace weir::cli {

/// A flow of a server, as its lists say it.
struct ServerFlow {
  std::string id, folder;
  std::int64_t revision = 0, publishedVersion = 0;
};

/// All flows below a folder that the caller may read.
[[nodiscard]] Result<std::vector<ServerFlow>> listFlows(ServerClient& server, const std::string& folder);
/// A flow that a list does not have.
struct FlowElsewhere {
  ServerFlow flow;
  bool inBin = false;
};
/// Nothing: the server has no such flow, or the caller may not read it.
[[nodiscard]] Result<std::optional<FlowElsewhere>> findFlow(ServerClient& server, const std::string& id);
/// The canonical document, of a version if one is given.
[[nodiscard]] Result<flow::FlowDocument> readDocument(ServerClient& server, const std::string& id,
                                                      std::int64_t version = 0);

struct PlannedFlow {
  enum class Change : std::uint8_t { created, changed, moved, published, unchanged, removed, left };
  Change change = Change::unchanged;
  std::string id, folder;
  std::string formerFolder;                // of one that moves
  std::optional<std::int64_t> revision{};  // on the server
  std::optional<flow::FlowDiff> diff{};    // of what is created or changed
  const FolderFlow* file = nullptr;        // null: only on the server
};
[[nodiscard]] std::string_view nameOf(PlannedFlow::Change change);

struct ServerPlan {
  std::vector<PlannedFlow> flows;  // those of the folder, then those that only the server has
  [[nodiscard]] bool empty() const;
};

struct PlanRequest {
  std::string base;  // the folder on the server
  bool publish = true;
  bool prune = false;  // what only the server has is to go
};

/// `files` outlives the plan.
[[nodiscard]] Result<ServerPlan> planFor(ServerClient& server, const std::vector<FolderFlow>& files,
                                         const PlanRequest& request);

/// In words: `text`, `markdown` or `json`.
[[nodiscard]] std::string describe(const ServerPlan& plan, const std::string& format, bool colours);

/// The body of POST /apply: it names the revisions that were read, so what was changed meanwhile is refused.
[[nodiscard]] std::string applyBody(const ServerPlan& plan, bool publish, const std::string& message);

}  // namespace weir::cli
