// What is queued goes out in order, whoever it belongs to, and the buffer that is lent comes back.
#include "hosts/native/server/out-queue.h"

#include <doctest/doctest.h>

#include <array>

using weir::native::OutQueue;

namespace {

/// All of it, taken by so many bytes at a time.
std::string drained(OutQueue& queue, std::size_t atOnce) {
  std::string all;
  while (!queue.empty()) {
    std::array<std::string_view, 4> pieces;
    REQUIRE(queue.first(pieces) > 0);
    const auto some = pieces[0].substr(0, atOnce);
    all += some;
    queue.took(some.size());
  }
  return all;
}

}  // namespace

TEST_CASE("own, shared and large pieces go out in their order") {
  for (const std::size_t atOnce : {1U, 3U, 1'000'000U}) {
    OutQueue queue;
    queue.append("one ");
    queue.share(std::make_shared<const std::string>("two "));
    queue.append("three ");
    queue.give(std::string(20'000, 'x'));
    queue.append(" four");
    CHECK(drained(queue, atOnce) == "one two three " + std::string(20'000, 'x') + " four");
    CHECK(queue.bytes() == 0);
  }
}

TEST_CASE("queues of a thread lend each other a buffer, of a bounded size") {
  std::string spare;
  OutQueue one(&spare), other(&spare);
  one.append(std::string(5'000, 'a'));
  CHECK(drained(one, 100'000) == std::string(5'000, 'a'));
  CHECK(spare.empty());
  CHECK(spare.capacity() >= 5'000);

  const auto* lent = spare.data();
  other.append("b");
  CHECK(other.tail().data() == lent);
  one.append("c");  // while the other has it
  CHECK(one.tail().data() != lent);
  CHECK(drained(one, 1) == "c");
  CHECK(drained(other, 1) == "b");
  CHECK(spare.data() == lent);

  one.append(std::string(1'000'000, 'd'));
  CHECK(drained(one, 2'000'000).size() == 1'000'000);
  CHECK(spare.capacity() < 1'000'000);
  // A shared piece is not lent to anybody.
  one.share(std::make_shared<const std::string>("e"));
  CHECK(drained(one, 1) == "e");
}
