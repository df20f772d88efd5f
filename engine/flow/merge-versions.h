// The three versions of a merge, brought to one set of names, and what one removed while the other used it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/flow/flow-merge.h"

namespace weir::flow {

/// A node to which both gave another id.
struct TwiceRenamed {
  std::string from, ours, theirs;
};

/// A node that one side removed while the other changed it, wired it, or showed what it gives; or one beside such a
/// node (without a message).
struct ContestedNode {
  Side removedBy = Side::ours;
  ConflictKind kind = ConflictKind::removed;
  std::string message;
};

struct MergeVersions {
  json::Value base, ours, theirs;          // as canonicalFlow gives them
  std::vector<TwiceRenamed> twiceRenamed;  // all three have the id that ours gave
  std::map<std::string, ContestedNode, std::less<>> nodes;
  std::set<std::string, std::less<>> edges;  // of contested nodes: whole as one side has them
  std::vector<std::string> notes;
};

/// Renames in `base` and in one version what the other version renamed, and one of two edges or notes that were added
/// with one id.
[[nodiscard]] MergeVersions prepareMerge(const FlowDocument* base, const FlowDocument& ours,
                                         const FlowDocument& theirs);

/// Takes out what names nodes, groups and widgets that are not there any more because one side removed them.
void dropDangling(json::Value& merged, const MergeVersions& versions, std::vector<std::string>& notes);

}  // namespace weir::flow
