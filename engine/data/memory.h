// MemoryAccount: what a run may hold, and what it holds now.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace weir {

/// Counts the bytes of one run against a hard limit. Thread-safe. Every Block charged to it keeps a pointer: the
/// account outlives its blocks (the run owns it; a process-wide unlimited one exists for what belongs to no run).
class MemoryAccount {
 public:
  /// A child (one node of a run) also charges its parent, which must outlive it.
  constexpr explicit MemoryAccount(std::int64_t limitBytes = std::numeric_limits<std::int64_t>::max(),
                                   MemoryAccount* parent = nullptr)
      : limit_(limitBytes), parent_(parent) {}
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  /// False, and nothing charged, if the limit would be passed.
  [[nodiscard]] bool tryCharge(std::int64_t bytes) noexcept {
    const auto now = used_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (now > limit_) [[unlikely]] {
      used_.fetch_sub(bytes, std::memory_order_relaxed);
      return false;
    }
    if (parent_ != nullptr && !parent_->tryCharge(bytes)) [[unlikely]] {
      used_.fetch_sub(bytes, std::memory_order_relaxed);
      return false;
    }
    if (now > peak_.load(std::memory_order_relaxed)) peak_.store(now, std::memory_order_relaxed);
    return true;
  }
  void release(std::int64_t bytes) noexcept {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (parent_ != nullptr) parent_->release(bytes);
  }

  [[nodiscard]] std::int64_t usedBytes() const noexcept { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t peakBytes() const noexcept { return peak_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t limitBytes() const noexcept { return limit_; }
  /// At 80 % of the limit sources pause; at 100 % nodes that can spill do.
  [[nodiscard]] bool underPressure() const noexcept {
    return usedBytes() > limit_ / 5 * 4 || (parent_ != nullptr && parent_->underPressure());
  }

  /// For what belongs to no run (tests, tools): no limit.
  [[nodiscard]] static MemoryAccount& unlimited() noexcept;

 private:
  std::int64_t limit_;
  MemoryAccount* parent_;
  std::atomic<std::int64_t> used_{0};
  std::atomic<std::int64_t> peak_{0};
};

}  // namespace weir
