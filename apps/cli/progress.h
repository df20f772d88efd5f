// What a person sees while a flow runs: a live table on a terminal, plain lines in a pipe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "apps/cli/screen.h"
#include "engine/runtime/run.h"

namespace weir::cli {

struct ProgressOptions {
  bool terminal = false;  // redraw in place
  bool quiet = false;
  int everyMs = 200;  // in a pipe: five seconds
};

/// Draws in a thread of its own until stopped; the last drawing shows the end.
class Progress {
 public:
  Progress(const Run& run, ProgressOptions options, Screen& screen);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// `outcome` begins the last line, such as "done in".
  void stop(std::string_view outcome = "stopped after");

 private:
  void loop();
  /// `outcome` is empty while the run goes on.
  void draw(const RunMetrics& now, std::string_view outcome);

  const Run& run_;
  ProgressOptions options_;
  Screen& screen_;
  std::atomic<bool> stopping_{false};
  RunMetrics before_;
  std::thread thread_;
};

/// Whether standard error is a terminal that knows how to clear a line.
[[nodiscard]] bool drawsInPlace();
/// `1.2 M/s`.
[[nodiscard]] std::string rowRateText(double rowsPerSecond);
/// Spaces around it, or its beginning and `~`.
[[nodiscard]] std::string padded(std::string text, std::size_t width, bool right);
/// Eight cells, so many of them full.
[[nodiscard]] std::string bar(double share);
/// `12,345,678`.
[[nodiscard]] std::string grouped(std::int64_t number);
/// `1.06 GB`.
[[nodiscard]] std::string bytesText(std::int64_t bytes);
/// `0.71 s`, `3 min 20 s`.
[[nodiscard]] std::string timeText(std::int64_t micros);
/// The table of nodes: rows in and out, rate, queue, errors; on a narrow terminal the most of rows in and out, rate,
/// queue.
[[nodiscard]] std::string nodeTable(const RunMetrics& now, const RunMetrics* before, int width);

}  // namespace weir::cli
