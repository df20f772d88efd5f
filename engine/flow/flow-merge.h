// FlowMerge: two changed versions of a flow document made one.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/document.h"
#include "engine/flow/merge-order.h"
#include "engine/flow/validate.h"

namespace weir::flow {

enum class ConflictKind : std::uint8_t {
  changed,  // both changed one value, differently
  removed,  // one removed what the other changed
  used,     // one removed a node that the other wired, or shows
  added,    // both added something of one name, differently
  order,    // both ordered a list differently
  renamed,  // both gave a node another id, each a different one
  invalid,  // each side alone is valid here, the two together are not
};
[[nodiscard]] std::string_view nameOf(ConflictKind kind);

struct MergeConflict {
  ConflictKind kind = ConflictKind::changed;
  std::string where;    // `node 'paid', settings.condition`
  std::string pointer;  // RFC 6901, in FlowMerge::text; of the innermost thing that is there
  std::string message;  // what the two did
  std::optional<json::Value> base, ours, theirs;
};
[[nodiscard]] json::Value toJson(const MergeConflict& conflict);

struct FlowMerge {
  std::string text;    // canonical; where the two conflict, what ours says
  std::string theirs;  // the same, where the two conflict what theirs says
  std::vector<MergeConflict> conflicts;
  std::vector<std::string> notes;  // what was settled without asking, for a person to know
};

struct MergeOptions {
  /// Whose nodes the merged flow is validated with: errors that neither side has alone are conflicts. Null: not at all.
  const Catalogue* catalogue = nullptr;
  ValidateOptions validate{};
};

/// Merges by ids and paths: changes of different things, and of different members of one thing, both hold, in whatever
/// order the lists stand. `base` may be null: then everything was added by both. Both having moved a thing is no
/// conflict, and ours stays. Both having added an edge or a note of one id gives one of them another id, and so that it
/// does not matter who is who. The error is a merged document that does not have the form of one, which is a bug.
[[nodiscard]] std::expected<FlowMerge, Problems> mergeFlows(const FlowDocument* base, const FlowDocument& ours,
                                                            const FlowDocument& theirs,
                                                            const MergeOptions& options = {});

/// {text, theirs, conflicts, notes}
[[nodiscard]] json::Value toJson(const FlowMerge& merge);

struct ConflictMarkers {
  std::string_view ours = "ours", theirs = "theirs";
  std::size_t size = 7;
};

/// The merged text with both versions where they conflict, between markers as git writes them. Each choice of whole
/// sides gives a canonical document.
[[nodiscard]] std::string withMarkers(const FlowMerge& merge, const ConflictMarkers& markers = {});

}  // namespace weir::flow
