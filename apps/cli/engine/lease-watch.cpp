// A thread that waits for the end of the lease.
#include "apps/cli/engine/lease-watch.h"

#include <algorithm>
#include <chrono>

namespace weir::cli {

LeaseWatch::~LeaseWatch() {
  {
    const std::lock_guard locked(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LeaseWatch::until(std::int64_t steadyMs) {
  {
    const std::lock_guard locked(mutex_);
    untilMs_ = steadyMs;
  }
  if (!thread_.joinable()) {
    if (steadyMs != 0) thread_ = std::thread([this] { watch(); });
    return;
  }
  changed_.notify_all();
}

void LeaseWatch::watch() {
  std::unique_lock locked(mutex_);
  while (!over_) {
    if (untilMs_ == 0) {
      changed_.wait(locked);
      continue;
    }
    const auto left = untilMs_ - clock_.steadyNanos() / 1'000'000;
    if (left <= 0) return ended_();
    changed_.wait_for(locked, std::chrono::milliseconds(left));
  }
}

}  // namespace weir::cli
