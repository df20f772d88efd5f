// Block, BlockRef, Buffer: reference-counted, 64-byte aligned memory, charged to a run's account.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "engine/data/error.h"
#include "engine/data/memory.h"

namespace weir {

/// The header of one allocation; the payload follows, 64-byte aligned. Written by whoever made it, immutable once
/// shared.
class Block {
 public:
  /// Called once, before the memory is given back: releases what the payload refers to.
  using Dispose = void (*)(Block&) noexcept;

  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  [[nodiscard]] std::byte* payload() noexcept { return reinterpret_cast<std::byte*>(this) + kHeaderBytes; }
  [[nodiscard]] const std::byte* payload() const noexcept {
    return reinterpret_cast<const std::byte*>(this) + kHeaderBytes;
  }
  [[nodiscard]] std::int64_t capacityBytes() const noexcept { return capacity_; }
  [[nodiscard]] bool unique() const noexcept { return refs_.load(std::memory_order_acquire) == 1; }
  void setDispose(Dispose dispose) noexcept { dispose_ = dispose; }

  void retain(std::int32_t count = 1) noexcept { refs_.fetch_add(count, std::memory_order_relaxed); }
  void release(std::int32_t count = 1) noexcept {
    // Who holds all references needs no atomic subtraction: nobody is left who could take one more.
    if (refs_.load(std::memory_order_acquire) == count || refs_.fetch_sub(count, std::memory_order_acq_rel) == count)
      destroy();
  }

  /// A block with room for `bytes` (uninitialised), refs == 1, or nullptr if the account or the machine refuses.
  [[nodiscard]] static Block* make(std::int64_t bytes, MemoryAccount& account) noexcept;

  static constexpr std::int64_t kHeaderBytes = 64;

 private:
  Block(std::int64_t capacity, MemoryAccount& account) noexcept : capacity_(capacity), account_(&account) {}
  void destroy() noexcept;

  std::atomic<std::int32_t> refs_{1};
  std::int64_t capacity_;
  MemoryAccount* account_;
  Dispose dispose_ = nullptr;
};

/// Shares ownership of a Block.
class BlockRef {
 public:
  BlockRef() noexcept = default;
  /// Takes over one reference that the caller holds.
  [[nodiscard]] static BlockRef adopt(Block* block) noexcept {
    BlockRef ref;
    ref.block_ = block;
    return ref;
  }
  [[nodiscard]] static BlockRef share(Block* block) noexcept {
    if (block != nullptr) block->retain();
    return adopt(block);
  }
  BlockRef(const BlockRef& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->retain();
  }
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(BlockRef other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~BlockRef() {
    if (block_ != nullptr) block_->release();
  }

  [[nodiscard]] Block* get() const noexcept { return block_; }
  [[nodiscard]] Block* operator->() const noexcept { return block_; }
  [[nodiscard]] explicit operator bool() const noexcept { return block_ != nullptr; }
  [[nodiscard]] Block* detach() noexcept { return std::exchange(block_, nullptr); }

 private:
  Block* block_ = nullptr;
};

/// A run of bytes inside a Block, sharing its ownership.
class Buffer {
 public:
  Buffer() noexcept = default;
  Buffer(BlockRef block, const std::byte* data, std::int64_t size) noexcept
      : block_(std::move(block)), data_(data), size_(size) {}

  /// Error `memory.limit` if the account refuses.
  [[nodiscard]] static Result<Buffer> allocate(std::int64_t bytes, MemoryAccount& account);
  [[nodiscard]] static Result<Buffer> copyOf(std::string_view bytes, MemoryAccount& account);

  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] const char* chars() const noexcept { return reinterpret_cast<const char*>(data_); }
  /// Only for the one who made it, before it is shared.
  [[nodiscard]] std::byte* mutableData() noexcept { return const_cast<std::byte*>(data_); }
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view text() const noexcept { return {chars(), static_cast<std::size_t>(size_)}; }
  [[nodiscard]] Buffer slice(std::int64_t from, std::int64_t bytes) const noexcept {
    return Buffer(block_, data_ + from, bytes);
  }
  [[nodiscard]] const BlockRef& block() const noexcept { return block_; }

 private:
  BlockRef block_;
  const std::byte* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace weir
