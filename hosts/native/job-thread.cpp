// A queue and the thread that empties it.
#include "hosts/native/job-thread.h"

#include <utility>

namespace weir::native {

JobThread::~JobThread() {
  {
    const std::lock_guard locked(mutex_);
    ending_ = true;
  }
  given_.notify_one();
  thread_.join();
}

void JobThread::give(std::function<void()> job) {
  {
    const std::lock_guard locked(mutex_);
    jobs_.push_back(std::move(job));
  }
  given_.notify_one();
}

void JobThread::loop() {
  std::unique_lock locked(mutex_);
  for (;;) {
    given_.wait(locked, [this] { return ending_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    locked.unlock();
    job();
    job = nullptr;
    locked.lock();
  }
}

}  // namespace weir::native
