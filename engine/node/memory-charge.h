// MemoryCharge: what a node's own tables hold, counted against the run's account.
#pragma once

#include <cstdint>
#include <utility>

#include "engine/data/memory.h"

namespace weir {

class MemoryCharge {
 public:
  MemoryCharge() = default;
  explicit MemoryCharge(MemoryAccount& account) : account_(&account) {}
  MemoryCharge(MemoryCharge&& other) noexcept
      : account_(std::exchange(other.account_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryCharge& operator=(MemoryCharge&& other) noexcept {
    std::swap(account_, other.account_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryCharge() {
    if (account_ != nullptr) account_->release(bytes_);
  }
  /// From now on so many bytes are held; false, and nothing changed, if the account refuses.
  [[nodiscard]] bool set(std::int64_t bytes) {
    if (account_ == nullptr) return true;
    if (bytes > bytes_ && !account_->tryCharge(bytes - bytes_)) return false;
    if (bytes < bytes_) account_->release(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }

 private:
  MemoryAccount* account_ = nullptr;
  std::int64_t bytes_ = 0;
};

}  // namespace weir
