// Documents: what RFC 8259 accepts and refuses, places of mistakes, agreement with another library.
#include "engine/json/document.h"

#include <doctest/doctest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/json/writer.h"

namespace {

using weir::json::DuplicateKeys;
using weir::json::parse;
using weir::json::ParseOptions;
using weir::json::Value;
using weir::json::ValueKind;

std::string codeOf(std::string_view text) {
  const auto document = parse(text);
  return document ? "accepted" : std::string(document.error().code);
}

std::string messageOf(std::string_view text) {
  const auto document = parse(text);
  return document ? "accepted" : document.error().message;
}

constexpr ParseOptions kKeepDuplicates{.duplicateKeys = DuplicateKeys::keepLast};

Value fromOracle(const nlohmann::json& json) {
  if (json.is_null()) return nullptr;
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  auto value = json.is_array() ? Value::array() : Value::object();
  if (json.is_array())
    for (const auto& element : json) value.push(fromOracle(element));
  else
    for (const auto& [key, element] : json.items()) value.set(key, fromOracle(element));
  return value;
}

}  // namespace

TEST_CASE("what RFC 8259 accepts is accepted") {
  for (const std::string_view text : {"0",
                                      "-0",
                                      "null",
                                      " true ",
                                      "\"\"",
                                      "[]",
                                      "{}",
                                      "[ ]",
                                      "{ }",
                                      "[[]]",
                                      "[1,2 , 3]",
                                      "1e5",
                                      "1E+5",
                                      "1.5e-10",
                                      "[\n]",
                                      "\t{\"a\"\r\n:\n1}",
                                      "\"\\u0041\\n\\/\\b\\f\\r\\t\\\\\\\"\"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"\\u0000\"",
                                      "{\"\":0}",
                                      "\"\x7f\"",
                                      "\"\u2028\"",
                                      "[123456789012345678901234567890]",
                                      "[1e-400]",
                                      "\"\\\\u0000\"",
                                      "\"a/*b*/c\"",
                                      "\"\xEF\xBF\xBF\"",
                                      "{\"a\":{\"a\":{}}}",
                                      "[0.1,-0.0,0e1,0e+1]"})
    CHECK_MESSAGE(codeOf(text) == "accepted", text);
}

TEST_CASE("what RFC 8259 refuses is refused with the right code") {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", "json.syntax"},
                                                                 {" ", "json.syntax"},
                                                                 {"[", "json.syntax"},
                                                                 {"]", "json.syntax"},
                                                                 {"[1", "json.syntax"},
                                                                 {"[1,]", "json.syntax"},
                                                                 {"[,1]", "json.syntax"},
                                                                 {"[1,,2]", "json.syntax"},
                                                                 {"[1 2]", "json.syntax"},
                                                                 {"{", "json.syntax"},
                                                                 {"{\"a\"}", "json.syntax"},
                                                                 {"{\"a\":}", "json.syntax"},
                                                                 {"{\"a\":1,}", "json.syntax"},
                                                                 {"{,}", "json.syntax"},
                                                                 {"{1:1}", "json.syntax"},
                                                                 {"{\"a\" 1}", "json.syntax"},
                                                                 {"{\"a\":1 \"b\":2}", "json.syntax"},
                                                                 {"{a:1}", "json.syntax"},
                                                                 {"[1}", "json.syntax"},
                                                                 {"{\"a\":1]", "json.syntax"},
                                                                 {"{\"a\"::1}", "json.syntax"},
                                                                 {"[\"a\":1]", "json.syntax"},
                                                                 {"\"a\"\"b\"", "json.trailing"},
                                                                 {"[\"a\"\"b\"]", "json.syntax"},
                                                                 {"[1\"a\"]", "json.bad_number"},
                                                                 {"[\"a\"1]", "json.syntax"},
                                                                 {"1 2", "json.trailing"},
                                                                 {"{}}", "json.trailing"},
                                                                 {"{}x", "json.trailing"},
                                                                 {"[]\"", "json.unterminated_string"},
                                                                 {"01", "json.bad_number"},
                                                                 {"-01", "json.bad_number"},
                                                                 {"-", "json.bad_number"},
                                                                 {"1.", "json.bad_number"},
                                                                 {".5", "json.syntax"},
                                                                 {"+1", "json.syntax"},
                                                                 {"1e", "json.bad_number"},
                                                                 {"1e+", "json.bad_number"},
                                                                 {"0x1", "json.bad_number"},
                                                                 {"1a", "json.bad_number"},
                                                                 {"1.5.5", "json.bad_number"},
                                                                 {"--1", "json.bad_number"},
                                                                 {"-a", "json.bad_number"},
                                                                 {"1\u00e9", "json.bad_number"},
                                                                 {"NaN", "json.bad_literal"},
                                                                 {"Infinity", "json.bad_literal"},
                                                                 {"-Infinity", "json.bad_number"},
                                                                 {"tru", "json.bad_literal"},
                                                                 {"True", "json.bad_literal"},
                                                                 {"nullx", "json.bad_literal"},
                                                                 {"true1", "json.bad_literal"},
                                                                 {"'a'", "json.syntax"},
                                                                 {"1e400", "json.number_range"},
                                                                 {"-1e400", "json.number_range"},
                                                                 {"\"", "json.unterminated_string"},
                                                                 {"\"a", "json.unterminated_string"},
                                                                 {"[\"a]", "json.unterminated_string"},
                                                                 {"\"\\\"", "json.unterminated_string"},
                                                                 {"\"\\x\"", "json.bad_escape"},
                                                                 {"\"\\u12\"", "json.bad_escape"},
                                                                 {"\"\\u12G4\"", "json.bad_escape"},
                                                                 {"\"\\,\"", "json.bad_escape"},
                                                                 {"\"\\ud800\"", "json.lone_surrogate"},
                                                                 {"\"\\udc00\"", "json.lone_surrogate"},
                                                                 {"\"\\ud800\\u0041\"", "json.lone_surrogate"},
                                                                 {"\"\\\\ud800\\udc00\"", "json.lone_surrogate"},
                                                                 {"\"\t\"", "json.control_character"},
                                                                 {"\"\n\"", "json.unterminated_string"},
                                                                 {"\"\x01\"", "json.control_character"},
                                                                 {"\"\xFF\"", "json.invalid_utf8"},
                                                                 {"\xFF", "json.invalid_utf8"},
                                                                 {"\xFE\xFF\0[", "json.invalid_utf8"},
                                                                 {"[\x0C]", "json.syntax"},
                                                                 {"[1\x0C,2]", "json.bad_number"},
                                                                 {"\xC2\xA0", "json.syntax"},
                                                                 {"{\"a\":1/*c*/}", "json.bad_number"},
                                                                 {"[1]//x", "json.trailing"},
                                                                 {"\\", "json.syntax"},
                                                                 {"[\\n]", "json.syntax"},
                                                                 {"{\"a\":1,\"a\":2}", "json.duplicate_key"},
                                                                 {"[\x1A"
                                                                  "1]",
                                                                  "json.syntax"}};
  for (const auto& [text, code] : cases) CHECK_MESSAGE(codeOf(text) == code, text << " -> " << codeOf(text));
  CHECK(codeOf(std::string_view("\0", 1)) == "json.syntax");
  CHECK(codeOf(std::string_view("[1\0]", 4)) == "json.bad_number");
  CHECK(codeOf(std::string_view("\"\0\"", 3)) == "json.control_character");
  CHECK(codeOf(std::string(100000, '[')) == "json.too_deep");
}

TEST_CASE("a string that is wrong behind an escaped quote is refused, as value and as key") {
  for (const std::string text : {"\"\\\"\xFF\xFF:3e9\"", "\"\\\"\\u1)))))\"", "\"a\\\\\\\"\\x\"", "\"\\\" b\x01\""}) {
    CAPTURE(text);
    CHECK(codeOf(text) != "accepted");
    CHECK(codeOf("{\"a\":" + text + "}") != "accepted");
    CHECK(codeOf("{" + text + ":1}") != "accepted");
    CHECK(codeOf("[" + text + "]") != "accepted");
  }
  CHECK(codeOf("{\"\\\\\":\"\\\"\\\\\"}") == "accepted");
}

TEST_CASE("nesting is taken to 512 and no deeper") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(codeOf(nested(512)) == "accepted");
  CHECK(codeOf(nested(513)) == "json.too_deep");
  const ParseOptions shallow{.maxDepth = 2};
  CHECK(parse("[[1]]", shallow).has_value());
  CHECK_FALSE(parse("[[[1]]]", shallow).has_value());
}

TEST_CASE("one byte order mark at the beginning is passed over") {
  CHECK(codeOf("\xEF\xBB\xBF{}") == "accepted");
  CHECK(codeOf("\xEF\xBB\xBF") == "json.syntax");
  CHECK(codeOf("\xEF\xBB\xBF\xEF\xBB\xBF{}") == "json.syntax");
}

TEST_CASE("a mistake is told with line, column, what was found and what was expected") {
  CHECK(messageOf("{\n  \"a\": 1,\n  \"b\": \"é\" x\n}") ==
        "line 3, column 12: expected ',' or '}' after the value, found 'x'");
  CHECK(messageOf("[1, 2") == "line 1, column 6: expected ',' or ']' after the value, found the end of the text");
  CHECK(messageOf("{\"a\": tru}") ==
        "line 1, column 7: expected a value (true, false and null are in small letters, strings in double quotes), "
        "found 'tru'");
  CHECK(messageOf("{\"a\":1,\n\"a\":2}") ==
        "line 2, column 1: the object has the key \"a\" already, at line 1, column 2");
  CHECK(messageOf("[\"ab\\q\"]") ==
        "line 1, column 6: expected one of \" \\ / b f n r t u after the backslash, found 'q'");
  CHECK(messageOf("[1 \"open") == "line 1, column 4: the string that begins here has no closing '\"'");
  CHECK(messageOf("[tru, \"open") ==
        "line 1, column 2: expected a value (true, false and null are in small letters, strings in double quotes), "
        "found 'tru'");
}

TEST_CASE("numbers keep their kind and all their digits") {
  const auto document =
      parse("[1, -9223372036854775808, 18446744073709551615, 18446744073709551616, 1.0, 0.1234567890123456789, -0]");
  REQUIRE(document.has_value());
  const auto& list = *document->root().asArray();
  CHECK(list[0].kind() == ValueKind::int64);
  CHECK(*list[1].asInt64() == INT64_MIN);
  CHECK(list[2].kind() == ValueKind::uint64);
  CHECK(list[3].kind() == ValueKind::float64);
  CHECK(list[3].exactText() == "18446744073709551616");
  CHECK(list[4].kind() == ValueKind::float64);
  CHECK(weir::json::write(document->root()) ==
        "[1,-9223372036854775808,18446744073709551615,18446744073709551616,1,0.1234567890123456789,0]");
}

TEST_CASE("values are found by key, index and pointer, and know their place") {
  const auto document = parse("{\"a/b\": [10, {\"m~n\": true}],\n \"c\": null}");
  REQUIRE(document.has_value());
  const auto* flag = document->root().findPointer("/a~1b/1/m~0n");
  REQUIRE(flag != nullptr);
  CHECK(*flag->asBool());
  const auto location = document->locate(*flag);
  CHECK(location.pointer == "/a~1b/1/m~0n");
  CHECK(location.place.column == 22);
  CHECK(document->locate(*document->root().find("c")).place.line == 2);
  CHECK(document->root().findPointer("") == &document->root());
  for (const std::string_view wrong : {"/x", "/a~1b/2", "/a~1b/01", "/a~1b/-", "a", "/a~2b", "/c/d"})
    CHECK(document->root().findPointer(wrong) == nullptr);
  CHECK(document->placeOfPointer("/c/d/e").line == 2);
}

TEST_CASE("a text that is too large is refused before it is read") {
  CHECK_FALSE(parse("[1,2,3]", ParseOptions{.maxBytes = 6}).has_value());
}

TEST_CASE("random texts: accepted, refused and understood like another library") {
  static constexpr std::string_view kPieces[] = {
      "{",    "}",    "[",       "]",  ",",  ":",        " ", "\"a\"", "\"b\"",        "1", "-2.5e3",
      "true", "null", "{\"k\":", "[[", "]]", "\"x\\n\"", "0", "1e5",   "\"\\u00e9é\"", "\n"};
  std::uint64_t state = 3;
  int accepted = 0;
  for (int round = 0; round < 60000; ++round) {
    std::string text;
    for (int i = 0; i < 1 + round % 9; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      text += kPieces[(state >> 33U) % std::size(kPieces)];
    }
    const auto ours = parse(text, kKeepDuplicates);
    const auto theirs = nlohmann::json::parse(text, nullptr, false);
    REQUIRE_MESSAGE(ours.has_value() == !theirs.is_discarded(), text);
    if (!ours) continue;
    ++accepted;
    const auto written = weir::json::write(ours->root());
    const auto again = parse(written, kKeepDuplicates);
    REQUIRE(again.has_value());
    REQUIRE(again->root() == ours->root());
    REQUIRE(weir::json::write(again->root()) == written);
    if (parse(text)) REQUIRE_MESSAGE(ours->root() == fromOracle(theirs), text);
    REQUIRE(parse(weir::json::write(ours->root(), weir::json::Layout::pretty), kKeepDuplicates)->root() ==
            ours->root());
  }
  CHECK(accepted > 1000);
}
