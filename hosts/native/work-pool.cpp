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

bool WorkPool::give(std::function<void()> work, bool takesMuch, std::string caller) {
  {
    const std::lock_guard locked(mutex_);
    if (ending_ || !mayWait(caller)) return false;
    waiting_.push_back({std::move(work), takesMuch, std::move(caller)});
    if (idle_ < waiting_.size() && threads_.size() < most_) threads_.emplace_back([this] { loop(); });
  }
  given_.notify_one();
  return true;
}

bool WorkPool::mayWait(const std::string& caller) const {
  if (waiting_.size() >= mostWaiting_) return false;
  const auto own = std::ranges::count(waiting_, caller, &Work::caller);
  return caller.empty() || static_cast<std::size_t>(own) < std::max(mostWaiting_ / 2, std::size_t{1});
}

bool WorkPool::mayBegin(const Work& work) const {
  if (work.takesMuch && muchIsTaken_) return false;
  const auto own = taken_.find(work.caller);
  return work.caller.empty() || own == taken_.end() || own->second < std::max(most_ / 2, std::size_t{1});
}

WorkPool::Queue::iterator WorkPool::next() {
  return std::ranges::find_if(waiting_, [this](const Work& work) { return mayBegin(work); });
}

void WorkPool::begin(const Work& work) {
  if (work.takesMuch) muchIsTaken_ = true;
  if (!work.caller.empty()) ++taken_[work.caller];
}

void WorkPool::end(const Work& work) {
  if (work.takesMuch) muchIsTaken_ = false;
  const auto own = taken_.find(work.caller);
  if (own != taken_.end() && --own->second == 0) taken_.erase(own);
  // What waits of the caller, or of what takes much, may begin now.
  if (work.takesMuch || !work.caller.empty()) given_.notify_one();
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
    begin(work);
    locked.unlock();
    work.function();
    work.function = nullptr;
    if (work.takesMuch) ::malloc_trim(0);
    locked.lock();
    end(work);
  }
}

}  // namespace weir::native
