// Tests of accounts and of what threads hold ahead of use.
#include "engine/data/memory.h"

#include <doctest/doctest.h>

namespace weir {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

TEST_CASE("within a cushion accounts show at least what is in use, and exactly that behind it") {
  MemoryAccount run(256 * kMiB);
  MemoryAccount node(INT64_MAX, &run);
  {
    const MemoryAccount::Cushion cushion;
    for (int i = 0; i < 1000; ++i) {
      REQUIRE(node.tryCharge(700));
      CHECK(node.usedBytes() >= (i + 1) * 700);
      CHECK(run.usedBytes() >= node.usedBytes());
    }
    for (int i = 0; i < 400; ++i) node.release(700);
    CHECK(node.usedBytes() >= 600 * 700);
    MemoryAccount::Cushion::settle();
    CHECK(node.usedBytes() == 600 * 700);
    REQUIRE(node.tryCharge(300));
  }
  CHECK(node.usedBytes() == 600 * 700 + 300);
  CHECK(run.usedBytes() == node.usedBytes());
  node.release(600 * 700 + 300);
  CHECK(node.usedBytes() == 0);
  CHECK(run.usedBytes() == 0);
}

TEST_CASE("within a cushion a limit can be used up to the last byte and is never passed") {
  MemoryAccount run(128 * kMiB);
  MemoryAccount node(INT64_MAX, &run);
  const MemoryAccount::Cushion cushion;
  REQUIRE(node.tryCharge(128 * kMiB - 5000));
  std::int64_t charged = 0;
  while (node.tryCharge(1000)) charged += 1000;
  CHECK(charged == 5000);
  CHECK_FALSE(node.tryCharge(1));
  CHECK(run.peakBytes() <= run.limitBytes());
  node.release(1000);
  CHECK(node.tryCharge(1000));
}

TEST_CASE("more accounts than a cushion has room for are charged at once") {
  MemoryAccount run(256 * kMiB);
  MemoryAccount nodes[6] = {MemoryAccount(INT64_MAX, &run), MemoryAccount(INT64_MAX, &run),
                            MemoryAccount(INT64_MAX, &run), MemoryAccount(INT64_MAX, &run),
                            MemoryAccount(INT64_MAX, &run), MemoryAccount(INT64_MAX, &run)};
  {
    const MemoryAccount::Cushion outer;
    for (auto& node : nodes) REQUIRE(node.tryCharge(100));
    {
      const MemoryAccount::Cushion inner;
      for (auto& node : nodes) node.release(40);
    }
    for (const auto& node : nodes) CHECK(node.usedBytes() == 60);
    REQUIRE(nodes[0].tryCharge(10));
    nodes[5].release(60);
  }
  CHECK(nodes[0].usedBytes() == 70);
  CHECK(nodes[5].usedBytes() == 0);
  CHECK(run.usedBytes() == 70 + 4 * 60);
}

}  // namespace
}  // namespace weir
