// How much of a server executions, and callers, may take.
#pragma once

#include "apps/cli/serve/config.h"
#include "service/api/execution.h"
#include "service/auth/caller-rates.h"

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

/// How much one caller may send.
[[nodiscard]] inline auth::CallerLimits callerLimitsOf(const Config& config) {
  return {.readsPerSecond = config.number("reads-per-second"),
          .changesPerSecond = config.number("changes-per-second"),
          .signInsPerSecond = config.number("sign-ins-per-second")};
}

}  // namespace weir::cli
