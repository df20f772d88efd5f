// The vector scan against RFC 4180, against odd files, and against the obvious parser at every offset.
#include "engine/csv/structure.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "engine/csv/reference-parser.test.h"

using namespace weir;
using namespace weir::csv;

namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Found {
  Rows rows;
  std::vector<std::string> bad;
};

Found scanned(const std::string& text, int columns, const Dialect& dialect = {}, Isa isa = Isa::best) {
  std::string padded = text + std::string(static_cast<std::size_t>(kPaddingBytes), ',');
  Structure structure(dialect, isa);
  structure.scan(std::string_view(padded).substr(0, text.size()), columns);
  Found found;
  for (std::int64_t r = 0; r < structure.rows(); ++r) {
    auto& row = found.rows.emplace_back();
    for (int c = 0; c < columns; ++c) row.emplace_back(structure.fields(c).text(r));
  }
  for (const auto& bad : structure.bad())
    found.bad.push_back(std::string(bad.code) + "@" + std::to_string(bad.line) + "#" + std::to_string(bad.rowsBefore));
  return found;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string result;
  for (const auto& part : parts) result += part + " ";
  return result;
}

struct Case {
  std::string what;
  std::string text;
  int columns;
  Rows rows;
  std::vector<std::string> bad;
};

const std::vector<Case> kCases = {
    {"lines end with CRLF", "a,b\r\nc,d\r\n", 2, {{"a", "b"}, {"c", "d"}}, {}},
    {"the last line end may be missing", "a,b\nc,d", 2, {{"a", "b"}, {"c", "d"}}, {}},
    {"a CR at the very end is a line end", "a,b\r\nc,d\r", 2, {{"a", "b"}, {"c", "d"}}, {}},
    {"spaces belong to the field", " a , b \n", 2, {{" a ", " b "}}, {}},
    {"quoted fields keep delimiters", "\"a,x\",b\n", 2, {{"\"a,x\"", "b"}}, {}},
    {"quoted fields keep line ends", "\"a\r\nx\",b\n1,2\n", 2, {{"\"a\r\nx\"", "b"}, {"1", "2"}}, {}},
    {"quotes are doubled", "\"a\"\"x\",\"\"\"\"\n", 2, {{"\"a\"\"x\"", "\"\"\"\""}}, {}},
    {"quoted fields may be empty", "\"\",\"\"\r\n", 2, {{"\"\"", "\"\""}}, {}},
    {"empty fields", ",\n,\n", 2, {{"", ""}, {"", ""}}, {}},
    {"nothing", "", 2, {}, {}},
    {"empty lines are skipped", "\na,b\n\r\n\nc,d\n\n", 2, {{"a", "b"}, {"c", "d"}}, {}},
    {"an empty line is a row of a single column", "a\n\nb\n", 1, {{"a"}, {""}, {"b"}}, {}},
    {"a quote in the middle of an unquoted field is text",
     "5\" disk,b\nx,y\"\n",
     2,
     {{"5\" disk", "b"}, {"x", "y\""}},
     {}},
    {"text behind a closing quote", "\"a\"x,b\nc,d\n", 2, {{"c", "d"}}, {"csv.text_after_quote@1#0"}},
    {"a quote that never closes costs one line",
     "a,b\nc,\"d\ne,f\n",
     2,
     {{"a", "b"}, {"e", "f"}},
     {"csv.unterminated_quote@2#1"}},
    {"missing and extra fields",
     "a,b\nc\nd,e,f\ng,h\n",
     2,
     {{"a", "b"}, {"g", "h"}},
     {"csv.field_count@2#1", "csv.field_count@3#1"}},
    {"a lone CR is text", "a\rx,b\n", 2, {{"a\rx", "b"}}, {}},
    {"NUL bytes are text", std::string("a\0b,c\n", 6), 2, {{std::string("a\0b", 3), "c"}}, {}},
    {"invalid UTF-8", "a,b\n\xff,c\n\xc3\xa4,d\n", 2, {{"a", "b"}, {"\xc3\xa4", "d"}}, {"text.invalid_utf8@2#1"}},
    {"lines inside quotes count", "\"a\n\n\",b\nx\n", 2, {{"\"a\n\n\"", "b"}}, {"csv.field_count@4#1"}},
};

std::string randomText(std::mt19937& random, int length) {
  static const std::string kAlphabet = "ab,,,\n\n\"\"\r;\xc3\xa4";
  std::string text;
  const bool sparse = random() % 2 == 0;
  for (int i = 0; i < length; ++i) {
    if (sparse && random() % 8 != 0) {
      text += 'x';
    } else {
      text += kAlphabet[random() % kAlphabet.size()];
    }
  }
  return text;
}

Found expected(const std::string& text, int columns, const Dialect& dialect) {
  Found found;
  for (const auto& record : reference::parse(text, dialect)) {
    if (record.bad.empty() && columns > 1 && record.fields.size() == 1 && record.fields[0].empty()) continue;
    std::string code = record.bad;
    if (code.empty() && static_cast<int>(record.fields.size()) != columns) code = "csv.field_count";
    if (code.empty()) {
      found.rows.push_back(record.fields);
      continue;
    }
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(record.begin), dialect.newline);
    found.bad.push_back(code + "@" + std::to_string(line) + "#" + std::to_string(found.rows.size()));
  }
  return found;
}

}  // namespace

TEST_CASE("the scanner reads what RFC 4180 writes and what is met in the wild") {
  for (const Case& c : kCases) {
    CAPTURE(c.what);
    for (const Isa isa : {Isa::best, Isa::base}) {
      const Found found = scanned(c.text, c.columns, {}, isa);
      CHECK(found.rows == c.rows);
      CHECK(joined(found.bad) == joined(c.bad));
    }
  }
}

TEST_CASE("a case means the same wherever in a block it lies") {
  for (const Case& c : kCases) {
    if (c.text.starts_with("\n")) continue;
    CAPTURE(c.what);
    for (std::size_t shift = 1; shift < 130; ++shift) {
      const std::string first = c.columns == 1 ? std::string(shift, 'z') : std::string(shift, 'z') + ",z";
      Rows rows = c.rows;
      rows.insert(rows.begin(), c.columns == 1 ? std::vector<std::string>{first}
                                               : std::vector<std::string>{std::string(shift, 'z'), "z"});
      for (const Isa isa : {Isa::best, Isa::base}) {
        const Found found = scanned(first + "\n" + c.text, c.columns, {}, isa);
        CHECK(found.rows == rows);
        CHECK(found.bad.size() == c.bad.size());
      }
    }
  }
}

TEST_CASE("random texts give the rows of the obvious parser") {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text = randomText(random, static_cast<int>(random() % 300));
    // Valid UTF-8 only: the parsers are compared on structure.
    for (std::size_t i = 0; i < text.size(); ++i)
      if (static_cast<signed char>(text[i]) < 0) text[i] = 'u';
    const int columns = 1 + static_cast<int>(random() % 3);
    Dialect dialect;
    if (random() % 8 == 0) dialect.newline = '\r';
    if (random() % 8 == 0) dialect.delimiter = ';';
    const Found wanted = expected(text, columns, dialect);
    for (const Isa isa : {Isa::best, Isa::base}) {
      const Found found = scanned(text, columns, dialect, isa);
      REQUIRE_MESSAGE(found.rows == wanted.rows, text);
      CAPTURE(text);
      REQUIRE(joined(found.bad) == joined(wanted.bad));
    }
  }
}

TEST_CASE("ragged rows can be filled and cut") {
  const Found found = scanned("a,b,c\nd\r\ne,f,g,h\r\n\n", 3, Dialect{.ragged = Ragged::fill});
  CHECK(found.rows == Rows{{"a", "b", "c"}, {"d", "", ""}, {"e", "f", "g"}});
  CHECK(found.bad.empty());
}

TEST_CASE("comments, backslashes and trimming") {
  CHECK(scanned("#x,\"\na,b\n#\nc,#d\n", 2, Dialect{.comment = '#'}).rows == Rows{{"a", "b"}, {"c", "#d"}});
  CHECK(scanned("\"a\\\",x\",b\n", 2, Dialect{.escape = Escape::backslash}).rows == Rows{{"\"a\\\",x\"", "b"}});
  CHECK(scanned("a, \"b,c\" \n", 2, Dialect{.trim = true}).rows == Rows{{"a", " \"b,c\" "}});
}
