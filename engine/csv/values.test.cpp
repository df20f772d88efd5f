// Reading and writing values: decoding, dictionaries, inference, sniffing, splitting, quoting.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "engine/csv/decode.h"
#include "engine/csv/infer.h"
#include "engine/csv/sniff.h"
#include "engine/csv/splitter.h"
#include "engine/csv/write.h"

using namespace weir;
using namespace weir::csv;

namespace {

/// One column of texts, scanned.
struct OneColumn {
  std::string text;
  Structure structure;
  std::vector<std::uint8_t> validity;
  explicit OneColumn(const std::vector<std::string>& fields, const Dialect& dialect = {}) : structure(dialect) {
    for (const auto& field : fields) text += "x," + field + "\n";
    const std::size_t size = text.size();
    text.append(static_cast<std::size_t>(kPaddingBytes), '7');
    structure.scan(std::string_view(text).substr(0, size), 2);
    REQUIRE(structure.rows() == static_cast<std::int64_t>(fields.size()));
    validity.assign(fields.size() / 8 + 1, 0xFF);
  }
  [[nodiscard]] FieldTexts fields() const { return structure.fields(1); }
};

FieldReader reader(const Dialect& dialect = {}, const ValueFormat& format = {}) {
  auto made = FieldReader::make(dialect, format);
  REQUIRE(made.has_value());
  return *std::move(made);
}

std::string written(const WriteStyle& style, const std::vector<std::string>& texts) {
  auto writer = FieldWriter::make(style);
  REQUIRE(writer.has_value());
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) writer->appendDelimiter(out);
    writer->appendText(out, texts[i]);
  }
  writer->appendLineEnd(out);
  return out;
}

}  // namespace

TEST_CASE("integers are read at every length, and what is none is bad") {
  const std::vector<std::string> texts = {"0",
                                          "-1",
                                          "12",
                                          "-123",
                                          "12345678",
                                          "123456789",
                                          "-1234567890123456",
                                          "12345678901234567",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "9223372036854775808",
                                          "007",
                                          "-0",
                                          "+5",
                                          "1.5",
                                          "",
                                          "\"42\"",
                                          "\"\"",
                                          "-",
                                          "1a",
                                          "1234567x",
                                          "12345678x",
                                          "x2345678901",
                                          "NA"};
  OneColumn column(texts);
  std::vector<std::int64_t> out(texts.size());
  Marks marks(column.validity.data());
  decodeIntegers(column.fields(), reader(), true, out.data(), marks);
  const std::vector<std::int64_t> wanted = {
      0, -1, 12, -123, 12345678, 123456789, -1234567890123456, 12345678901234567, INT64_MAX, INT64_MIN};
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(out[i] == wanted[i]);
  CHECK(out[16] == 42);
  CHECK(marks.badRows() == std::vector<std::int64_t>{10, 11, 12, 13, 14, 17, 18, 19, 20, 21, 22, 23});
  CHECK(marks.nulls() == 13);
  CHECK((column.validity[1] & 0x80) == 0);
}

TEST_CASE("a schema takes leading zeros and plus signs that inference leaves as strings") {
  OneColumn column({"007", "+5"});
  std::vector<std::int64_t> out(2);
  Marks marks(column.validity.data());
  decodeIntegers(column.fields(), reader(), false, out.data(), marks);
  CHECK(out == std::vector<std::int64_t>{7, 5});
  CHECK(marks.badRows().empty());
}

TEST_CASE("doubles are the nearest ones, whichever way they are read") {
  std::mt19937 random(3);
  std::vector<std::string> texts = {"0.1",  "-0.5",     "1",         "123.45",
                                    "1e5",  "12345678", "1234567.8", "0.30000000000000004",
                                    "-0.0", "5e-324",   "999999.99"};
  for (int i = 0; i < 5000; ++i) {
    char text[32];
    const double value = (static_cast<double>(random()) - 2e9) / std::pow(10.0, static_cast<double>(random() % 12));
    std::snprintf(text, sizeof text, "%.*f", static_cast<int>(random() % 7), value);
    texts.emplace_back(text);
  }
  OneColumn column(texts);
  std::vector<double> out(texts.size());
  Marks marks(column.validity.data());
  decodeNumbers(column.fields(), reader(), false, out.data(), marks);
  CHECK(marks.badRows().empty());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CAPTURE(texts[i]);
    CHECK(out[i] == std::strtod(texts[i].c_str(), nullptr));
  }
}

TEST_CASE("decimal commas and thousands separators are read") {
  const Dialect dialect{.delimiter = ';'};
  Structure structure(dialect);
  std::string text = "1,5;1.234.567,25\n-2;3\n" + std::string(static_cast<std::size_t>(kPaddingBytes), '0');
  structure.scan(std::string_view(text).substr(0, text.size() - static_cast<std::size_t>(kPaddingBytes)), 2);
  std::vector<double> out(2);
  std::uint8_t validity = 0xFF;
  Marks marks(&validity);
  decodeNumbers(structure.fields(0), reader(dialect, {.decimal = ','}), true, out.data(), marks);
  CHECK(out == std::vector<double>{1.5, -2});
  decodeNumbers(structure.fields(1), reader(dialect, {.decimal = ',', .thousands = '.'}), true, out.data(), marks);
  CHECK(out == std::vector<double>{1234567.25, 3});
  CHECK(marks.nulls() == 0);
}

TEST_CASE("null values are compared with unquoted fields only") {
  const auto format = ValueFormat{.nullValues = {"NA", "-"}};
  OneColumn column({"NA", "\"NA\"", "", "-", "a\"b", "\"a\"\"b\""});
  std::vector<std::int32_t> offsets(7);
  std::string bytes(static_cast<std::size_t>(textBytes(column.fields()) + kPaddingBytes), '\0');
  Marks marks(column.validity.data());
  decodeTexts(column.fields(), reader({}, format), offsets.data(), bytes.data(), marks);
  CHECK(marks.nulls() == 2);
  CHECK(offsets == std::vector<std::int32_t>{0, 0, 2, 2, 2, 5, 8});
  CHECK(bytes.substr(0, 8) == "NAa\"ba\"b");
}

TEST_CASE("a dictionary numbers the distinct texts, and gives up where it does not pay") {
  std::vector<std::string> texts;
  for (int i = 0; i < 1000; ++i) texts.push_back(i % 3 == 0 ? "north" : i % 3 == 1 ? "\"a much longer name\"" : "");
  OneColumn column(texts);
  TextDictionary dictionary;
  std::vector<std::int32_t> codes(texts.size());
  Marks marks(column.validity.data());
  REQUIRE(decodeDictionary(column.fields(), reader(), dictionary, codes.data(), marks));
  CHECK(dictionary.size() == 2);
  CHECK(dictionary[0] == "north");
  CHECK(dictionary[codes[1]] == "a much longer name");
  CHECK(marks.nulls() == 333);
  std::vector<std::string> distinct;
  for (int i = 0; i < 20000; ++i) distinct.push_back("value " + std::to_string(i));
  OneColumn other(distinct);
  codes.resize(distinct.size());
  Marks more(other.validity.data());
  CHECK_FALSE(decodeDictionary(other.fields(), reader(), dictionary, codes.data(), more));
}

TEST_CASE("types are inferred, and codes stay strings") {
  const auto r = reader();
  const auto type = [&](std::string_view text) { return typeOfField({.text = text, .quoted = false}, r); };
  CHECK(type("12") == ColumnType::integer);
  CHECK(type("1.5") == ColumnType::number);
  CHECK(type("007") == ColumnType::text);
  CHECK(type("9223372036854775808") == ColumnType::text);
  CHECK(type("true") == ColumnType::boolean);
  CHECK(type("2024-02-29") == ColumnType::timestamp);
  CHECK(type("2024-02-29T10:00:00Z") == ColumnType::timestamp);
  CHECK(type("") == ColumnType::unknown);
  CHECK(widened(ColumnType::integer, ColumnType::number) == ColumnType::number);
  CHECK(widened(ColumnType::integer, ColumnType::boolean) == ColumnType::text);
  std::string text = "1,a,\n2.5,b,\n" + std::string(static_cast<std::size_t>(kPaddingBytes), ' ');
  Inference inference({"x", "y", "z"});
  inference.learn(std::string_view(text).substr(0, 12), r);
  CHECK(inference.settled() == std::vector<ColumnType>{ColumnType::number, ColumnType::text, ColumnType::text});
}

TEST_CASE("column names are made unique, and drift of headers is named") {
  CHECK(columnNames({"a", " a ", "", "a_2"}) == std::vector<std::string>{"a", "a_2", "column_3", "a_2_2"});
  CHECK(checkNames({"a", "h\xC3\xBChe"}));
  const auto bad = checkNames({"a", "h\xFChe"});
  REQUIRE(!bad);
  CHECK(bad.error().code == "text.invalid_utf8");
  CHECK(bad.error().message ==
        "the header is not UTF-8 at byte 1 of its column 2; set the file's encoding, or repair it");
  const auto drift = compareHeaders({"a", "b"}, {"b", "c"});
  CHECK(drift.missing == std::vector<std::string>{"a"});
  CHECK(drift.extra == std::vector<std::string>{"c"});
  CHECK(compareHeaders({"a", "b"}, {"b", "a"}).reordered);
}

TEST_CASE("the delimiter and the header are guessed") {
  const auto guess = [](std::string_view sample) { return sniff(sample, {}, {}, {}); };
  CHECK(guess("a,b\n1,2\n").delimiter == ',');
  CHECK(guess("a;b\n1,5;2\n3,5;4\n").delimiter == ';');
  CHECK(guess("a\tb\n1\t2\n").delimiter == '\t');
  CHECK(guess("a|b\n\"x|y\"|2\n").delimiter == '|');
  CHECK(guess("time,v\n10:00:01,2\n10:00:02,3\n").delimiter == ',');
  CHECK(guess("name\nSmith\n").delimiter == ',');
  CHECK(guess("a,b\r1,2\r").newline == '\r');
  CHECK(guess("a,b\n1,2\n").header == Header::present);
  CHECK(guess("1,2\n3,4\n").header == Header::none);
  CHECK(guess("a,b\n").header == Header::present);
}

TEST_CASE("the splitter cuts only where records end, however the bytes arrive") {
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0, n = static_cast<int>(random() % 400); i < n; ++i)
      text += random() % 4 ? 'x' : ",\n\"\""[random() % 4];
    const Dialect dialect;
    RecordSplitter splitter(dialect);
    std::string buffer;
    std::vector<std::string> chunks;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t step = 1 + random() % 100;
      buffer += text.substr(at, step);
      at += step;
      splitter.extend(buffer);
      if (splitter.cut() == 0 || random() % 2 == 0) continue;
      chunks.push_back(buffer.substr(0, static_cast<std::size_t>(splitter.cut())));
      splitter.taken(buffer);
      buffer.erase(0, chunks.back().size());
    }
    chunks.push_back(buffer);
    const auto rows = [&](const std::vector<std::string>& parts) {
      std::string all;
      for (std::string part : parts) {
        const std::size_t size = part.size();
        part.append(static_cast<std::size_t>(kPaddingBytes), '"');
        Structure structure(dialect);
        structure.scan(std::string_view(part).substr(0, size), 1);
        for (std::int64_t r = 0; r < structure.rows(); ++r) all += std::string(structure.fields(0).text(r)) + "|";
        for (const auto& bad : structure.bad()) all += std::string(bad.code) + "|";
      }
      return all;
    };
    // Good rows and bad ones keep their order within a chunk; compare the bags by chunk-free order of good rows.
    auto sorted = [](std::string letters) {
      std::ranges::sort(letters);
      return letters;
    };
    REQUIRE_MESSAGE(sorted(rows(chunks)) == sorted(rows({text})), text);
  }
}

TEST_CASE("a record that is too long is given up at its first line end") {
  RecordSplitter splitter{Dialect{}};
  const std::string buffer = "\"abc\n" + std::string(1000, 'x');
  splitter.extend(buffer);
  CHECK(splitter.cut() == 0);
  const auto dropped = splitter.giveUp(buffer);
  CHECK(dropped.bytes == 5);
  CHECK(dropped.insideQuotes);
  CHECK_FALSE(dropped.skipping);
  CHECK(splitter.giveUp(std::string(100, 'x')).skipping);
}

TEST_CASE("fields are quoted where they must be, and formulas guarded on request") {
  CHECK(written({}, {"a", "b,c", "say \"x\"", "", " d", "e\nf"}) ==
        "a,\"b,c\",\"say \"\"x\"\"\",\"\",\" d\",\"e\nf\"\n");
  CHECK(written({.lineEnd = "\r\n", .quoting = Quoting::always}, {"a"}) == "\"a\"\r\n");
  CHECK(written({.guardFormulas = true}, {"=1+1", "-x", "a"}) == "\"'=1+1\",\"'-x\",a\n");
  CHECK(written({.nullText = "NA"}, {"NA", "x"}) == "\"NA\",x\n");
  CHECK_FALSE(FieldWriter::make({.delimiter = '"'}).has_value());
}

TEST_CASE("what is written reads back") {
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> texts(3);
    for (auto& text : texts)
      for (int i = 0, n = static_cast<int>(random() % 8); i < n; ++i) text += "ab,\"\n\r ;"[random() % 8];
    std::string text = written({}, texts);
    const std::size_t size = text.size();
    text.append(static_cast<std::size_t>(kPaddingBytes), ',');
    Structure structure{Dialect{}};
    structure.scan(std::string_view(text).substr(0, size), 3);
    REQUIRE(structure.rows() == 1);
    const auto r = reader();
    std::string scratch;
    for (int c = 0; c < 3; ++c)
      CHECK(r.content(structure.fields(c).text(0), scratch).text == texts[static_cast<std::size_t>(c)]);
  }
}
