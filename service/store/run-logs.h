// RunLogs: the log lines of runs, kept in the store so that they outlive the server's process.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/operation.h"

namespace weir::store {

struct RunLogLine {
  std::string run;
  std::int64_t epoch = 0;  // of the run's lease
  std::int64_t at = 0;     // when it was kept, milliseconds since 1970
  std::string json;        // {at, level, node, message}
  std::int64_t seq = 0;    // which of those of its epoch, from 1
};

/// Where a line stands among those of its run. Lines that were kept before they were counted have seq 0, and the number
/// of their row in its place.
struct RunLogPlace {
  std::int64_t epoch = 0, seq = 0, row = 0;
  auto operator<=>(const RunLogPlace&) const = default;
};

struct KeptRunLog {
  RunLogPlace place;
  std::string json;
};

struct RunLogQuery {
  std::string run;
  std::optional<RunLogPlace> before{};  // only those that stand before it
  std::int64_t from = 0, until = 0;     // kept then or later, and before then; 0: no bound
  std::int64_t limit = 1'000;
};

/// Errors: trouble as in Store.
class RunLogs {
 public:
  virtual ~RunLogs() = default;
  virtual Operation<Unit> add(std::vector<RunLogLine> lines, Waker waker) = 0;
  /// The newest first.
  virtual Operation<std::vector<KeptRunLog>> list(RunLogQuery query, Waker waker) = 0;
};

}  // namespace weir::store
