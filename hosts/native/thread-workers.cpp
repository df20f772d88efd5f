// Threads that run steps, and sleep when there are none.
#include "hosts/native/thread-workers.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "hosts/native/processors.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace weir::native {
namespace {

/// While it lives, the sleeps of its thread end when they should; Linux lets them last 50 microseconds longer
/// otherwise, which a row would wait for at every timer.
class SharpTimers {
 public:
#ifdef __linux__
  SharpTimers() : before_(::prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL)) { set(kNanos); }
  ~SharpTimers() {
    if (before_ > 0) set(before_);
  }

 private:
  static constexpr int kNanos = 1000;
  static void set(int nanos) { ::prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(nanos), 0UL, 0UL, 0UL); }
  int before_;
#else
  SharpTimers() = default;
  ~SharpTimers() = default;
#endif

 public:
  SharpTimers(const SharpTimers&) = delete;
  SharpTimers& operator=(const SharpTimers&) = delete;
};

}  // namespace

ThreadWorkers::ThreadWorkers(int threads, Clock& clock) : count_(threads > 0 ? threads : processors()), clock_(clock) {}

void ThreadWorkers::notify() {
  signals_.fetch_add(1, std::memory_order_seq_cst);
  if (sleeping_.load(std::memory_order_seq_cst) == 0) return;
  const std::lock_guard locked(mutex_);
  woken_.notify_one();
}

void ThreadWorkers::loop(WorkSource& source, int worker) {
  const SharpTimers sharp;
  for (;;) {
    const auto seen = signals_.load(std::memory_order_seq_cst);
    const auto idle = source.runReady(worker);
    if (idle.finished) {
      const std::lock_guard locked(mutex_);
      woken_.notify_all();
      return;
    }
    // With all others asleep nothing happens before the next timer.
    const bool alone = sleeping_.load(std::memory_order_seq_cst) == count_ - 1;
    if (idle.wakeAtMicros && alone && clock_.jumpTo(*idle.wakeAtMicros)) continue;
    std::unique_lock locked(mutex_);
    sleeping_.fetch_add(1, std::memory_order_seq_cst);
    const auto changed = [&] { return signals_.load(std::memory_order_seq_cst) != seen; };
    if (idle.wakeAtMicros) {
      // Clocks are set: after a second at most it is looked at again.
      const auto wait = std::clamp<std::int64_t>(*idle.wakeAtMicros - clock_.nowMicros(), 0, 1'000'000);
      woken_.wait_for(locked, std::chrono::microseconds(wait), changed);
    } else {
      woken_.wait(locked, changed);
    }
    sleeping_.fetch_sub(1, std::memory_order_seq_cst);
  }
}

void ThreadWorkers::drive(WorkSource& source) {
  std::vector<std::jthread> others;
  for (int worker = 1; worker < count_; ++worker) {
    others.emplace_back([this, &source, worker] { loop(source, worker); });
  }
  loop(source, 0);
  signals_.fetch_add(1);
  {
    const std::lock_guard locked(mutex_);
    woken_.notify_all();
  }
}

}  // namespace weir::native
