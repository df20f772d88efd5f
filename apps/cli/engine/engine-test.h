// EngineTest: a test of a flow in an engine process, on a thread and a clock of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "apps/cli/test-run.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/thread-workers.h"

namespace weir::cli {

/// The run's clock stands still but for jumps to timers, so that it is no clock for others. It outlives its run, and is
/// stopped before that ends.
class EngineTest {
 public:
  EngineTest(const flow::FlowTest& test, std::int64_t clockMicros)
      : test_(test), clock_(clockMicros), workers_(1, clock_) {}
  ~EngineTest() = default;
  EngineTest(const EngineTest&) = delete;
  EngineTest& operator=(const EngineTest&) = delete;

  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] Workers& workers() { return workers_; }
  [[nodiscard]] MemoryRows& rows() { return rows_; }
  /// Sources and sinks of the plan are replaced. Error `test.unknown_node`.
  Result<void> prepare(Plan& plan, RunOptions& options);
  /// `over` is called from its thread when the run has ended.
  void begin(Run& run, std::function<void()> over);
  /// Cancels what is under way, and waits for its end.
  void stop();
  /// Several times a second: what takes too long is cancelled; a step that does not even end then ends the process.
  void look(std::int64_t steadyNanos);
  /// After `over`.
  [[nodiscard]] RunResult take();
  /// The result as JSON with {"test": {passed, why?}} in it.
  [[nodiscard]] std::string told(const std::string& result, const RunResult& of);

 private:
  flow::FlowTest test_;
  native::FrozenClock clock_;
  native::ThreadWorkers workers_;
  MemoryRows rows_;
  TestRowsGot got_{std::size_t{16} << 20};
  Run* run_ = nullptr;
  std::int64_t beganNanos_ = 0;
  bool late_ = false;
  std::optional<RunResult> result_;
  std::thread thread_;
};

}  // namespace weir::cli
