// PasswordWorker: hashes and checks passwords on threads of its own, few at a time, because each takes 19 MiB and tens
// of milliseconds.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/operation.h"

namespace weir::auth {

class PasswordWorker {
 public:
  PasswordWorker() = default;
  /// Work that has not begun is dropped.
  ~PasswordWorker();
  PasswordWorker(const PasswordWorker&) = delete;
  PasswordWorker& operator=(const PasswordWorker&) = delete;

  /// Errors: `auth.busy` when too many wait, `memory.limit`.
  [[nodiscard]] Operation<std::string> hash(std::string password, Waker waker);
  /// An empty hash takes as long as any, and nothing fits it: so that nobody learns which names there are.
  [[nodiscard]] Operation<bool> fits(std::string password, std::string hash, Waker waker);

  static constexpr std::size_t kThreads = 2, kMostWaiting = 32;

 private:
  template <class T>
  Operation<T> give(std::function<Result<T>()> work, Waker waker);
  void loop();

  std::mutex mutex_;
  std::condition_variable given_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  std::size_t idle_ = 0;
  std::vector<std::thread> threads_;  // begun when there is work
};

}  // namespace weir::auth
