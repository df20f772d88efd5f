// What property tests of the runtime draw from, and what their nodes find in the world.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/hash.h"
#include "engine/host/operation.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir::simulation_test {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}
  std::int64_t below(std::int64_t bound) {
    state_ = hash::ofUint64(state_ + 1);
    return static_cast<std::int64_t>(state_ % static_cast<std::uint64_t>(bound));
  }
  bool oneIn(std::int64_t count) { return below(count) == 0; }
  [[nodiscard]] std::uint64_t state() const { return state_; }
  void goOn(std::uint64_t state) { state_ = state; }

 private:
  std::uint64_t state_;
};

/// Host calls that end when somebody says so.
class Calls final : public simulation::PendingCalls {
 public:
  Operation<weir::Unit> start(Waker waker) {
    Completion<weir::Unit> completion(std::move(waker));
    auto operation = completion.operation();
    const std::lock_guard locked(mutex_);
    under_.push_back(std::move(completion));
    return operation;
  }
  [[nodiscard]] std::size_t pending() const override {
    const std::lock_guard locked(mutex_);
    return under_.size();
  }
  void finish(std::size_t index) override {
    std::unique_lock locked(mutex_);
    auto call = std::move(under_[index]);
    under_.erase(under_.begin() + static_cast<std::ptrdiff_t>(index));
    locked.unlock();
    call.complete(weir::Unit{});
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Completion<weir::Unit>> under_;
};

using Numbers = std::vector<std::int64_t>;
struct World {
  Calls calls;
  std::map<std::string, Numbers> collected;                // by node
  std::map<std::string, Numbers> letters;                  // by node or edge; the field n of the failed rows
  std::map<std::string, std::vector<std::string>> traces;  // of the same, and of those that an error port gave
  std::map<std::string, int> tasks;                        // made, by node that collects
  std::int64_t letterCount = 0;
};
inline World* world = nullptr;  // of the run that is made

}  // namespace weir::simulation_test
