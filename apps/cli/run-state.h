// What of a flow outlives `weir run`: its state in a file or a Redis, and the journal of its durable edges.
#pragma once

#include <memory>
#include <string>

#include "apps/cli/flow-journal.h"
#include "apps/cli/place.h"
#include "engine/flow/plan.h"
#include "engine/host/state-store.h"
#include "engine/runtime/run.h"

namespace weir::cli {

struct StateArguments {
  std::string where;  // --state: a folder, or redis://… and rediss://…; empty: WEIR_STATE, or what the flow says
  bool resume = false, resumeChanged = false, anew = false;
  std::string flowFolder;
  bool checkpointsTimed = false;  // the flow says how often there are any
};

struct Kept {
  std::unique_ptr<StateStore> state;     // null: the run needs none
  std::unique_ptr<FlowJournal> journal;  // null: no edge is durable
};

/// Somebody is answered when a checkpoint has passed: there must be some.
[[nodiscard]] bool answersWhenDone(const PlannedNode& node);

/// What outlives the run, put into its options. The place outlives it. Errors: `settings.invalid`, `host.missing`,
/// `state.busy`, `journal.busy` and those of the stores.
[[nodiscard]] Result<Kept> keepState(const StateArguments& arguments, Plan& plan, Place& place, RunOptions& options);

}  // namespace weir::cli
