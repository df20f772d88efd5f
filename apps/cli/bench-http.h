// A scenario of load against an HTTP server: so many connections that stay open, messages as POST requests.
#pragma once

#include <string>
#include <vector>

#include "apps/cli/bench-load.h"

namespace weir::cli {

struct BenchTarget {
  std::string url;                   // http:// only
  std::vector<std::string> headers;  // NAME=VALUE
};

/// Each message is a JSON object with id, value and, if the scenario says so, a payload. A connection sends one request
/// at a time; a message that is due meanwhile waits, and that counts. Answers of 200 to 299 are arrivals, 429 and 503
/// are backpressure events and errors, all others are errors. The scenario's consumer and edge are the server's
/// business. Errors: `url.invalid`, `settings.invalid`, those of connectChecked.
[[nodiscard]] Result<BenchResult> runAgainst(const BenchTarget& target, const flow::BenchScenario& scenario);

}  // namespace weir::cli
