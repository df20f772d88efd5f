// Tests of values as JSON.
#include "engine/data/value-json.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace weir;

TEST_CASE("values are written as JSON by the rules of the formats page") {
  CHECK(toJson(Value::int64(9223372036854775807)) == "9223372036854775807");
  CHECK(toJson(Value::uint64(18446744073709551615ULL)) == "18446744073709551615");
  CHECK(toJson(Value::float64(NAN)) == "\"NaN\"");
  CHECK(toJson(Value::bytes("hello")) == "\"aGVsbG8=\"");
  CHECK(toJson(Value::duration(3, 500'000'000)) == "\"3.5s\"");
  CHECK(toJson(Value::timestamp(0, 0)) == "\"1970-01-01T00:00:00Z\"");
  CHECK(toJson(Value::map({{Value::int64(1), Value::list({Value::null(), Value::boolean(true)})}})) ==
        "{\"1\":[null,true]}");
}

TEST_CASE("JSON numbers without fraction are ints if they fit, else doubles") {
  CHECK(parseJsonValue("12")->kind() == ValueKind::int64);
  CHECK(parseJsonValue("12.0")->kind() == ValueKind::float64);
  CHECK(parseJsonValue("9223372036854775808")->kind() == ValueKind::float64);
  CHECK(toJson(*parseJsonValue("{\"a\":[1,\"x\",{}]}")) == "{\"a\":[1,\"x\",{}]}");
  CHECK_FALSE(parseJsonValue("{"));
}
