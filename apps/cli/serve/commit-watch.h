// CommitWatch: how long changes take to the disk, for the metrics and for who asks whether the server is well.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "service/metrics/durations-source.h"
#include "service/resources/health/store-watch.h"

namespace weir::cli {

class CommitWatch final : public metrics::DurationsSource, public api::StoreWatch {
 public:
  CommitWatch() : DurationsSource("weir_store_commit_seconds") {}
  /// A commit begins, or has ended; one at a time.
  void began() { since_.store(nowNanos(), std::memory_order_relaxed); }
  void ended() {
    const auto now = nowNanos();
    const auto took = now - since_.exchange(0, std::memory_order_relaxed);
    add(took);
    if (took >= kSlowNanos) slowAt_.store(now, std::memory_order_relaxed);
  }
  [[nodiscard]] bool slow() const override {
    const auto now = nowNanos();
    const auto since = since_.load(std::memory_order_relaxed);
    const auto slowAt = slowAt_.load(std::memory_order_relaxed);
    return (since != 0 && now - since >= kSlowNanos) || (slowAt != 0 && now - slowAt < kRestNanos);
  }

 private:
  static constexpr std::int64_t kSlowNanos = 1'500'000'000, kRestNanos = 10'000'000'000;
  static std::int64_t nowNanos() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  std::atomic<std::int64_t> since_{0}, slowAt_{0};
};

}  // namespace weir::cli
