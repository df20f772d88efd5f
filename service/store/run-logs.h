// RunLogs: the log lines of runs, kept in the store so that they outlive the server's process.
#pragma once

#include <cstdint>
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
};

/// Errors: trouble as in Store.
class RunLogs {
 public:
  virtual ~RunLogs() = default;
  virtual Operation<Unit> add(std::vector<RunLogLine> lines, Waker waker) = 0;
  /// The newest `most` lines of a run, oldest first; only those of epochs before `epoch`, unless that is 0.
  virtual Operation<std::vector<std::string>> list(std::string run, std::int64_t epoch, std::int64_t most,
                                                   Waker waker) = 0;
};

}  // namespace weir::store
