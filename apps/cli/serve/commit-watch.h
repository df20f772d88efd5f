// CommitWatch: how long changes take to the disk, for the metrics and for who asks whether the server is well.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

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
  /// Where `room` says whether the disk has any; before all else.
  void looksAt(std::function<bool()> room) { room_ = std::move(room); }
  /// Where `readOnly` says whether the disk takes nothing at all; before all else.
  void asks(std::function<bool()> readOnly) { readOnly_ = std::move(readOnly); }
  [[nodiscard]] bool readOnly() const override { return readOnly_ && readOnly_(); }
  /// A transaction that wanted room has had none for a part of it, or all of it.
  void grew(bool refused) { refusedAt_.store(refused ? nowNanos() : 0, std::memory_order_relaxed); }
  /// Who frees the disk is not told so by changes: nobody makes any while the server is not ready.
  [[nodiscard]] bool full() const override {
    const auto refusedAt = refusedAt_.load(std::memory_order_relaxed);
    return refusedAt != 0 && (nowNanos() - refusedAt < kRestNanos || (room_ && !room_()));
  }
  void write(metrics::Exposition& out) override {
    DurationsSource::write(out);
    out.begin("weir_store_full");
    out.sample({}, full() ? 1 : 0);
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
  std::atomic<std::int64_t> since_{0}, slowAt_{0}, refusedAt_{0};
  std::function<bool()> room_, readOnly_;
};

}  // namespace weir::cli
