// RunObserver: who is told what runs do, for metrics, logs, alerts and exports.
#pragma once

#include <cstdint>
#include <string_view>

#include "service/store/runs.h"

namespace weir::engines {

/// On the supervisor's thread, quick.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// It begins in an engine; for the first time, or once more (record.restarts). `engineFolder`: the folder that the
  /// process works for, of the run alone or of all that share it.
  virtual void began(const store::RunRecord& run, std::string_view engineFolder) = 0;
  /// `json` is what the engine says: {at, level, node, message}; live::describe of an event and of the metrics. `seq`
  /// counts the lines of the run's epoch, from 1.
  virtual void logged(const store::RunRecord& run, std::int64_t seq, std::string_view json) = 0;
  virtual void event(const store::RunRecord& run, std::string_view json) = 0;
  virtual void metrics(const store::RunRecord& run, std::string_view json) = 0;
  /// Its process has ended under it; it may go on.
  virtual void lost(const store::RunRecord& run, std::string_view why) = 0;
  /// An engine that works for the folder has come to an unwanted end; once, however many runs it had.
  virtual void engineLost(std::string_view engineFolder) = 0;
  virtual void ended(const store::RunRecord& run) = 0;
};

}  // namespace weir::engines
