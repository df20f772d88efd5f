// A queue and the threads that empty it.
#include "hosts/native/work-pool.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace weir::native {
namespace {

constexpr int kNice = 10;

}  // namespace

WorkPool::~WorkPool() {
  Queue dropped;
  {
    const std::lock_guard locked(mutex_);
    ending_ = true;
    dropped.swap(waiting_);
  }
  dropped.clear();
  given_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool WorkPool::give(std::function<void()> work, bool takesMuch) {
  {
    const std::lock_guard locked(mutex_);
    if (ending_ || waiting_.size() >= mostWaiting_) return false;
    waiting_.push_back({std::move(work), takesMuch});
    if (idle_ < waiting_.size() && threads_.size() < most_) threads_.emplace_back([this] { loop(); });
  }
  given_.notify_one();
  return true;
}

WorkPool::Queue::iterator WorkPool::next() {
  return std::ranges::find_if(waiting_, [this](const Work& work) { return !work.takesMuch || !muchIsTaken_; });
}

void WorkPool::loop() {
  // On Linux that of this thread alone; without it the work is done all the same.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice));
  std::unique_lock locked(mutex_);
  for (;;) {
    ++idle_;
    given_.wait(locked, [this] { return ending_ || next() != waiting_.end(); });
    --idle_;
    if (waiting_.empty()) return;
    const auto at = next();
    auto work = std::move(*at);
    waiting_.erase(at);
    if (work.takesMuch) muchIsTaken_ = true;
    locked.unlock();
    work.function();
    work.function = nullptr;
    if (work.takesMuch) ::malloc_trim(0);
    locked.lock();
    if (!work.takesMuch) continue;
    muchIsTaken_ = false;
    given_.notify_one();
  }
}

}  // namespace weir::native
