// Blocks made on one thread and dropped on another; capacities; accounts.
#include "engine/data/block-cache.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "engine/data/batch-builder.h"

using namespace weir;

TEST_CASE("a block's capacity holds what was asked and little more") {
  for (std::int64_t bytes = 0; bytes < 100'000; bytes += 37) {
    const auto capacity = blockcache::capacityFor(bytes);
    CHECK(capacity >= bytes);
    CHECK(capacity <= bytes + bytes / 8 + 256);
    CHECK(blockcache::capacityFor(capacity) == capacity);
  }
  constexpr std::int64_t kMebi = std::int64_t{1} << 20;
  CHECK(blockcache::capacityFor(kMebi + 64) == kMebi + 64);
  CHECK(blockcache::capacityFor(kMebi) == kMebi + 64);
}

TEST_CASE("batches cross threads and the account is empty at the end") {
  MemoryAccount account;
  constexpr std::int64_t kBatches = 20'000;
  std::vector<Batch> slots(64);
  std::atomic<std::int64_t> written{0};
  std::atomic<std::int64_t> read{0};
  const auto schema = Schema::of({{.name = "n", .type = Type::int64()}});
  std::thread producer([&] {
    for (std::int64_t i = 0; i < kBatches; ++i) {
      while (written.load() - read.load() >= 64) std::this_thread::yield();
      auto writer = BatchWriter::make(schema, 1 + i % 300, {}, account);
      writer->ints(0)[0] = i;
      slots[static_cast<std::size_t>(i % 64)] = writer->finish(1 + i % 300, {});
      written.fetch_add(1);
    }
  });
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < kBatches; ++i) {
    while (written.load() <= i) std::this_thread::yield();
    const auto batch = std::exchange(slots[static_cast<std::size_t>(i % 64)], Batch());
    wrong += batch.slice(0, 1).column(0).ints()[0] == i ? 0 : 1;
    read.fetch_add(1);
  }
  producer.join();
  CHECK(wrong == 0);
  CHECK(account.usedBytes() == 0);
  CHECK(account.peakBytes() > 0);
}

TEST_CASE("a limit refuses and charges nothing") {
  MemoryAccount account(1000);
  CHECK(Block::make(2000, account) == nullptr);
  CHECK(account.usedBytes() == 0);
  const auto refused = Buffer::allocate(5000, account);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "memory.limit");
}
