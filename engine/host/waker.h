// Waker: how a host tells the engine that a task can go on.
#pragma once

#include <memory>

namespace weir {

/// What a wake reaches; implemented by the scheduler (and by tests).
class WakeTarget {
 public:
  virtual ~WakeTarget() = default;
  /// Called from any thread; several wakes before the next step count as one.
  virtual void wake() = 0;
};

/// Thread-safe, copyable, may outlive its task (then a wake does nothing).
class Waker {
 public:
  Waker() = default;
  explicit Waker(std::shared_ptr<WakeTarget> target) : target_(std::move(target)) {}
  void wake() const {
    if (target_) target_->wake();
  }

 private:
  std::shared_ptr<WakeTarget> target_;
};

}  // namespace weir
