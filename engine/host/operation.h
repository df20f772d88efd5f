// Operation: one asynchronous host call, and Completion, the host's end of it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "engine/data/check.h"
#include "engine/data/error.h"
#include "engine/host/waker.h"

namespace weir {

namespace operation_detail {
template <class T>
struct State {
  std::atomic<bool> finished{false};
  std::atomic<bool> cancelled{false};
  std::optional<Result<T>> result;  // written before `finished` is set, read after
  Waker waker;
};
}  // namespace operation_detail

/// One asynchronous host call; a host may finish it before returning it (no allocation then). The destructor cancels.
template <class T>
class Operation {
 public:
  Operation() = default;  // empty: not ready, nothing under way
  Operation(Operation&&) noexcept = default;
  Operation& operator=(Operation&& other) noexcept {
    cancel();
    state_ = std::move(other.state_);
    immediate_ = std::exchange(other.immediate_, std::nullopt);
    return *this;
  }
  ~Operation() { cancel(); }

  /// Finished already.
  [[nodiscard]] static Operation finished(Result<T> result) {
    Operation operation;
    operation.immediate_ = std::move(result);
    return operation;
  }
  [[nodiscard]] static Operation pending(std::shared_ptr<operation_detail::State<T>> state) {
    Operation operation;
    operation.state_ = std::move(state);
    return operation;
  }

  /// A call is under way or its result waits to be taken.
  [[nodiscard]] bool active() const { return immediate_.has_value() || state_ != nullptr; }
  [[nodiscard]] bool ready() const {
    return immediate_.has_value() || (state_ != nullptr && state_->finished.load(std::memory_order_acquire));
  }
  /// Once, after ready(); then the operation is empty.
  [[nodiscard]] Result<T> take() {
    WEIR_CHECK(ready());
    if (immediate_) {
      Result<T> result = std::move(*immediate_);
      immediate_.reset();
      return result;
    }
    Result<T> result = std::move(*state_->result);
    state_.reset();
    return result;
  }

 private:
  void cancel() {
    if (state_) state_->cancelled.store(true, std::memory_order_release);
  }
  std::shared_ptr<operation_detail::State<T>> state_;
  std::optional<Result<T>> immediate_;
};

/// The host's end: made with the waker of the task that waits, completed once from any thread.
template <class T>
class Completion {
 public:
  explicit Completion(Waker waker) : state_(std::make_shared<operation_detail::State<T>>()) {
    state_->waker = std::move(waker);
  }
  [[nodiscard]] Operation<T> operation() const { return Operation<T>::pending(state_); }
  /// Nobody waits any more.
  [[nodiscard]] bool cancelled() const { return state_->cancelled.load(std::memory_order_acquire); }
  void complete(Result<T> result) {
    state_->result = std::move(result);
    state_->finished.store(true, std::memory_order_release);
    state_->waker.wake();
  }

 private:
  std::shared_ptr<operation_detail::State<T>> state_;
};

}  // namespace weir
