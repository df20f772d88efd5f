// JobThread: a thread for calls that block, so that the engine's workers never do.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace weir::native {

/// Runs jobs one after the other. The destructor lets those that were given finish.
class JobThread {
 public:
  JobThread() : thread_([this] { loop(); }) {}
  ~JobThread();
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

  void give(std::function<void()> job);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable given_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::thread thread_;  // the last member: it begins when the others are there
};

}  // namespace weir::native
