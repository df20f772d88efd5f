// A run with a bound of threads is worked by so many at a time, and loses no turn by it.
#include "apps/cli/engine/run-pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hosts/native/native-clock.h"

namespace {

using namespace weir;

/// So many steps, each of which looks how many are under way.
class Counting final : public WorkSource {
 public:
  explicit Counting(int steps) : steps_(static_cast<std::size_t>(steps)) {
    for (auto& step : steps_) step.owner = this;
  }
  Idle runReady(int) override { return {}; }
  WorkStep* begin(Idle& idle) override {
    const std::scoped_lock locked(mutex_);
    if (next_ < steps_.size()) return &steps_[next_++];
    idle.finished = ended_ == steps_.size();
    return nullptr;
  }
  void end(WorkStep&) override {
    const std::scoped_lock locked(mutex_);
    ++ended_;
  }
  [[nodiscard]] int most() {
    const std::scoped_lock locked(mutex_);
    return most_;
  }

 private:
  struct Step final : WorkStep {
    Counting* owner = nullptr;
    void execute() override {
      owner->count(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      owner->count(-1);
    }
  };
  void count(int by) {
    const std::scoped_lock locked(mutex_);
    most_ = std::max(most_, now_ += by);
  }

  std::mutex mutex_;
  std::vector<Step> steps_;
  std::size_t next_ = 0, ended_ = 0;
  int now_ = 0, most_ = 0;
};

int mostAtOnce(int threads) {
  native::NativeClock clock;
  cli::RunPool pool(4, clock);
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  Counting source(300);
  cli::RunPool::Seat seat(pool, 1, [&] {
    const std::scoped_lock locked(mutex);
    over = true;
    changed.notify_all();
  });
  seat.takeAtMost(threads);
  CHECK(seat.count() == (threads > 0 ? std::min(threads, 4) : 4));
  seat.drive(source);
  std::unique_lock locked(mutex);
  REQUIRE(changed.wait_for(locked, std::chrono::minutes(2), [&] { return over; }));
  return source.most();
}

/// A hundred steps that are always ready, until it is told to end.
class Busy final : public WorkSource {
 public:
  Busy() {
    for (int i = 0; i < 100; ++i) free_.push_back(&steps_.emplace_back());
  }
  Idle runReady(int) override { return {}; }
  WorkStep* begin(Idle& idle) override {
    const std::scoped_lock locked(mutex_);
    if (!ending_ && !free_.empty()) {
      auto* step = free_.front();
      free_.pop_front();
      return step;
    }
    idle.finished = ending_ && free_.size() == steps_.size();
    return nullptr;
  }
  void end(WorkStep& step) override {
    const std::scoped_lock locked(mutex_);
    free_.push_back(&step);
    ++ended_;
  }
  void finish() {
    const std::scoped_lock locked(mutex_);
    ending_ = true;
  }
  [[nodiscard]] std::int64_t ended() {
    const std::scoped_lock locked(mutex_);
    return ended_;
  }

 private:
  struct Step final : WorkStep {
    void execute() override {
      const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(100);
      while (std::chrono::steady_clock::now() < until) {
      }
    }
  };
  std::mutex mutex_;
  std::deque<Step> steps_;
  std::deque<WorkStep*> free_;
  bool ending_ = false;
  std::int64_t ended_ = 0;
};

TEST_CASE("a hundred busy nodes of one flow do not starve another flow on the same threads") {
  for (const int threads : {1, 2}) {
    native::NativeClock clock;
    cli::RunPool pool(threads, clock);
    std::mutex mutex;
    std::condition_variable changed;
    bool busyOver = false, smallOver = false;
    const auto tell = [&](bool& over) {
      return [&] {
        const std::scoped_lock locked(mutex);
        over = true;
        changed.notify_all();
      };
    };
    Busy busy;
    Counting small(20);
    cli::RunPool::Seat busySeat(pool, 1, tell(busyOver)), smallSeat(pool, 2, tell(smallOver));
    busySeat.drive(busy);
    while (busy.ended() < 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    smallSeat.drive(small);
    {
      std::unique_lock locked(mutex);
      CHECK(changed.wait_for(locked, std::chrono::minutes(2), [&] { return smallOver; }));
      CHECK_FALSE(busyOver);
    }
    // And the other way round: it had turns meanwhile, and has more.
    const auto before = busy.ended();
    while (busy.ended() < before + 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    busy.finish();
    busySeat.notify();
    std::unique_lock locked(mutex);
    REQUIRE(changed.wait_for(locked, std::chrono::minutes(2), [&] { return busyOver && smallOver; }));
  }
}

/// A clock on which each look takes a fifth of a turn.
struct TurnClock final : Clock {
  std::int64_t nowMicros() override { return looks * 200; }
  std::int64_t steadyNanos() override { return ++looks * 200'000; }
  std::int64_t looks = 0;  // by the one thread of the pool
};

/// Steps that are always ready, each of which says whose it is, until `most` were said; none before the gate is open.
class Saying final : public WorkSource {
 public:
  Saying(char who, std::size_t steps, std::string& said, std::size_t most, std::latch& gate)
      : steps_(steps), said_(said), most_(most) {
    for (auto& step : steps_) {
      step.who = who;
      step.said = &said;
      step.gate = &gate;
      free_.push_back(&step);
    }
  }
  Idle runReady(int) override { return {}; }
  WorkStep* begin(Idle& idle) override {
    idle.finished = said_.size() >= most_;
    if (idle.finished) return nullptr;
    auto* step = free_.front();
    free_.pop_front();
    return step;
  }
  void end(WorkStep& step) override { free_.push_back(&step); }

 private:
  struct Step final : WorkStep {
    char who = 0;
    std::string* said = nullptr;
    std::latch* gate = nullptr;
    void execute() override {
      gate->wait();
      said->push_back(who);
    }
  };
  std::vector<Step> steps_;
  std::deque<WorkStep*> free_;
  std::string& said_;
  std::size_t most_;
};

TEST_CASE("turns go round by their number: a hundred busy nodes have as many as one") {
  constexpr std::size_t kSteps = 2'000;
  TurnClock clock;
  std::string said;
  std::latch gate(1);
  std::mutex mutex;
  std::condition_variable changed;
  int over = 0;
  const auto tell = [&] {
    const std::scoped_lock locked(mutex);
    ++over;
    changed.notify_all();
  };
  Saying many('m', 100, said, kSteps, gate), one('o', 1, said, kSteps, gate);
  {
    cli::RunPool pool(1, clock);
    cli::RunPool::Seat manySeat(pool, 1, tell), oneSeat(pool, 2, tell);
    manySeat.drive(many);
    oneSeat.drive(one);
    // Both are there before the first step ends.
    gate.count_down();
    std::unique_lock locked(mutex);
    REQUIRE(changed.wait_for(locked, std::chrono::minutes(2), [&] { return over == 2; }));
  }
  REQUIRE(said.size() == kSteps);
  // From the first turn of the second one on each has its five steps in turn.
  const auto first = said.find('o');
  REQUIRE(first != std::string::npos);
  std::size_t longest = 0, run = 0;
  for (auto at = first; at < said.size(); ++at) {
    run = at > first && said[at] == said[at - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  CHECK(longest <= 5);
  const auto ones = std::ranges::count(said, 'o');
  const auto manies = std::count(said.begin() + static_cast<std::ptrdiff_t>(first), said.end(), 'm');
  CHECK(std::abs(ones - manies) <= 5);
}

TEST_CASE("threads of a run are bounded") {
  CHECK(mostAtOnce(1) == 1);
  CHECK(mostAtOnce(2) <= 2);
  CHECK(mostAtOnce(0) <= 4);
}

}  // namespace
