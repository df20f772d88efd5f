// Job: an answer that is made with pauses, as a coroutine; and Strand, where one of them waits.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

#include "engine/data/check.h"
#include "engine/host/operation.h"

namespace weir::api {

/// Where a chain of jobs waits: for one operation at a time. Whoever drives it calls step() when it was woken.
class Strand {
 public:
  /// What the operations of this chain wake.
  explicit Strand(Waker waker = {}) : waker_(std::move(waker)) {}
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  [[nodiscard]] const Waker& waker() const { return waker_; }
  /// Goes on as far as it can without waiting.
  void step() {
    while (waiting_ && ready_(operation_)) std::exchange(waiting_, nullptr).resume();
  }

  template <class T>
  class Awaiter {
   public:
    Awaiter(Strand& strand, Operation<T> operation) : strand_(strand), operation_(std::move(operation)) {}
    [[nodiscard]] bool await_ready() const { return operation_.ready(); }
    void await_suspend(std::coroutine_handle<> handle) {
      strand_.waiting_ = handle;
      strand_.operation_ = &operation_;
      strand_.ready_ = [](const void* operation) { return static_cast<const Operation<T>*>(operation)->ready(); };
    }
    [[nodiscard]] Result<T> await_resume() { return operation_.take(); }

   private:
    Strand& strand_;
    Operation<T> operation_;
  };
  /// `auto found = co_await strand.of(store.readFlow(key, strand.waker()));`
  template <class T>
  [[nodiscard]] Awaiter<T> of(Operation<T> operation) {
    return {*this, std::move(operation)};
  }

  /// Waits until `condition.ready()`, which is asked first and then at each step; it sees to it that waker() is woken.
  template <class Condition>
  class Until {
   public:
    Until(Strand& strand, Condition& condition) : strand_(strand), condition_(condition) {}
    [[nodiscard]] bool await_ready() const { return condition_.ready(); }
    void await_suspend(std::coroutine_handle<> handle) {
      strand_.waiting_ = handle;
      strand_.operation_ = &condition_;
      strand_.ready_ = [](const void* condition) { return static_cast<const Condition*>(condition)->ready(); };
    }
    void await_resume() const {}

   private:
    Strand& strand_;
    Condition& condition_;
  };
  template <class Condition>
  [[nodiscard]] Until<Condition> until(Condition& condition) {
    return {*this, condition};
  }

 private:
  Waker waker_;
  std::coroutine_handle<> waiting_;
  const void* operation_ = nullptr;
  bool (*ready_)(const void*) = nullptr;
};

/// Begins when it is started or awaited. Destroying it gives up what it waits for.
template <class T>
class [[nodiscard]] Job {
 public:
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> next;  // who awaits it

    Job get_return_object() { return Job(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Final {
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
        if (handle.promise().next) handle.promise().next.resume();
      }
      void await_resume() noexcept {}
    };
    Final final_suspend() noexcept { return {}; }
    void return_value(T given) { value.emplace(std::move(given)); }
    [[noreturn]] void unhandled_exception() { std::abort(); }
  };

  Job() = default;
  /// Done already: for answers that need no pause.
  Job(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Job(Job&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), value_(std::move(other.value_)) {}
  Job& operator=(Job&& other) noexcept {
    if (this != &other) {
      end();
      handle_ = std::exchange(other.handle_, nullptr);
      value_ = std::move(other.value_);
    }
    return *this;
  }
  ~Job() { end(); }

  void start() {
    if (handle_) handle_.resume();
  }
  [[nodiscard]] bool done() const { return value_.has_value() || (handle_ && handle_.done()); }
  /// Once, after done().
  [[nodiscard]] T take() {
    WEIR_CHECK(done());
    return std::move(value_ ? *value_ : *handle_.promise().value);
  }

  [[nodiscard]] bool await_ready() const { return value_.has_value(); }
  void await_suspend(std::coroutine_handle<> next) {
    handle_.promise().next = next;
    handle_.resume();
  }
  T await_resume() { return take(); }

 private:
  explicit Job(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  void end() {
    if (handle_) handle_.destroy();
  }
  std::coroutine_handle<promise_type> handle_;
  std::optional<T> value_;
};

}  // namespace weir::api
