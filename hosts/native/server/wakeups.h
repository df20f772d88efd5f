// Wakeups: wakes of any thread on their way to the server's, as many at once as have come.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/host/waker.h"

namespace weir::native {

/// Brings wakes of any thread to the server's, many at once.
class Wakeups final : public std::enable_shared_from_this<Wakeups> {
 public:
  /// What one waker reaches; `go` is the server's thread's own.
  class Target final : public WakeTarget, public std::enable_shared_from_this<Target> {
   public:
    Target(std::shared_ptr<Wakeups> wakeups, std::function<void()> go)
        : go(std::move(go)), wakeups_(std::move(wakeups)) {}
    void wake() override {
      if (!woken.exchange(true)) wakeups_->give(shared_from_this());
    }
    std::atomic<bool> woken{false};
    std::function<void()> go;

   private:
    std::shared_ptr<Wakeups> wakeups_;
  };

  /// `post` runs a task on the server's thread, after it has returned.
  explicit Wakeups(std::function<void(std::function<void()>)> post) : post_(std::move(post)) {}
  void give(std::shared_ptr<Target> target) {
    const std::scoped_lock held(lock_);
    if (ended_) return;
    given_.push_back(std::move(target));
    if (given_.size() == 1) post_([self = shared_from_this()] { self->drain(); });
  }
  void post(std::function<void()> task) {
    const std::scoped_lock held(lock_);
    if (ended_) return;
    post_([self = shared_from_this(), task = std::move(task)] {
      if (!self->ended()) task();
    });
  }
  void end() {
    const std::scoped_lock held(lock_);
    ended_ = true;
    given_.clear();
  }
  [[nodiscard]] bool ended() {
    const std::scoped_lock held(lock_);
    return ended_;
  }

 private:
  void drain() {
    std::vector<std::shared_ptr<Target>> targets;
    {
      const std::scoped_lock held(lock_);
      targets.swap(given_);
    }
    for (const auto& target : targets) {
      target->woken.store(false);
      // A copy: what it does may take it away.
      if (const auto go = target->go) go();
    }
  }

  std::mutex lock_;
  const std::function<void(std::function<void()>)> post_;
  bool ended_ = false;
  std::vector<std::shared_ptr<Target>> given_;
};

}  // namespace weir::native
