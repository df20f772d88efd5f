// ThreadWorkers: a pool of threads that runs the ready steps of one run.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "engine/host/clock.h"
#include "engine/runtime/workers.h"

namespace weir::native {

/// `drive` uses the calling thread and count-1 more, which end with it.
class ThreadWorkers final : public Workers {
 public:
  /// `threads` 0: as many as the machine has.
  ThreadWorkers(int threads, Clock& clock);
  [[nodiscard]] int count() const override { return count_; }
  void notify() override;
  void drive(WorkSource& source) override;

 private:
  void loop(WorkSource& source, int worker);

  int count_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::atomic<std::uint64_t> signals_{0};  // counts notifies, so that none between a look and a sleep is lost
  std::atomic<int> sleeping_{0};
};

}  // namespace weir::native
