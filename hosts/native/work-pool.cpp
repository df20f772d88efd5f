// A queue and the threads that empty it.
#include "hosts/native/work-pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace weir::native {
namespace {

constexpr int kNice = 10;

}  // namespace

WorkPool::~WorkPool() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard locked(mutex_);
    ending_ = true;
    dropped.swap(waiting_);
  }
  dropped.clear();
  given_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool WorkPool::give(std::function<void()> work) {
  {
    const std::lock_guard locked(mutex_);
    if (ending_ || waiting_.size() >= mostWaiting_) return false;
    waiting_.push_back(std::move(work));
    if (idle_ < waiting_.size() && threads_.size() < most_) threads_.emplace_back([this] { loop(); });
  }
  given_.notify_one();
  return true;
}

void WorkPool::loop() {
  // On Linux that of this thread alone; without it the work is done all the same.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice));
  std::unique_lock locked(mutex_);
  for (;;) {
    ++idle_;
    given_.wait(locked, [this] { return ending_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    locked.unlock();
    work();
    work = nullptr;
    locked.lock();
  }
}

}  // namespace weir::native
