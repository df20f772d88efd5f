// What a replay of dead letters runs: the part of a flow that comes after where its rows failed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/flow/plan.h"
#include "engine/runtime/dead-letter.h"

namespace weir::cli {

/// Where a row failed: the id of a node or edge, and the node's input.
using LetterPlace = std::pair<std::string, std::uint8_t>;

/// A host interface by which sources of a replay reach their rows; keyed by the source's node id. Thread-safe.
class LetterFeeds {
 public:
  static constexpr std::string_view kName = "letter-feeds";
  virtual ~LetterFeeds() = default;
  /// The next rows of that source; called by one source at a time. Nothing after the last ones.
  [[nodiscard]] virtual Result<std::optional<std::vector<DeadLetter>>> next(std::string_view feeder) = 0;
};

struct ReplayPlan {
  Plan plan;
  std::map<std::string, LetterPlace> feeders;  // by node id: whose rows it gives
  std::map<LetterPlace, std::string> left;     // places that no row can be fed to, and why
  std::vector<std::string> notes;              // what the person should know
};

/// Keeps the nodes that rows of `places` reach, and what their blocking inputs (the other side of a join) need; a row
/// that failed on an edge goes through that edge's expressions again. Writers that would replace their file append to
/// it, or, where they cannot and `overwrite` is not said, it is an error: `dead_letters.would_overwrite`.
[[nodiscard]] Result<ReplayPlan> replayPlan(Plan plan, const std::vector<LetterPlace>& places, bool overwrite);

}  // namespace weir::cli
