// The loop of a store's thread.
#include "service/store/sql/store-thread.h"

#include <utility>

namespace weir::store::sql {

StoreThread::~StoreThread() {
  {
    const std::scoped_lock locked(mutex_);
    ending_ = true;
  }
  given_.notify_one();
  thread_.join();
}

void StoreThread::give(std::unique_ptr<StoreJob> job) {
  {
    const std::scoped_lock locked(mutex_);
    waiting_.push_back(std::move(job));
  }
  given_.notify_one();
}

void StoreThread::loop() {
  Batch batch;
  for (;;) {
    {
      std::unique_lock locked(mutex_);
      given_.wait(locked, [this] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      batch.swap(waiting_);
    }
    run_(batch);
    batch.clear();
  }
}

}  // namespace weir::store::sql
