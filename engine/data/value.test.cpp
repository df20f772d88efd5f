// Tests of Value: sharing, equality, order, hash, maps.
#include "engine/data/value.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace weir;

TEST_CASE("numbers of different types are equal when their values are, and hash alike") {
  CHECK(equalValues(Value::int64(1), Value::float64(1.0)));
  CHECK(equalValues(Value::uint64(1), Value::int64(1)));
  CHECK_FALSE(equalValues(Value::uint64(18446744073709551615ULL), Value::int64(-1)));
  CHECK_FALSE(equalValues(Value::int64(9007199254740993), Value::float64(9007199254740992.0)));
  CHECK_FALSE(equalValues(Value::float64(NAN), Value::float64(NAN)));
  CHECK(hashValue(Value::int64(1)) == hashValue(Value::float64(1.0)));
  CHECK(hashValue(Value::float64(-0.0)) == hashValue(Value::int64(0)));
  CHECK(hashValue(Value::uint64(1ULL << 63)) == hashValue(Value::float64(9223372036854775808.0)));
}

TEST_CASE("comparison across number types is exact at the edges") {
  const auto max = std::numeric_limits<std::int64_t>::max();
  CHECK(compareValues(Value::int64(max), Value::float64(9223372036854775808.0)) == Ordering::less);
  CHECK(compareValues(Value::float64(1.5), Value::int64(1)) == Ordering::greater);
  CHECK(compareValues(Value::int64(-1), Value::float64(-1.5)) == Ordering::greater);
  CHECK(compareValues(Value::uint64(2), Value::float64(2.5)) == Ordering::less);
  CHECK(compareValues(Value::float64(NAN), Value::int64(1)) == Ordering::unordered);
  CHECK(compareValues(Value::string("1"), Value::int64(1)) == Ordering::incomparable);
}

TEST_CASE("short texts live inside the value and long ones are shared") {
  const Value text = Value::string("a text that is longer than sixteen bytes");
  const Value copy = text;
  CHECK(copy.text().data() == text.text().data());
  Value moved = std::move(const_cast<Value&>(copy));
  CHECK(moved.text() == "a text that is longer than sixteen bytes");
  CHECK(Value::string("").text().empty());
  const auto block = Buffer::copyOf("characters that live in a batch of rows", MemoryAccount::unlimited());
  REQUIRE(block);
  const Value shared = Value::shared(ValueKind::string, block->text(), block->block());
  CHECK(shared.text().data() == block->chars());
  CHECK(shared.owned().text().data() != block->chars());
  CHECK(shared.owned().text() == block->text());
}

TEST_CASE("a map keeps its order, finds by equal keys of any number type, and notices duplicates") {
  MapBuilder builder;
  for (std::int64_t i = 0; i < 1000; ++i) REQUIRE(builder.insert(Value::int64(i * 7), Value::int64(i)));
  CHECK_FALSE(builder.insert(Value::float64(7.0), Value::null()));
  const Value map = std::move(builder).build();
  REQUIRE(map.size() == 1000);
  REQUIRE(map.find(Value::uint64(700)) != nullptr);
  CHECK(map.find(Value::uint64(700))->int64() == 100);
  CHECK(map.find(Value::int64(701)) == nullptr);
  CHECK(map.entries()[3].key.int64() == 21);
  const Value other = Value::map({{Value::string("b"), Value::int64(2)}, {Value::string("a"), Value::int64(1)}});
  const Value same = Value::map({{Value::string("a"), Value::int64(1)}, {Value::string("b"), Value::float64(2)}});
  CHECK(equalValues(other, same));
  CHECK(hashValue(other) == hashValue(same));
  CHECK(totalOrder(other, same) == 0);
  CHECK(other.find("b")->int64() == 2);
}

TEST_CASE("the total order puts null first and NaN behind all numbers") {
  CHECK(totalOrder(Value::null(), Value::boolean(false)) < 0);
  CHECK(totalOrder(Value::float64(NAN), Value::float64(INFINITY)) > 0);
  CHECK(totalOrder(Value::float64(NAN), Value::float64(NAN)) == 0);
  CHECK(totalOrder(Value::int64(5), Value::string("")) < 0);
  CHECK(totalOrder(Value::list({Value::int64(1)}), Value::list({Value::int64(1), Value::int64(0)})) < 0);
}

TEST_CASE("optionals hold a value or none") {
  CHECK(Value::optionalNone().optionalValue() == nullptr);
  CHECK(Value::optionalOf(Value::null()).optionalValue()->isNull());
  CHECK(equalValues(Value::optionalOf(Value::int64(1)), Value::optionalOf(Value::float64(1))));
  CHECK_FALSE(equalValues(Value::optionalOf(Value::int64(1)), Value::optionalNone()));
}
