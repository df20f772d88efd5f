// Magazines of free blocks (after Bonwick, Magazines and Vmem): two per thread and size, whole magazines are exchanged
// with the shared depot, so that a block made here and dropped there costs no lock of its own.
#include "engine/data/block-cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdlib>

#include "engine/data/buffer.h"
#include "engine/data/lock.h"

#if defined(__wasm__) || __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define WEIR_BLOCK_CACHE 0
#else
#define WEIR_BLOCK_CACHE 1
#endif

namespace weir::blockcache {
namespace {

constexpr std::int64_t kSmallMax = 1024;
constexpr std::int64_t kLargestCached = std::int64_t{4} << 20;

void* allocateAligned(std::int64_t capacity) noexcept {
  const auto total = capacity + Block::kHeaderBytes;
  if constexpr (sizeof(std::size_t) < 8) {
    if (total > std::int64_t{0x7fffffff}) return nullptr;
  }
  return std::aligned_alloc(64, static_cast<std::size_t>(total));
}

#if WEIR_BLOCK_CACHE

constexpr int kClasses = 17 + 12 * 8;
constexpr std::int64_t kThreadBytes = std::int64_t{8} << 20;
constexpr std::int64_t kDepotBytes = std::int64_t{48} << 20;
constexpr std::int64_t kMagazineBytes = std::int64_t{512} << 10;

/// A free block; the first of a magazine in the depot also links to the next magazine.
struct Free {
  Free* next;
  Free* nextMagazine;
  std::int64_t count;
};

struct Magazine {
  Free* head = nullptr;
  std::int64_t count = 0;
};

/// Capacities are exact classes here, so the class follows from the capacity alone; -1: not cached.
int classOf(std::int64_t capacity) noexcept {
  if (capacity <= kSmallMax) return static_cast<int>(capacity / 64);
  const auto steps = capacity - 64;
  if (steps > kLargestCached) return -1;
  const auto top = static_cast<std::uint64_t>(steps - 1);
  const int e = std::bit_width(top) - 1;
  const auto k = (steps - 1 - (std::int64_t{1} << e)) >> (e - 3);
  return 17 + (e - 10) * 8 + static_cast<int>(k);
}

std::int64_t magazineSize(std::int64_t capacity) noexcept {
  return std::clamp<std::int64_t>(kMagazineBytes / (capacity + Block::kHeaderBytes), 1, 64);
}

struct Depot {
  Lock lock;
  std::array<Free*, kClasses> full{};
  std::array<std::atomic<bool>, kClasses> any{};
  std::int64_t bytes = 0;
};

constinit Depot depot;

void freeAll(Free* head) noexcept {
  while (head != nullptr) std::free(std::exchange(head, head->next));
}

void toDepot(int index, Magazine magazine, std::int64_t capacity) noexcept {
  if (magazine.head == nullptr) return;
  const auto bytes = magazine.count * (capacity + Block::kHeaderBytes);
  {
    const Locked locked(depot.lock);
    if (depot.bytes + bytes <= kDepotBytes) {
      const auto at = static_cast<std::size_t>(index);
      magazine.head->count = magazine.count;
      magazine.head->nextMagazine = depot.full[at];
      depot.full[at] = magazine.head;
      depot.any[at].store(true, std::memory_order_relaxed);
      depot.bytes += bytes;
      return;
    }
  }
  freeAll(magazine.head);
}

Magazine fromDepot(int index, std::int64_t capacity) noexcept {
  const auto at = static_cast<std::size_t>(index);
  if (!depot.any[at].load(std::memory_order_relaxed)) return {};
  const Locked locked(depot.lock);
  auto* head = depot.full[at];
  if (head == nullptr) return {};
  depot.full[at] = head->nextMagazine;
  if (head->nextMagazine == nullptr) depot.any[at].store(false, std::memory_order_relaxed);
  depot.bytes -= head->count * (capacity + Block::kHeaderBytes);
  return {head, head->count};
}

struct Shelf {
  Magazine current;
  Magazine spare;
  std::int64_t capacity = 0;
};

struct ThreadShelves {
  std::array<Shelf, kClasses> shelves{};
  std::int64_t bytes = 0;
  bool closed = false;
};

// Trivially destructible, so that it may still be used while other thread-locals and statics are destroyed.
constinit thread_local ThreadShelves mine;

void flushSpares() noexcept {
  for (std::size_t i = 0; i < kClasses; ++i) {
    auto& shelf = mine.shelves[i];
    mine.bytes -= shelf.spare.count * (shelf.capacity + Block::kHeaderBytes);
    toDepot(static_cast<int>(i), std::exchange(shelf.spare, Magazine{}), shelf.capacity);
  }
}

/// Gives everything back at the thread's end.
struct Closer {
  bool used = false;
  ~Closer() {
    flushSpares();
    for (std::size_t i = 0; i < kClasses; ++i)
      toDepot(static_cast<int>(i), std::exchange(mine.shelves[i].current, Magazine{}), mine.shelves[i].capacity);
    mine.bytes = 0;
    mine.closed = true;
  }
};

thread_local Closer closer;

void* takeCached(int index, std::int64_t capacity) noexcept {
  auto& shelf = mine.shelves[static_cast<std::size_t>(index)];
  if (shelf.current.head == nullptr) [[unlikely]] {
    if (shelf.spare.head != nullptr) {
      std::swap(shelf.current, shelf.spare);
    } else {
      if (mine.closed) return nullptr;
      shelf.capacity = capacity;
      shelf.current = fromDepot(index, capacity);
      if (shelf.current.head == nullptr) return nullptr;
      mine.bytes += shelf.current.count * (capacity + Block::kHeaderBytes);
    }
  }
  auto* block = shelf.current.head;
  shelf.current.head = block->next;
  --shelf.current.count;
  mine.bytes -= capacity + Block::kHeaderBytes;
  return block;
}

void giveCached(int index, void* memory, std::int64_t capacity) noexcept {
  auto& shelf = mine.shelves[static_cast<std::size_t>(index)];
  const auto total = capacity + Block::kHeaderBytes;
  if (shelf.current.count >= magazineSize(capacity)) [[unlikely]] {
    closer.used = true;  // Constructs it, so that the thread's end gives the blocks back.
    if (shelf.spare.head != nullptr) {
      mine.bytes -= shelf.spare.count * total;
      toDepot(index, std::exchange(shelf.spare, Magazine{}), capacity);
    }
    shelf.spare = std::exchange(shelf.current, Magazine{});
  }
  if (mine.bytes + total > kThreadBytes) [[unlikely]]
    flushSpares();
  shelf.capacity = capacity;
  if (shelf.current.count == 0) closer.used = true;
  shelf.current.head = ::new (memory) Free{shelf.current.head, nullptr, 0};
  ++shelf.current.count;
  mine.bytes += total;
}

#endif

}  // namespace

std::int64_t capacityFor(std::int64_t bytes) noexcept {
  if (bytes <= kSmallMax) return std::max<std::int64_t>((bytes + 63) & ~std::int64_t{63}, 64);
  const auto steps = bytes - 64;
  if (steps > kLargestCached) return (bytes + 63) & ~std::int64_t{63};
  if (steps <= kSmallMax) return kSmallMax + 128 + 64;
  const int e = std::bit_width(static_cast<std::uint64_t>(steps - 1)) - 1;
  const auto base = std::int64_t{1} << e;
  const auto step = base >> 3;
  return base + ((steps - 1 - base) / step + 1) * step + 64;
}

void* take(std::int64_t capacity) noexcept {
#if WEIR_BLOCK_CACHE
  if (const int index = classOf(capacity); index >= 0) {
    if (auto* cached = takeCached(index, capacity); cached != nullptr) return cached;
  }
#endif
  return allocateAligned(capacity);
}

void give(void* memory, std::int64_t capacity) noexcept {
#if WEIR_BLOCK_CACHE
  if (const int index = classOf(capacity); index >= 0 && !mine.closed) {
    giveCached(index, memory, capacity);
    return;
  }
#else
  static_cast<void>(capacity);
#endif
  std::free(memory);
}

}  // namespace weir::blockcache
