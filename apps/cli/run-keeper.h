// What goes on beside a run of `weir`: events to a file and to the screen, dead letters to the disk.
#pragma once

#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "apps/cli/dead-letter-files.h"
#include "apps/cli/flow-versions.h"
#include "apps/cli/screen.h"
#include "apps/cli/trace-export.h"
#include "engine/runtime/run.h"
#include "hosts/native/network/network-meter.h"

namespace weir::cli {

/// `{"number": …, "at": …, "severity": …, "kind": …, "subject": …, "message": …}` and a line end.
[[nodiscard]] std::string eventLine(const RunEvent& event);

/// Events of a run as NDJSON, written as they come.
class EventFile {
 public:
  /// Nothing for an empty path. Error `files.io`.
  [[nodiscard]] static Result<EventFile> open(const std::string& path);
  void write(const RunEvent& event);
  /// What was written is there for others to read. Error `files.io`, once.
  Result<void> flush();

 private:
  struct Closing {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Closing> file_;
  std::string path_;
  bool failed_ = false;
};

/// Works in a thread of its own, ten times a second, until stopped.
class RunKeeper {
 public:
  RunKeeper(Run& run, DeadLetterFiles& letters, EventFile& events, Screen& screen, bool quiet,
            TraceExport* traces = nullptr, FlowWatch* watch = nullptr,
            std::shared_ptr<native::NetworkMeter> meter = nullptr);
  ~RunKeeper() { stop(); }
  RunKeeper(const RunKeeper&) = delete;
  RunKeeper& operator=(const RunKeeper&) = delete;
  /// After the run: writes what is left.
  void stop();
  /// After stop(): why the run was cancelled, if it had sent more than it may.
  [[nodiscard]] const std::optional<Error>& overEgress() const { return overEgress_; }

 private:
  void loop();
  void keep();

  Run& run_;
  DeadLetterFiles& letters_;
  EventFile& events_;
  Screen& screen_;
  bool quiet_;
  TraceExport* traces_;
  FlowWatch* watch_;                             // null: the flow's file is not watched
  std::shared_ptr<native::NetworkMeter> meter_;  // null: nothing is counted
  std::optional<Error> overEgress_;
  std::uint64_t seen_ = 0;
  std::int64_t second_ = 0, shown_ = 0, unshown_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace weir::cli
