// WorkPool: a few threads for long work that has no order, with a bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
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

  /// From any thread. False: so much waits already that it is not taken. Of the work that takes much memory one is done
  /// at a time, while other work goes by what waits of it; what it has freed is given back to the system. A caller with
  /// a name has half of the threads and half of the places to wait in, so that nobody holds up everybody.
  [[nodiscard]] bool give(std::function<void()> work, bool takesMuch = false, std::string caller = {});

 private:
  struct Work {
    std::function<void()> function;
    bool takesMuch = false;
    std::string caller{};
  };
  using Queue = std::deque<Work>;
  void loop();
  /// The first that may begin now.
  [[nodiscard]] Queue::iterator next();
  [[nodiscard]] bool mayBegin(const Work& work) const;
  [[nodiscard]] bool mayWait(const std::string& caller) const;
  void begin(const Work& work);
  void end(const Work& work);

  const std::size_t most_, mostWaiting_;
  std::mutex mutex_;
  std::condition_variable given_;
  Queue waiting_;
  std::size_t idle_ = 0;
  bool ending_ = false, muchIsTaken_ = false;
  std::map<std::string, std::size_t, std::less<>> taken_;  // under way, by caller
  std::vector<std::thread> threads_;
};

}  // namespace weir::native
