// Turns of runs on a few threads.
#include "apps/cli/engine/run-pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/cli/engine/crash-watch.h"
#include "engine/runtime/unit.h"
#include "hosts/native/processors.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kTurnNanos = 1'000'000;
/// Clocks are set: after so long at most a timer is looked at again.
constexpr std::int64_t kLongestSleepMicros = 1'000'000;

}  // namespace

RunPool::RunPool(int threads, Clock& clock, engines::CrashBoard* board) : clock_(clock) {
  const auto count = threads > 0 ? threads : native::processors();
  for (int i = 0; i < count; ++i) slots_.push_back(std::make_unique<Slot>());
  const auto told = board == nullptr ? 0 : std::min(slots_.size(), engines::CrashBoard::kThreads);
  for (std::size_t i = 0; i < told; ++i) slots_[i]->told = &board->threads[i];
  threads_.reserve(slots_.size());
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    threads_.emplace_back([this, i] { loop(i); });
  }
}

RunPool::~RunPool() {
  {
    const std::lock_guard locked(mutex_);
    ending_ = true;
  }
  woken_.notify_all();
  for (auto& thread : threads_) thread.join();
}

std::int64_t RunPool::longestStepMs() const {
  std::int64_t oldest = 0;
  for (const auto& slot : slots_) {
    const auto since = slot->sinceNanos.load(std::memory_order_relaxed);
    if (since > 0) oldest = oldest == 0 ? since : std::min(oldest, since);
  }
  return oldest == 0 ? 0 : std::max<std::int64_t>(0, clock_.steadyNanos() - oldest) / 1'000'000;
}

void RunPool::add(State& seat, WorkSource& source) {
  std::unique_lock locked(mutex_);
  seat.source = &source;
  const bool wakes = enqueue(seat);
  locked.unlock();
  if (wakes) woken_.notify_one();
}

void RunPool::ready(State& seat) {
  std::unique_lock locked(mutex_);
  const bool wakes = seat.source != nullptr && !seat.over && enqueue(seat);
  locked.unlock();
  if (wakes) woken_.notify_one();
}

bool RunPool::enqueue(State& seat) {
  if (seat.queued) return false;
  seat.queued = true;
  queue_.push_back(&seat);
  return sleeping_ > 0;
}

void RunPool::loop(std::size_t slot) {
  if (slots_[slot]->told != nullptr) watchStack();
  std::unique_lock locked(mutex_);
  while (!ending_) {
    if (queue_.empty()) {
      wait(locked);
      continue;
    }
    auto& seat = *queue_.front();
    queue_.pop_front();
    seat.queued = false;
    if (seat.over) continue;
    if (seat.most > 0 && seat.inside >= seat.most) {
      seat.missed = true;
      continue;
    }
    turn(seat, *slots_[slot], locked);
  }
}

void RunPool::wait(std::unique_lock<std::mutex>& locked) {
  ++sleeping_;
  const auto next = std::ranges::min_element(timed_, {}, [](const State* seat) { return seat->dueMicros; });
  if (next == timed_.end()) {
    woken_.wait(locked);
  } else {
    const auto left = std::clamp<std::int64_t>((*next)->dueMicros - clock_.nowMicros(), 0, kLongestSleepMicros);
    woken_.wait_for(locked, std::chrono::microseconds(left));
  }
  --sleeping_;
  const auto now = clock_.nowMicros();
  // A run whose clock was put back looks at its timers anew.
  const bool putBack = now < lookedMicros_;
  lookedMicros_ = now;
  std::vector<State*> due;
  std::erase_if(timed_, [&due, now, putBack](State* seat) {
    if (seat->dueMicros > now && !putBack) return false;
    due.push_back(seat);
    return true;
  });
  for (auto* seat : due) {
    seat->dueMicros = -1;
    if (!seat->over && enqueue(*seat)) woken_.notify_one();
  }
}

void RunPool::turn(State& seat, Slot& slot, std::unique_lock<std::mutex>& locked) {
  ++seat.inside;
  auto& source = *seat.source;
  WorkSource::Idle idle;
  const auto began = clock_.steadyNanos();
  auto now = began;
  WorkStep* step = nullptr;
  locked.unlock();
  while ((step = source.begin(idle)) != nullptr) {
    {
      // Where one step is ready another may be: somebody who sleeps has a look.
      std::unique_lock again(mutex_);
      const bool wakes = sleeping_ > 0 && !seat.over && (seat.most == 0 || seat.inside < seat.most) && enqueue(seat);
      again.unlock();
      if (wakes) woken_.notify_one();
    }
    slot.sinceNanos.store(now, std::memory_order_relaxed);
    // All sources are runs, whose steps are jobs of a node.
    if (slot.told != nullptr) {
      const auto& job = static_cast<runtime::Job&>(*step);
      const auto rows = job.rowsAt();
      slot.told->at(rows.origin, rows.partition, rows.sequence, rows.rows);
      slot.told->enter(seat.number, job.unit->node->plan->id);
    }
    step->execute();
    source.end(*step);
    if (slot.told != nullptr) slot.told->leave();
    slot.sinceNanos.store(0, std::memory_order_relaxed);
    now = clock_.steadyNanos();
    if (now - began >= kTurnNanos) break;
  }
  locked.lock();
  --seat.inside;
  const bool missed = std::exchange(seat.missed, false);
  if (step != nullptr || (missed && !idle.finished)) {
    if (!seat.over && enqueue(seat)) woken_.notify_one();
  } else if (idle.finished) {
    seat.over = true;
  } else if (idle.wakeAtMicros && (seat.dueMicros < 0 || *idle.wakeAtMicros < seat.dueMicros)) {
    if (seat.dueMicros < 0) timed_.push_back(&seat);
    seat.dueMicros = *idle.wakeAtMicros;
    // Whoever sleeps for a later timer counts again.
    if (sleeping_ > 0) woken_.notify_one();
  }
  if (!seat.over || seat.inside > 0 || !seat.finished) return;
  std::erase(queue_, &seat);
  std::erase(timed_, &seat);
  const auto finished = std::exchange(seat.finished, nullptr);
  finished();
}

}  // namespace weir::cli
