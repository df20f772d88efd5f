// What is written: layout, numbers, escapes.
#include "engine/json/writer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "engine/json/document.h"
#include "engine/json/number.h"
#include "engine/json/text.h"

namespace {

using weir::json::Layout;
using weir::json::Value;

std::string doubleText(double value) {
  std::string out;
  weir::json::appendDouble(out, value);
  return out;
}

}  // namespace

TEST_CASE("compact and pretty layout") {
  auto value = Value::object();
  value.set("name", "x");
  value.set("tags", Value::array({1, "b", nullptr}));
  value.set("none", Value::object());
  CHECK(weir::json::write(value) == R"({"name":"x","tags":[1,"b",null],"none":{}})");
  CHECK(weir::json::write(value, Layout::pretty) ==
        "{\n  \"name\": \"x\",\n  \"tags\": [\n    1,\n    \"b\",\n    null\n  ],\n  \"none\": {}\n}");
  std::string out;
  weir::json::Writer(out)
      .beginObject()
      .key("a")
      .value(true)
      .key("b")
      .beginArray()
      .value(1)
      .value(0.5)
      .endArray()
      .endObject();
  CHECK(out == R"({"a":true,"b":[1,0.5]})");
}

TEST_CASE("doubles are the shortest text that reads back") {
  const std::pair<double, std::string_view> cases[] = {{0.0, "0"},
                                                       {-0.0, "-0.0"},
                                                       {5.0, "5"},
                                                       {-12.5, "-12.5"},
                                                       {0.1, "0.1"},
                                                       {100000.0, "100000"},
                                                       {1e20, "100000000000000000000"},
                                                       {1e21, "1e+21"},
                                                       {1.5e300, "1.5e+300"},
                                                       {1e-6, "0.000001"},
                                                       {1e-7, "1e-7"},
                                                       {1.25e-9, "1.25e-9"},
                                                       {123456.789, "123456.789"},
                                                       {5e-324, "5e-324"},
                                                       {1.7976931348623157e308, "1.7976931348623157e+308"},
                                                       {9007199254740993.0, "9007199254740992"},
                                                       {1.0 / 3, "0.3333333333333333"}};
  for (const auto& [value, text] : cases) CHECK(doubleText(value) == text);
  CHECK(doubleText(std::nan("")) == "\"NaN\"");
  CHECK(doubleText(-std::numeric_limits<double>::infinity()) == "\"-Infinity\"");
}

TEST_CASE("random doubles come back with the same bits") {
  std::uint64_t state = 11;
  for (int i = 0; i < 200000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    double value = 0;
    const auto bits = state ^ state >> 29U;
    std::memcpy(&value, &bits, sizeof value);
    if (i % 3 == 0) value = static_cast<double>(bits >> 40U) / 1000;
    if (!std::isfinite(value)) continue;
    const auto text = doubleText(value);
    const auto read = weir::json::parseNumber(text);
    REQUIRE(read.has_value());
    REQUIRE(read->asDouble() == value);
  }
}

TEST_CASE("integers: int64, then uint64, then double") {
  using weir::json::NumberKind;
  CHECK(weir::json::parseNumber("9223372036854775807")->kind == NumberKind::int64);
  CHECK(weir::json::parseNumber("9223372036854775808")->kind == NumberKind::uint64);
  CHECK(weir::json::parseNumber("18446744073709551615")->uint64 == UINT64_MAX);
  CHECK(weir::json::parseNumber("18446744073709551616")->kind == NumberKind::float64);
  CHECK(weir::json::parseNumber("-9223372036854775808")->int64 == INT64_MIN);
  CHECK(weir::json::parseNumber("-9223372036854775809")->kind == NumberKind::float64);
  CHECK(weir::json::parseNumber("12345678")->int64 == 12345678);
  CHECK(weir::json::parseNumber("1234567890123456")->int64 == 1234567890123456);
  CHECK(weir::json::parseNumber("1e-400")->float64 == 0);
  CHECK_FALSE(weir::json::parseNumber("1e309").has_value());
}

TEST_CASE("escapes are minimal and come back") {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "é€😀";
  for (std::size_t from = 0; from < 40; ++from) {
    const auto part = all.substr(from);
    std::string escaped, back;
    weir::json::appendEscaped(escaped, part);
    weir::json::appendUnescaped(back, escaped);
    REQUIRE(back == part);
  }
  std::string text;
  weir::json::appendQuoted(text, std::string_view("a\"\\\n\x01/é", 8));
  CHECK(text == "\"a\\\"\\\\\\n\\u0001/é\"");
  CHECK(weir::json::rawEquals("us\\u0065r", "user"));
  CHECK(weir::json::rawEquals("user", "user"));
  CHECK_FALSE(weir::json::rawEquals("a\\\\", "a\\\\"));
}
