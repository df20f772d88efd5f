// RunRequest: what the page asks for with a flow document, as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/make-plan.h"
#include "engine/runtime/run.h"

namespace weir::wasm {

/// A port whose rows go to the page.
struct OutletRequest {
  std::string node, port;
};

/// Members: parameters {name: value}, mode "async | sync | step", seed, runId, outlets [{node, port}], mounts [name],
/// flows {id: document} for subflows, memoryBytes, maxErrors, traceRows, allFields, resume, checkpoints (true, or {key,
/// everyMs}). All optional.
struct RunRequest {
  flow::PlanOptions planning{};
  RunOptions run{};
  std::vector<OutletRequest> outlets{};
  bool checkpoints = false;
  /// The part of the page's storage that keeps them; empty: the flow's.
  std::string checkpointKey{};
  /// How often, where the document does not say; however many rows there are.
  std::optional<std::int64_t> checkpointEveryMs{};

  /// Error `settings.invalid` for what is no such object.
  [[nodiscard]] static Result<RunRequest> parse(std::string_view json);
};

/// Rows of the edge's source port also go to a node `page/outlet` of the returned id. A node that is a `page/outlet` in
/// the document is its own outlet.
[[nodiscard]] std::string addOutlet(flow::FlowDocument& document, const OutletRequest& outlet);

}  // namespace weir::wasm
