// How much of a server executions may take.
#pragma once

#include "apps/cli/serve/config.h"
#include "service/api/execution.h"

namespace weir::cli {

/// As the settings say; of `kept` executions the events can be read, with those that go on.
[[nodiscard]] inline api::ExecutionLimits executionLimitsOf(const Config& config, std::int64_t kept) {
  api::ExecutionLimits limits;
  limits.running = config.number("executions");
  limits.ofOne = config.number("executions-of-one");
  limits.memoryBytes = config.number("execution-memory");
  limits.kept = kept;
  return limits;
}

}  // namespace weir::cli
