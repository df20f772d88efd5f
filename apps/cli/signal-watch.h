// Signals while a run goes on: they let it finish what is under way, or end it at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "apps/cli/screen.h"
#include "engine/runtime/run.h"

namespace weir::cli {

enum class FirstSignal : std::uint8_t {
  drains,       // sources end, what is under way is finished; the second one ends the run at once
  checkpoints,  // a checkpoint is taken, behind which a resumed run goes on; the second one ends the run at once
  cancels
};

/// Watches SIGINT, SIGTERM and SIGHUP as long as it lives; one at a time. A hang-up that is ignored (nohup) stays so.
class SignalWatch {
 public:
  SignalWatch(Run& run, Screen& screen, FirstSignal first = FirstSignal::drains);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// The last signal, or 0.
  [[nodiscard]] static int seen();
  /// How the program ends: 128 and the signal that stopped the run; but a run that failed on its way to a stop has
  /// failed.
  [[nodiscard]] static int exitCodeOf(const RunResult& result);

 private:
  void watch();

  Run& run_;
  Screen& screen_;
  FirstSignal first_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace weir::cli
