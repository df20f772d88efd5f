// Nodes that go on under another id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/alert-metrics.h"
#include "engine/json/value.h"

namespace weir::flow {

struct NodeRename {
  std::string from, to;
};

enum class RenameEvidence : std::uint8_t {
  /// Type, version and settings are equal, for telling a person. Of several that fit the one with the most equal edges;
  /// a node without settings needs one such edge, or all equal if it has none.
  alike,
  /// It has all the edges it had too, or neither has any and all but the id is equal: for acting on it. Other renames
  /// of this
  /// kind count as equal, so that neighbours may both be renamed.
  certain,
};

/// Nodes that are gone, each with the new one that took its place; both documents as canonicalFlow gives them.
[[nodiscard]] std::vector<NodeRename> findRenames(const json::Value& before, const json::Value& after,
                                                  RenameEvidence evidence);

/// Gives nodes other ids, all at once, also where edges, ports, widgets, alerts and the layout name them.
void renameNodes(json::Value& root, const std::vector<NodeRename>& renames);

/// In alerts of that kind of thing: `paid.errorRate` becomes `good.errorRate`.
void renameMetrics(json::Value& root, MeasuredThing thing, const std::vector<NodeRename>& renames);

}  // namespace weir::flow
