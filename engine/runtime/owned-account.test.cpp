// Tests of accounts that blocks outlive.
#include "engine/runtime/owned-account.h"

#include <doctest/doctest.h>

#include "engine/data/buffer.h"

namespace weir::runtime {
namespace {

TEST_CASE("an account that a block outlives is put aside until the block is gone, with the one that it charges") {
  REQUIRE(accountsPutAside() == 0);
  auto run = makeAccount(std::int64_t{256} << 20);
  auto node = makeAccount(INT64_MAX, run.get());
  auto kept = Buffer::allocate(1000, *node);
  auto other = Buffer::allocate(1 << 20, *node);
  REQUIRE(kept);
  REQUIRE(other);
  node.reset();
  run.reset();
  CHECK(accountsPutAside() == 2);
  *other = Buffer();
  CHECK(accountsPutAside() == 2);
  *kept = Buffer();
  CHECK(accountsPutAside() == 0);
}

TEST_CASE("an account without blocks goes at once") {
  {
    const auto account = makeAccount(1 << 20);
  }
  CHECK(accountsPutAside() == 0);
}

}  // namespace
}  // namespace weir::runtime
