// The account for what belongs to no run; what threads hold ahead of use.
#include "engine/data/memory.h"

namespace weir {
namespace {

constinit MemoryAccount unlimitedAccount;

}  // namespace

MemoryAccount& MemoryAccount::unlimited() noexcept { return unlimitedAccount; }

MemoryAccount::Slot* MemoryAccount::slot() noexcept {
  for (auto& slot : ahead_.slots)
    if (slot.account == this) return &slot;
  for (auto& slot : ahead_.slots)
    if (slot.account == nullptr) return &slot;
  return nullptr;
}

bool MemoryAccount::chargeAhead(std::int64_t bytes) noexcept {
  auto* const mine = slot();
  if (mine == nullptr) return chargeNow(bytes);
  if (bytes <= lump_ && chargeNow(lump_)) {
    *mine = {this, mine->bytes + lump_ - bytes};
    return true;
  }
  // Large, or near the limit: then every byte counts.
  if (mine->bytes > 0) releaseNow(mine->bytes);
  mine->bytes = 0;
  return chargeNow(bytes);
}

void MemoryAccount::releaseAhead(std::int64_t bytes) noexcept {
  auto* const mine = slot();
  if (mine == nullptr) return releaseNow(bytes);
  const auto held = mine->bytes + bytes;
  const auto kept = held < lump_ ? held : lump_;
  *mine = {this, kept};
  if (held > kept) releaseNow(held - kept);
}

void MemoryAccount::Cushion::settle() noexcept {
  for (auto& slot : ahead_.slots) {
    if (slot.account != nullptr && slot.bytes > 0) slot.account->releaseNow(slot.bytes);
    slot = {nullptr, 0};
  }
}

}  // namespace weir
