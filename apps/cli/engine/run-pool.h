// RunPool: the threads of an engine process, which its runs share by turns.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/host/clock.h"
#include "engine/runtime/workers.h"
#include "service/engines/crash-board.h"

namespace weir::cli {

/// A run with much to do gets a turn of a millisecond at a time, and then the others theirs.
class RunPool {
 public:
  /// `threads` 0: as many as the machine has. On the board, if there is one, stands what each thread does. Both outlive
  /// it.
  RunPool(int threads, Clock& clock, engines::CrashBoard* board = nullptr);
  /// No run is in it any more.
  ~RunPool();
  RunPool(const RunPool&) = delete;
  RunPool& operator=(const RunPool&) = delete;

  /// What the pool knows of a run; guarded by its mutex.
  struct State {
    std::function<void()> finished;
    std::uint64_t number = 0;  // of the run, for the board
    WorkSource* source = nullptr;
    bool queued = false, over = false;
    bool missed = false;          // a thread came while as many as may be were there
    int inside = 0, most = 0;     // threads; 0: any number
    std::int64_t dueMicros = -1;  // -1: no timer
  };
  /// The seat of one run, which is its Workers. Destroyed after the run.
  class Seat final : public Workers {
   public:
    /// `finished` is called once, from a thread of the pool, when no step is left and none is under way.
    Seat(RunPool& pool, std::uint64_t number, std::function<void()> finished) : pool_(pool) {
      state_.finished = std::move(finished);
      state_.number = number;
    }
    [[nodiscard]] int count() const override {
      return state_.most > 0 ? std::min(state_.most, pool_.count()) : pool_.count();
    }
    void notify() override { pool_.ready(state_); }
    /// So many threads at a time work it; 0: any number. Before drive().
    void takeAtMost(int threads) { state_.most = threads; }
    /// The pool works it from now on, beside the others; it does not block.
    void drive(WorkSource& source) override { pool_.add(state_, source); }

   private:
    RunPool& pool_;
    State state_;
  };

  [[nodiscard]] int count() const { return static_cast<int>(threads_.size()); }
  /// How long the longest step has lasted that is under way.
  [[nodiscard]] std::int64_t longestStepMs() const;

 private:
  struct Slot {
    std::atomic<std::int64_t> sinceNanos{0};  // 0: in no step
    engines::CrashBoard::Thread* told = nullptr;
  };
  void add(State& seat, WorkSource& source);
  void ready(State& seat);
  /// True: somebody sleeps who is to be woken.
  [[nodiscard]] bool enqueue(State& seat);
  void loop(std::size_t slot);
  /// Steps of one run for a while; unlocked meanwhile.
  void turn(State& seat, Slot& slot, std::unique_lock<std::mutex>& locked);
  void wait(std::unique_lock<std::mutex>& locked);

  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<State*> queue_;
  std::vector<State*> timed_;  // those with a timer
  int sleeping_ = 0;
  std::int64_t lookedMicros_ = 0;  // the clock when somebody slept last
  bool ending_ = false;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::thread> threads_;
};

}  // namespace weir::cli
