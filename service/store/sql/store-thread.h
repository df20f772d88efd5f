// StoreThread: calls of a store that wait for the disk, on a thread of their own, as many at a time as wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/operation.h"
#include "service/store/request-keys.h"

namespace weir::store::sql {

class Session;

/// One call: worked first, told only when what it did is safe.
class StoreJob {
 public:
  StoreJob() = default;
  StoreJob(const StoreJob&) = delete;
  StoreJob& operator=(const StoreJob&) = delete;
  virtual ~StoreJob() = default;
  /// An error: what it has done so far is to be undone. Worked again, it begins anew.
  virtual Result<void> work(Session& session) = 0;
  /// Tells who waits: what work() has found, or why nothing of it was kept.
  virtual void tell(const Result<void>& kept) = 0;
  /// What work() has found, if it went well; lives as long as the job.
  [[nodiscard]] virtual Given given() const { return {}; }
  /// It only makes room.
  bool frees = false;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
};

template <class T>
class StoreCall final : public StoreJob {
 public:
  StoreCall(Waker waker, std::function<Result<T>(Session&)> call)
      : completion_(std::move(waker)), call_(std::move(call)) {}
  [[nodiscard]] Operation<T> operation() const { return completion_.operation(); }
  Result<void> work(Session& session) override {
    result_ = call_(session);
    if (!result_) return std::unexpected(result_.error());
    return {};
  }
  void tell(const Result<void>& kept) override {
    if (!kept) result_ = std::unexpected(kept.error());
    completion_.complete(std::move(result_));
  }
  [[nodiscard]] Given given() const override { return result_ ? Given(*result_) : Given(); }

 private:
  Completion<T> completion_;
  std::function<Result<T>(Session&)> call_;
  Result<T> result_ = fail("storage.unavailable", "the call was not made");
};

/// Jobs go in the order in which they were given. The destructor lets those that were given finish.
class StoreThread {
 public:
  using Batch = std::vector<std::unique_ptr<StoreJob>>;
  /// `run` works all jobs of a batch and tells them.
  explicit StoreThread(std::function<void(Batch&)> run) : run_(std::move(run)), thread_([this] { loop(); }) {}
  ~StoreThread();
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  void give(std::unique_ptr<StoreJob> job);

 private:
  void loop();

  std::function<void(Batch&)> run_;
  std::mutex mutex_;
  std::condition_variable given_;
  Batch waiting_;
  bool ending_ = false;
  std::thread thread_;  // the last member: it begins when the others are there
};

}  // namespace weir::store::sql
