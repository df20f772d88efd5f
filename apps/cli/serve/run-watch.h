// RunWatch: what runs do, told to the metrics, the log, the alerts, a collector and the store.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/host/clock.h"
#include "service/alerts/alert-book.h"
#include "service/engines/run-observer.h"
#include "service/logs/server-log.h"
#include "service/metrics/flow-metrics.h"
#include "service/store/run-logs.h"
#include "service/telemetry/otlp-push.h"

namespace weir::cli {

class FolderDisk;

/// All outlive it; `telemetry` is null where there is no collector.
struct WatchedBy {
  metrics::FlowMetrics& flows;
  logs::ServerLog& log;
  alerts::AlertBook& alerts;
  Clock& clock;
  Random& random;
  telemetry::OtlpPush* telemetry = nullptr;
  store::RunLogs* logs = nullptr;
  FolderDisk* sent = nullptr;  // counts what runs send
};

/// One thread. Lines of runs wait a second for the store; where too many come the oldest are left out and counted.
class RunWatch final : public engines::RunObserver {
 public:
  explicit RunWatch(const WatchedBy& by) : by_(by) {}
  void began(const store::RunRecord& run, std::string_view engineFolder) override;
  void logged(const store::RunRecord& run, std::int64_t seq, std::string_view json) override;
  void event(const store::RunRecord& run, std::string_view json) override;
  void metrics(const store::RunRecord& run, std::string_view json) override;
  void lost(const store::RunRecord& run, std::string_view why) override;
  void engineLost(std::string_view engineFolder) override;
  void ended(const store::RunRecord& run) override;

  /// Again and again; gives the milliseconds until it wants to be called again.
  int work();
  /// The server ends: what waits is kept, within a second or two.
  void finish();

 private:
  struct Going {
    std::string trace, span, parent{};        // the parent is of who asked for it, and may be empty
    std::int64_t beganMicros = 0, began = 0;  // wall clock; steady nanoseconds
    std::set<std::string> alerts{};           // of its flow, raised
  };
  void say(LogLevel level, std::string message, const store::RunRecord& run, std::vector<logs::LogField> more = {});
  void flush();
  [[nodiscard]] std::string digits(int count);

  WatchedBy by_;
  std::map<std::string, Going> going_;  // by run
  std::vector<store::RunLogLine> lines_;
  std::size_t lineBytes_ = 0;
  std::int64_t flushedNanos_ = 0;
  Operation<Unit> keeping_{};
};

}  // namespace weir::cli
