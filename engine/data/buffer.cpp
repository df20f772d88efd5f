// Making and destroying blocks.
#include "engine/data/buffer.h"

#include <cstring>
#include <memory>
#include <string>

#include "engine/data/block-cache.h"

namespace weir {

static_assert(sizeof(Block) <= static_cast<std::size_t>(Block::kHeaderBytes));

Block* Block::make(std::int64_t bytes, MemoryAccount& account) noexcept {
  if (bytes < 0 || bytes > (std::int64_t{1} << 46)) return nullptr;
  const auto capacity = blockcache::capacityFor(bytes);
  if (!account.tryCharge(capacity + kHeaderBytes)) return nullptr;
  auto* memory = blockcache::take(capacity);
  if (memory == nullptr) {
    account.release(capacity + kHeaderBytes);
    return nullptr;
  }
  return ::new (memory) Block(capacity, account);
}

void Block::destroy() noexcept {
  if (dispose_ != nullptr) dispose_(*this);
  auto* account = account_;
  const auto capacity = capacity_;
  std::destroy_at(this);
  blockcache::give(this, capacity);
  account->release(capacity + kHeaderBytes);
}

Result<Buffer> Buffer::allocate(std::int64_t bytes, MemoryAccount& account) {
  auto block = BlockRef::adopt(Block::make(bytes, account));
  if (!block) {
    return fail("memory.limit",
                std::to_string(bytes) + " more bytes do not fit: " + std::to_string(account.usedOfLimitBytes()) +
                    " of " + std::to_string(account.limitBytes()) + " bytes are in use. Raise the memory limit.");
  }
  const auto* data = block->payload();
  return Buffer(std::move(block), data, bytes);
}

Result<Buffer> Buffer::copyOf(std::string_view bytes, MemoryAccount& account) {
  WEIR_ASSIGN(auto buffer, allocate(static_cast<std::int64_t>(bytes.size()), account));
  if (!bytes.empty()) std::memcpy(buffer.mutableData(), bytes.data(), bytes.size());
  return buffer;
}

}  // namespace weir
