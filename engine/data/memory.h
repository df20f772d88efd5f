// MemoryAccount: what a run may hold, and what it holds now.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

namespace weir {

/// Counts the bytes of one run against a hard limit. Thread-safe. Every Block charged to it keeps a pointer: the
/// account outlives its blocks (the run owns it; a process-wide unlimited one exists for what belongs to no run).
class MemoryAccount {
 public:
  /// While one is in scope, small charges and releases of this thread reach their accounts in lumps. What is held ahead
  /// of use is charged, so that no limit is ever passed: an account shows up to a few lumps more than is in use, never
  /// less. Accounts used meanwhile outlive it. Scopes may nest; the inner one settles for both.
  class Cushion {
   public:
    Cushion() noexcept : outermost_(!ahead_.open) { ahead_.open = true; }
    ~Cushion() {
      settle();
      if (outermost_) ahead_.open = false;
    }
    Cushion(const Cushion&) = delete;
    Cushion& operator=(const Cushion&) = delete;
    /// Gives back what this thread holds ahead: its accounts are exact again.
    static void settle() noexcept;

   private:
    bool outermost_;
  };

  /// A child (one node of a run) also charges its parent, which must outlive it.
  constexpr explicit MemoryAccount(std::int64_t limitBytes = std::numeric_limits<std::int64_t>::max(),
                                   MemoryAccount* parent = nullptr)
      : limit_(limitBytes), lump_(lumpOf(limitBytes, parent)), parent_(parent) {}
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  /// False, and nothing charged, if the limit would be passed.
  [[nodiscard]] bool tryCharge(std::int64_t bytes) noexcept {
    if (!ahead_.open) return chargeNow(bytes);
    for (auto& slot : ahead_.slots) {
      if (slot.account != this) continue;
      if (slot.bytes < bytes) break;
      slot.bytes -= bytes;
      return true;
    }
    return chargeAhead(bytes);
  }
  void release(std::int64_t bytes) noexcept {
    if (!ahead_.open) return releaseNow(bytes);
    for (auto& slot : ahead_.slots) {
      if (slot.account != this) continue;
      if (slot.bytes + bytes > 2 * lump_) break;
      slot.bytes += bytes;
      return;
    }
    releaseAhead(bytes);
  }

  [[nodiscard]] std::int64_t usedBytes() const noexcept { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t peakBytes() const noexcept { return peak_.load(std::memory_order_relaxed); }
  /// The least of its own and its parents'.
  [[nodiscard]] std::int64_t limitBytes() const noexcept {
    return parent_ != nullptr && parent_->limitBytes() < limit_ ? parent_->limitBytes() : limit_;
  }
  /// What is held of the account whose limit that is.
  [[nodiscard]] std::int64_t usedOfLimitBytes() const noexcept {
    return parent_ != nullptr && parent_->limitBytes() < limit_ ? parent_->usedOfLimitBytes() : usedBytes();
  }
  /// At 80 % of the limit sources pause; at 100 % nodes that can spill do.
  [[nodiscard]] bool underPressure() const noexcept {
    return usedBytes() > limit_ / 5 * 4 || (parent_ != nullptr && parent_->underPressure());
  }

  /// For what belongs to no run (tests, tools): no limit.
  [[nodiscard]] static MemoryAccount& unlimited() noexcept;

 private:
  /// What one thread holds ahead, of the accounts it used last.
  struct Slot {
    MemoryAccount* account;
    std::int64_t bytes;
  };
  struct Ahead {
    std::array<Slot, 4> slots;
    bool open;
  };
  static constinit inline thread_local Ahead ahead_{};

  static constexpr std::int64_t kLargestLump = 32 << 10;
  /// Small against the limit.
  static constexpr std::int64_t lumpOf(std::int64_t limit, const MemoryAccount* parent) noexcept {
    const auto own = limit / 4096 < kLargestLump ? limit / 4096 : kLargestLump;
    return parent != nullptr && parent->lump_ < own ? parent->lump_ : own;
  }

  [[nodiscard]] bool chargeNow(std::int64_t bytes) noexcept {
    const auto now = used_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (now > limit_) [[unlikely]] {
      used_.fetch_sub(bytes, std::memory_order_relaxed);
      return false;
    }
    if (parent_ != nullptr && !parent_->chargeNow(bytes)) [[unlikely]] {
      used_.fetch_sub(bytes, std::memory_order_relaxed);
      return false;
    }
    if (now > peak_.load(std::memory_order_relaxed)) peak_.store(now, std::memory_order_relaxed);
    return true;
  }
  void releaseNow(std::int64_t bytes) noexcept {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (parent_ != nullptr) parent_->releaseNow(bytes);
  }
  [[nodiscard]] bool chargeAhead(std::int64_t bytes) noexcept;
  void releaseAhead(std::int64_t bytes) noexcept;
  /// This account's slot, or a free one; nullptr if all are taken.
  [[nodiscard]] Slot* slot() noexcept;

  std::int64_t limit_;
  std::int64_t lump_;
  MemoryAccount* parent_;
  std::atomic<std::int64_t> used_{0};
  std::atomic<std::int64_t> peak_{0};
};

}  // namespace weir
