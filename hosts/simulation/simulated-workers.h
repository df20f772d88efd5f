// SimulatedWorkers: one thread that picks steps and finishes host calls in an order drawn from a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "engine/runtime/workers.h"
#include "hosts/simulation/simulated-clock.h"

namespace weir::simulation {

/// Host calls under way, finished one at a time when no step is ready.
class PendingCalls {
 public:
  virtual ~PendingCalls() = default;
  [[nodiscard]] virtual std::size_t pending() const = 0;
  virtual void finish(std::size_t index) = 0;
};

class SimulatedWorkers final : public Workers {
 public:
  /// `count` workers are pretended: so many instances and tickets there are.
  SimulatedWorkers(int count, std::uint64_t seed, SimulatedClock& clock, PendingCalls* calls = nullptr)
      : count_(count), seed_(seed), clock_(clock), calls_(calls) {}
  [[nodiscard]] int count() const override { return count_; }
  void notify() override {}
  /// Seed 0 always takes the best.
  [[nodiscard]] std::size_t choose(std::size_t ready) override { return seed_ == 0 ? 0 : draw(ready); }
  /// With a seed, the steps of the pretended workers overlap: others begin and end while one is under way.
  void drive(WorkSource& source) override;
  /// Called before every step with its number: to stop or look at a run at a certain moment.
  void watch(std::function<void(std::int64_t step)> watcher) { watcher_ = std::move(watcher); }

 private:
  struct Under {
    WorkStep* step = nullptr;
    bool executed = false;
  };
  [[nodiscard]] std::size_t draw(std::size_t bound);
  /// Goes on with one of the steps under way.
  void advance(WorkSource& source);
  /// Ends a host call or moves the clock.
  void passTime(const WorkSource::Idle& idle);

  int count_;
  std::uint64_t seed_;
  SimulatedClock& clock_;
  PendingCalls* calls_;
  std::vector<Under> under_;
  std::int64_t steps_ = 0;
  std::function<void(std::int64_t)> watcher_;
};

}  // namespace weir::simulation
