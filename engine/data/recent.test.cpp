// What was used lately is kept, within its bytes.
#include "engine/data/recent.h"

#include <doctest/doctest.h>

#include "engine/data/seen-before.h"

namespace weir {
namespace {

std::shared_ptr<const int> number(int n) { return std::make_shared<const int>(n); }

}  // namespace

TEST_CASE("what was made of a text is found by the whole text") {
  Recent<int> recent(100'000);
  recent.add("one", number(1), 10);
  recent.add("two", number(2), 10);
  REQUIRE(recent.find("one") != nullptr);
  CHECK(*recent.find("one") == 1);
  CHECK(*recent.find("two") == 2);
  CHECK(recent.find("on") == nullptr);
  CHECK(recent.find("") == nullptr);
  recent.add("one", number(3), 10);
  CHECK(*recent.find("one") == 1);
  CHECK(recent.size() == 2);
}

TEST_CASE("what was asked for longest ago goes first, and the bytes stay below their bound") {
  Recent<int> recent(16'000);
  for (int i = 0; i < 100; ++i) {
    recent.add("text " + std::to_string(i), number(i), 1'000);
    CHECK(recent.find("text 0") != nullptr);
    CHECK(recent.bytes() <= 16'000);
  }
  CHECK(recent.size() > 5);
  CHECK(recent.size() < 16);
  CHECK(recent.find("text 99") != nullptr);
  CHECK(recent.find("text 1") == nullptr);
}

TEST_CASE("what is too large is not kept, and drives nothing else out") {
  Recent<int> recent(16'000);
  recent.add("small", number(1), 100);
  recent.add("large", number(2), 2'001);
  recent.add(std::string(2'001, 'x'), number(3), 0);
  CHECK(recent.size() == 1);
  CHECK(recent.find("large") == nullptr);
  CHECK(recent.find("small") != nullptr);
}

TEST_CASE("who holds what was found keeps it when it is dropped") {
  Recent<int> recent(8'000);
  recent.add("first", number(1), 500);
  const auto held = recent.find("first");
  for (int i = 0; i < 100; ++i) recent.add("text " + std::to_string(i), number(i), 500);
  CHECK(recent.find("first") == nullptr);
  CHECK(*held == 1);
}

TEST_CASE("a text has been seen before from the second time on") {
  SeenBefore seen;
  CHECK_FALSE(seen("one"));
  CHECK(seen("one"));
  CHECK_FALSE(seen("two"));
  CHECK(seen("two"));
  for (int i = 0; i < 20'000; ++i) static_cast<void>(seen("text " + std::to_string(i)));
  CHECK_FALSE(seen("one"));
  CHECK(seen("one"));
}

}  // namespace weir
