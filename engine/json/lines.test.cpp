// NDJSON: rows, bad rows, learned field order.
#include "engine/json/lines.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/json/fields.h"

namespace {

using weir::json::Fields;
using weir::json::Lines;

std::string padded(std::string text) { return text.append(weir::json::kPaddingBytes, '\0'); }

// A row as "ok", or its error.
std::vector<std::string> rowsOf(const std::string& text) {
  const auto copy = padded(text);
  Lines lines;
  lines.start(std::string_view(copy).substr(0, text.size()));
  std::vector<std::string> rows;
  for (auto row = lines.next(); row != Lines::Row::end; row = lines.next()) {
    const bool good = row == Lines::Row::value && lines.cursor().skip() && lines.finishRow();
    rows.push_back(good ? "ok" : lines.error().message);
  }
  return rows;
}

}  // namespace

TEST_CASE("each line is a value, and a wrong one hurts no other") {
  const auto rows = rowsOf(
      "{\"a\":1}\r\n\n  \n{\"a\":\n[1,2]\n\"open\n{\"b\":\"\xFF\"}\n1 2\n{\"c\":\"\\q\"} \n  true\nnul\n{x\"\n7");
  const std::vector<std::string> expected = {
      "ok",
      "line 4, column 6: expected a value, found a line end",
      "ok",
      "line 6, column 1: the string that begins here has no closing '\"'",
      "line 7, column 7: the bytes are not valid UTF-8; save the text as UTF-8, found the byte 0xFF",
      "line 8, column 3: expected nothing more after the value, found '2'",
      "line 9, column 8: expected one of \" \\ / b f n r t u after the backslash, found 'q'",
      "ok",
      "line 11, column 1: expected a value (true, false and null are in small letters, strings in double quotes), "
      "found 'nul'",
      "line 12, column 2: expected a key in double quotes or '}' after '{', found 'x'",
      "ok"};
  REQUIRE(rows.size() == expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i] == expected[i]);
}

TEST_CASE("random lines are accepted and refused like another library, whatever stands around them") {
  static constexpr std::string_view kPieces[] = {
      "{",     "}",    "[",        "]",         ",",  ":",    " ",
      "\"a\"", "1",    "true",     "{\"k\":1}", "[[", "]]",   "\"",
      "\\",    "\xFF", "\"x\\n\"", "é",         "\t", "\\\"", "{\"a\":\"b\",\"c\":[1,{}]}"};
  std::uint64_t state = 5;
  std::string text;
  std::vector<bool> expected;
  for (int round = 0; round < 60000; ++round) {
    std::string line;
    for (int i = 0; i < 1 + round % 4; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      line += kPieces[(state >> 33U) % std::size(kPieces)];
    }
    if (line.find_first_not_of(" \t") != std::string::npos) expected.push_back(nlohmann::json::accept(line));
    text += line + "\n";
  }
  const auto rows = rowsOf(text);
  REQUIRE(rows.size() == expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) REQUIRE((rows[i] == "ok") == expected[i]);
}

TEST_CASE("wanted fields are found in any order, with spaces, escapes and missing keys") {
  const auto text = padded(
      "{\"id\":1,\"x\":[1,{\"id\":9}],\"name\":\"a\"}\n{\"id\":2,\"x\":{},\"name\":\"b\"}\n{\"name\":\"c\",\"id\":3}\n"
      "{ \"id\" : 4 , \"name\" : \"d\" "
      "}\n{\"i\\u0064\":5}\n{}\n{\"id\":6,\"new\":null,\"name\":\"f\"}\n{\"id\":7,\"x\":0,\"name\":\"g\"}\n");
  const std::vector<std::string> wanted = {"name", "id"};
  Lines lines;
  Fields fields(wanted);
  lines.start(std::string_view(text).substr(0, text.size() - 64));
  std::string seen;
  for (auto row = lines.next(); row != Lines::Row::end; row = lines.next()) {
    REQUIRE(row == Lines::Row::value);
    auto& cursor = lines.cursor();
    REQUIRE(cursor.enterObject());
    fields.begin();
    std::int32_t field = 0;
    while ((field = fields.next(cursor)) >= 0) {
      std::string_view name;
      std::int64_t id = 0;
      if (field == 0) {
        REQUIRE(cursor.getRawString(name));
        seen += name;
      } else {
        REQUIRE(cursor.getInt64(id));
        seen += std::to_string(id);
      }
    }
    REQUIRE(field == Fields::kEnd);
    REQUIRE(lines.finishRow());
    seen += ';';
  }
  CHECK(seen == "1a;2b;c3;4d;5;;6f;7g;");
}

TEST_CASE("lines longer than a window and many windows") {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += "{\"n\":" + std::to_string(i) + ",\"s\":\"" + std::string(static_cast<std::size_t>(i % 100), 's') + "\"}\n";
  text += "\"" + std::string(300000, 'x') + "\"\n[1]";
  const auto rows = rowsOf(text);
  CHECK(rows.size() == 3002);
  for (const auto& row : rows) REQUIRE(row == "ok");
}

TEST_CASE("a long key that was learnt is not looked for behind the end of the text") {
  for (const std::size_t size : {11U, 12U, 13U, 30U, 31U, 300U}) {
    const std::string key(size, 'k');
    const std::vector<std::string> wanted = {"z"};
    const std::string rows = "{\"a\":1,\"" + key + "\":2,\"z\":3}\n" + "{\"" + key + "\":1,\"z\":4}\n";
    Fields fields(wanted);
    Lines lines;
    // Learns both orders, then meets lines that end inside the key.
    for (const std::string& text :
         {rows + rows, "{\"a\":1,\"" + key, "{\"" + key, "{\"a\":1,\"" + key.substr(1) + "\":1}"}) {
      CAPTURE(text);
      const std::vector<char> exact = [&] {
        const auto copy = padded(text);
        return std::vector<char>(copy.begin(), copy.end());
      }();
      lines.start(std::string_view(exact.data(), text.size()));
      int good = 0;
      for (auto row = lines.next(); row != Lines::Row::end; row = lines.next()) {
        if (row != Lines::Row::value || !lines.cursor().enterObject()) continue;
        fields.begin();
        std::int32_t field = 0;
        while ((field = fields.next(lines.cursor())) >= 0) REQUIRE(lines.cursor().skip());
        good += field == Fields::kEnd && lines.finishRow() ? 1 : 0;
      }
      CHECK(good == (text.ends_with("}\n") ? 4 : text.ends_with('}') ? 1 : 0));
    }
  }
}
