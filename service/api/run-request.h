// What a caller asks of a run besides its flow, as JSON; and how the run ended, as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/make-plan.h"
#include "engine/json/value.h"
#include "engine/runtime/run.h"
#include "service/api/runner.h"

namespace weir::api {

/// Members: parameters {name: value}, mode "async | sync | step", seed, runId, mounts [name], flows {id: document} for
/// subflows, memoryBytes, maxErrors, traceRows, allFields, resume, resumeChanged. All optional; others are somebody
/// else's.
struct RunRequest {
  flow::PlanOptions planning{};
  RunOptions run{};

  /// `hosts`: what nodes may ask of the place. Error `settings.invalid` for what is no such object.
  [[nodiscard]] static Result<RunRequest> of(const json::Value& root, std::vector<std::string> hosts);
};

/// The document gets a node of this type behind the port, unless the named node is one; its id.
[[nodiscard]] std::string addOutlet(flow::FlowDocument& document, const PortName& port, std::string_view type);

/// "done", "failed", "cancelled" …
[[nodiscard]] std::string_view nameOf(Outcome outcome);
/// {outcome, exitCode, error?, node?, elapsedMicros, deadLetters, errorsByCode}
[[nodiscard]] std::string resultJson(const RunResult& result);

}  // namespace weir::api
