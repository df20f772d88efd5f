// LeaseWatch: an engine process ends when nobody says any more that its runs are still its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/host/clock.h"

namespace weir::cli {

/// Of a server that is not alone with its database others take over what it has not renewed; its engines must have
/// ended by then, also if it is stopped itself and says nothing.
class LeaseWatch {
 public:
  /// `ended` is called from a thread of its own, once.
  LeaseWatch(Clock& clock, std::function<void()> ended) : clock_(clock), ended_(std::move(ended)) {}
  ~LeaseWatch();
  LeaseWatch(const LeaseWatch&) = delete;
  LeaseWatch& operator=(const LeaseWatch&) = delete;
  /// By the steady clock; 0: for good.
  void until(std::int64_t steadyMs);

 private:
  void watch();

  Clock& clock_;
  std::function<void()> ended_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t untilMs_ = 0;
  bool over_ = false;
  std::thread thread_;  // from the first lease on
};

}  // namespace weir::cli
