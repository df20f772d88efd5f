// ServerLog: the log of a server, one line an event, to all targets.
#pragma once

#include <atomic>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/clock.h"
#include "service/logs/log-line.h"
#include "service/metrics/registry.h"

namespace weir::logs {

/// Where lines go. Never waits. Any thread, one at a time.
class LogTarget {
 public:
  virtual ~LogTarget() = default;
  virtual void take(const LogLine& line) = 0;
};

/// Whole lines to a stream such as stderr, each written at once.
class StreamTarget final : public LogTarget {
 public:
  StreamTarget(std::FILE* stream, LogFormat as) : stream_(stream), as_(as) {}
  void take(const LogLine& line) override;

 private:
  std::FILE* stream_;
  LogFormat as_;
};

/// Any thread.
class ServerLog final : public Log {
 public:
  /// Takes secrets out of a text.
  using Redact = std::function<std::string(std::string_view)>;
  ServerLog(Clock& clock, LogLevel least, metrics::Registry& registry, Redact redact = {});

  /// Before the first line; it outlives the log.
  void add(LogTarget& target) { targets_.push_back(&target); }
  [[nodiscard]] bool tells(LogLevel level) const { return level >= least_; }
  /// `line.micros` 0: now.
  void tell(LogLine line);
  /// For what knows only Log: `node` becomes a field.
  void write(LogLevel level, std::string_view node, std::string_view message) override;

 private:
  Clock& clock_;
  LogLevel least_;
  Redact redact_;
  std::vector<LogTarget*> targets_;
  std::mutex one_;
  std::vector<metrics::Counter*> counts_;  // by level
};

}  // namespace weir::logs
