// The handlers count; a thread does what may not be done in a handler.
#include "apps/cli/signal-watch.h"

#include <array>
#include <chrono>
#include <csignal>

namespace weir::cli {
namespace {

constexpr std::array<int, 3> kSignals{SIGINT, SIGTERM, SIGHUP};

std::atomic<int> signalsSeen{0};
std::atomic<int> lastSignal{0};

extern "C" void onSignal(int number) {
  lastSignal.store(number);
  signalsSeen.fetch_add(1);
}

}  // namespace

SignalWatch::SignalWatch(Run& run, Screen& screen, FirstSignal first) : run_(run), screen_(screen), first_(first) {
  signalsSeen.store(0);
  lastSignal.store(0);
  for (const int number : kSignals) {
    if (std::signal(number, onSignal) == SIG_IGN && number == SIGHUP) std::signal(number, SIG_IGN);
  }
  // A reader of our progress that goes away does not end the run.
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { watch(); });
}

SignalWatch::~SignalWatch() {
  over_.store(true);
  thread_.join();
  for (const int number : kSignals) {
    if (std::signal(number, SIG_DFL) == SIG_IGN) std::signal(number, SIG_IGN);
  }
}

int SignalWatch::seen() { return lastSignal.load(); }

int SignalWatch::exitCodeOf(const RunResult& result) {
  const bool stopped = result.outcome == Outcome::done || result.outcome == Outcome::cancelled;
  return seen() > 0 && stopped ? 128 + seen() : result.exitCode();
}

void SignalWatch::watch() {
  int handled = 0;
  while (!over_.load()) {
    const int seen = signalsSeen.load();
    const bool cancels = first_ == FirstSignal::cancels;
    if (seen > 0 && handled == 0 && first_ == FirstSignal::drains) {
      screen_.lines("stopping: sources end, what is under way is finished; once more stops at once\n");
      run_.drain();
    }
    if (seen > 0 && handled == 0 && first_ == FirstSignal::checkpoints) {
      screen_.lines("stopping at a checkpoint, behind which --resume goes on; once more stops at once\n");
      run_.stopAtCheckpoint();
    }
    const int needed = cancels ? 1 : 2;
    if (seen >= needed && handled < needed) run_.cancel();
    handled = seen;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace weir::cli
