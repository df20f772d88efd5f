// WorkPool: a few threads for long work that has no order, with a bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace weir::native {

/// Its threads begin with the first work and let all others of the process go first. The destructor drops what has not
/// begun, and waits for what has.
class WorkPool {
 public:
  WorkPool(std::size_t threads, std::size_t mostWaiting) : most_(threads), mostWaiting_(mostWaiting) {}
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// From any thread. False: so much waits already that it is not taken.
  [[nodiscard]] bool give(std::function<void()> work);

 private:
  void loop();

  const std::size_t most_, mostWaiting_;
  std::mutex mutex_;
  std::condition_variable given_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weir::native
