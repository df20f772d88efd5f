// Number texts: exact in both directions, and clear about what did not fit.
#include "engine/data/number-text.h"

#include <doctest/doctest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "engine/data/random.h"

using weir::NumberFormat;
using weir::NumberShape;
using weir::NumberStatus;

namespace {

std::uint64_t bitsOf(double x) { return std::bit_cast<std::uint64_t>(x); }

/// One decimal text in any of the shapes that the conversion tells apart.
std::string randomDecimal(weir::Random& random) {
  std::string text;
  const auto digits = random.between(1, 40);
  const auto point = random.between(-1, digits);
  for (std::int64_t i = 0; i < digits; ++i) {
    if (i == point) text.push_back('.');
    text.push_back(static_cast<char>('0' + random.below(random.below(4) == 0 ? 1 : 10)));
  }
  if (random.below(2) == 0) text += "e" + std::to_string(random.between(-360, 330));
  return text;
}

}  // namespace

TEST_CASE("integers read to their limits and no further") {
  CHECK(weir::parseInt64("9223372036854775807").value == std::numeric_limits<std::int64_t>::max());
  CHECK(weir::parseInt64("-9223372036854775808").value == std::numeric_limits<std::int64_t>::min());
  CHECK(weir::parseInt64("9223372036854775808").status == NumberStatus::kOverflow);
  CHECK(weir::parseInt64("-9223372036854775809").status == NumberStatus::kOverflow);
  CHECK(weir::parseUint64("18446744073709551615").value == std::numeric_limits<std::uint64_t>::max());
  CHECK(weir::parseUint64("18446744073709551616").status == NumberStatus::kOverflow);
  CHECK(weir::parseUint64("-1").status == NumberStatus::kOverflow);
  CHECK(weir::parseInt64("0000000000000000000000000012").value == 12);
  CHECK(weir::parseInt64("+12345678").value == 12345678);
  for (const char* text : {"", "-", "+", "x", " 1", "--1"}) {
    CHECK(weir::parseInt64(text).status == NumberStatus::kNotANumber);
  }
  const auto trailing = weir::parseInt64("1234567890x");
  CHECK(trailing.status == NumberStatus::kTrailing);
  CHECK(trailing.consumed == 10);
  CHECK(trailing.value == 1234567890);
}

TEST_CASE("doubles read as the nearest, whatever way decides it") {
  weir::Random random(3);
  for (int i = 0; i < 200000; ++i) {
    const std::string text = randomDecimal(random);
    const double expected = std::strtod(text.c_str(), nullptr);
    const auto result = weir::parseDouble(text);
    CAPTURE(text);
    REQUIRE(bitsOf(result.value) == bitsOf(expected));
    REQUIRE(result.consumed == static_cast<std::int64_t>(text.size()));
    REQUIRE(result.status == (std::isinf(expected) ? NumberStatus::kOverflow : NumberStatus::kOk));
  }
}

TEST_CASE("hard doubles read right") {
  for (const std::string text : {"9007199254740993",
                                 "9007199254740992.99999999999999999999",
                                 "2.2250738585072011e-308",
                                 "4.9e-324",
                                 "2.4e-324",
                                 "2.4703282292062327208e-324",
                                 "2.4703282292062328e-324",
                                 "1.7976931348623157e308",
                                 "1.7976931348623159e308",
                                 "8.5e22",
                                 "1e23",
                                 "7.2057594037927933e16",
                                 "6.9294956446009195e15",
                                 "0.500000000000000166533453693773481063544750213623046875",
                                 "3.518437208883201171875e13",
                                 "1e-400",
                                 "0e999",
                                 "123456789012345678901234567890",
                                 "0.000000000000000000000000001",
                                 "1090544144181609348671888949248",
                                 "10.",
                                 ".5",
                                 "1e22",
                                 "1e-22"}) {
    CAPTURE(text);
    CHECK(bitsOf(weir::parseDouble(text).value) == bitsOf(std::strtod(text.c_str(), nullptr)));
  }
  CHECK(std::signbit(weir::parseDouble("-0").value));
  for (const char* text : {"", ".", "-", "e5", "nan", "inf", "-.e1", "x"}) {
    CHECK(weir::parseDouble(text).status == NumberStatus::kNotANumber);
  }
  CHECK(weir::parseDouble("1e").consumed == 1);
  CHECK(weir::parseDouble("1e+").consumed == 1);
  CHECK(weir::parseDouble("0x10").consumed == 1);
  CHECK(weir::parseDouble("1.5.2").consumed == 3);
}

TEST_CASE("decimal comma and thousands separators") {
  const NumberFormat german{',', '.'};
  CHECK(weir::parseDouble("1.234.567,5", german).value == 1234567.5);
  CHECK(weir::parseDouble("-1.234,5", german).value == -1234.5);
  CHECK(weir::parseDouble("1234,5", german).value == 1234.5);
  CHECK(weir::parseInt64("1.234.567", german).value == 1234567);
  CHECK(weir::parseInt64("12.34", german).status == NumberStatus::kTrailing);
  CHECK(weir::parseDouble("12.34", german).status == NumberStatus::kTrailing);
  CHECK(weir::parseDouble("1.2345", german).consumed == 1);
  CHECK(weir::parseDouble("1.234,5x", german).consumed == 7);
  CHECK(weir::parseDouble("1.5", NumberFormat{',', 0}).status == NumberStatus::kTrailing);
  CHECK(weir::parseDouble("1,5", NumberFormat{',', 0}).value == 1.5);
}

TEST_CASE("codes stay text, numbers do not") {
  for (const char* text : {"0", "7", "-7", "10", "9223372036854775807"}) CHECK(weir::looksLikeInteger(text));
  for (const char* text :
       {"", "007", "-007", "00", "+7", "-00", "9223372036854775808", "1e999", "00.5", "1x", "-", "."}) {
    CAPTURE(text);
    CHECK(weir::shapeOfNumber(text) == NumberShape::kText);
  }
  for (const char* text : {"0.5", "-0.5", "1e3", "1.", ".5", "-0", "-0.0"}) {
    CAPTURE(text);
    CHECK(weir::shapeOfNumber(text) == NumberShape::kDouble);
  }
}

TEST_CASE("doubles are laid out as ECMAScript does") {
  for (const auto& [value, expected] :
       std::initializer_list<std::pair<double, const char*>>{{100000, "100000"},
                                                             {-1e20, "-100000000000000000000"},
                                                             {123456789012345680000.0, "123456789012345680000"},
                                                             {1e21, "1e+21"},
                                                             {1.5e300, "1.5e+300"},
                                                             {0.000001, "0.000001"},
                                                             {1.25e-7, "1.25e-7"},
                                                             {-0.00001234, "-0.00001234"},
                                                             {9007199254740993.0, "9007199254740992"},
                                                             {1234.5678, "1234.5678"},
                                                             {0, "0"},
                                                             {5e-324, "5e-324"},
                                                             {1.7976931348623157e308, "1.7976931348623157e+308"}}) {
    std::string text;
    weir::appendDouble(text, value);
    CHECK(text == expected);
  }
}

TEST_CASE("what is written reads back the same") {
  weir::Random random(9);
  for (int i = 0; i < 20000; ++i) {
    const double x = std::bit_cast<double>(random.next());
    std::string text;
    weir::appendDouble(text, x);
    if (std::isfinite(x)) REQUIRE(bitsOf(weir::parseDouble(text).value) == bitsOf(x));
    const auto whole = static_cast<std::int64_t>(random.next() >> random.below(64));
    std::string digits;
    weir::appendInt64(digits, -whole);
    REQUIRE(digits == std::to_string(-whole));
    REQUIRE(weir::parseInt64(digits).value == -whole);
  }
  std::string text;
  weir::appendInt64(text, std::numeric_limits<std::int64_t>::min());
  weir::appendUint64(text, std::numeric_limits<std::uint64_t>::max());
  weir::appendDouble(text, -std::nan(""));
  weir::appendDouble(text, -0.0);
  CHECK(text == "-922337203685477580818446744073709551615nan-0");
}
