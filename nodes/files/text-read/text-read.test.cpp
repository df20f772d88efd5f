// What text-read makes of good, odd and broken files.
#include <doctest/doctest.h>

#include <string>

#include "nodes/files/run-nodes.test.h"
#include "nodes/files/text-read/text-read.gen.h"

namespace weir::nodes::testing {
namespace {

using Rows = std::vector<std::string>;

Gathered readLines(Bench& bench, std::initializer_list<std::pair<const char*, json::Value>> members) {
  return read(bench, text_read::makeFromJson, settings(members));
}

Bench onlyLines() {
  Bench bench;
  bench.needed = FieldSet::none();
  bench.needed.add("line");
  return bench;
}

std::string numbered(int count, int width) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    auto line = "line " + std::to_string(i);
    line.append(static_cast<std::size_t>((i * 7) % width), 'x');
    text += line + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a file that becomes shorter while it is read is said to have") {
  for (const bool later : {false, true}) {
    Bench bench(later);
    bench.files.put("d/a.log", "one\ntwo\nthree\n");
    bench.files.put("d/b.log", "four\n");
    bench.files.cutWhenOpened("d/a.log", 6);
    const auto got = read(bench, text_read::makeFromJson, settings({{"path", "d/*.log"}}));
    CHECK(got.rows.size() == 3);
    REQUIRE(got.errors.size() == 1);
    CHECK(got.errors[0] ==
          "files.shrunk: 'd/a.log' became shorter while it was read: of 14 bytes only 6 were left; read it when nobody "
          "writes to it");
  }
}

TEST_CASE("a large file is read in ranges, and every line comes once and in order") {
  for (const bool later : {false, true}) {
    for (const int width : {1, 300, 40'000}) {
      Bench bench(later, 3, 5);
      bench.needed = FieldSet::none();
      bench.needed.add("line");
      const auto text = numbered(width > 1000 ? 900 : 120'000, width);
      bench.files.put("a.log", text);
      const auto got = readLines(bench, {{"path", "a.log"}});
      CHECK(got.result.exitCode() == 0);
      std::string again;
      for (const auto& row : got.rows) again += row.substr(9, row.size() - 11) + "\n";
      CHECK(again == text);
      CHECK(bench.files.openFiles() == 0);
    }
  }
}

TEST_CASE("text-read takes byte order marks, CRLF, UTF-16 and other encodings") {
  auto bench = onlyLines();
  bench.files.put("a.txt",
                  "\xEF\xBB\xBF"
                  "a\r\nb\rc\n");
  bench.files.put("b.txt", std::string("\xFF\xFE"
                                       "x\0\n\0\xE9\0",
                                       8));
  bench.files.put("c.txt", "");
  CHECK(readLines(bench, {{"path", "*.txt"}}).rows ==
        Rows{R"({"line":"a"})", R"({"line":"b\rc"})", R"({"line":"x"})", R"({"line":"é"})"});
  bench.files.put("d.txt", "\x80\n");
  CHECK(readLines(bench, {{"path", "d.txt"}, {"encoding", "windows-1252"}}).rows == Rows{R"({"line":"€"})"});
}

TEST_CASE("a line that is not UTF-8 is an error row with its place, and NUL bytes stay in the text") {
  for (const bool all : {true, false}) {
    Bench bench;
    if (!all) bench.needed = onlyLines().needed;
    bench.files.put("a.txt", std::string("ok\nbad \xFF\nnul \0 here\n", 20));
    const auto got = readLines(bench, {{"path", "a.txt"}});
    REQUIRE(got.rows.size() == 2);
    CHECK(got.rows[1].contains("nul \\u0000 here"));
    REQUIRE(got.errors.size() == 1);
    CHECK(got.errors[0].starts_with(all ? "text.invalid_utf8: 'a.txt', line 2: byte 0xFF at 7"
                                        : "text.invalid_utf8: 'a.txt': byte 0xFF at 7"));
    CHECK(got.result.exitCode() == 3);
  }
}

TEST_CASE("a line that is too long is one error row, and its neighbours pass") {
  for (const bool all : {true, false}) {
    Bench bench;
    if (!all) bench.needed = onlyLines().needed;
    bench.files.put("a.txt", "a\n" + std::string(9'000'000, 'x') + "\nb\n" + std::string(5000, 'y') + "\nc");
    const auto got = readLines(bench, {{"path", "a.txt"}, {"maxLineBytes", 1 << 20}});
    CHECK(got.rows.size() == 4);
    REQUIRE(got.errors.size() == 1);
    CHECK(got.errors[0].starts_with("text.line_too_long: 'a.txt': "));
  }
}

TEST_CASE("a line longer than maxLineBytes is an error row wherever chunks end") {
  for (const bool all : {true, false}) {
    for (const int width : {1'024, 1'025, 70'000}) {
      CAPTURE(width);
      Bench bench;
      if (!all) bench.needed = onlyLines().needed;
      bench.files.put("a.txt", "a\n" + std::string(static_cast<std::size_t>(width), 'x') + "\nb\r\n" +
                                   std::string(1'024, 'y') + "\nc");
      const auto got = readLines(bench, {{"path", "a.txt"}, {"maxLineBytes", "1KiB"}});
      CHECK(got.rows.size() == (width > 1'024 ? 4 : 5));
      REQUIRE(got.errors.size() == (width > 1'024 ? 1 : 0));
      if (width > 1'024) {
        CHECK(got.errors[0].starts_with("text.line_too_long: 'a.txt': the line is longer"));
        CHECK(got.errors[0].ends_with("(it begins at byte 2)"));
      }
    }
  }
}

TEST_CASE("files that vanish, folders and empty globs say what to do") {
  auto bench = onlyLines();
  bench.files.put("d/a.txt", "one\n");
  bench.files.put("d/b.txt", "two\n");
  CHECK(readLines(bench, {{"path", "no.txt"}}).result.error->code == "files.not_found");
  CHECK(readLines(bench, {{"path", "d"}}).result.error->code == "files.is_folder");
  CHECK(readLines(bench, {{"path", "d/*.tsv"}}).result.error->code == "files.no_match");
  CHECK(readLines(bench, {{"path", "d/*.tsv"}, {"ifNoFiles", "warn"}}).result.exitCode() == 0);
  bench.files.failNext("d/a.txt", Error{"files.denied", "'d/a.txt' may not be read"});
  const auto got = readLines(bench, {{"path", "d/*.txt"}});
  CHECK(got.rows == Rows{R"({"line":"two"})"});
  CHECK(got.errors == Rows{"files.denied: 'd/a.txt' may not be read"});
}

TEST_CASE("a folder that a glob for files matches is said not to be one of them") {
  auto bench = onlyLines();
  bench.files.put("a.txt", "one\n");
  bench.files.put("b.txt/c.txt", "two\n");
  bench.files.put("d.txt/c.txt", "three\n");
  CHECK(readLines(bench, {{"path", "*.txt"}}).rows == Rows{R"({"line":"one"})"});
  CHECK(bench.logged == Rows{"'b.txt' (and 1 more) matches and is a folder, not a file; for the files in it, write "
                             "'b.txt/*'"});
}

TEST_CASE("a record keeps its lines together across chunks") {
  Bench bench;
  std::string text = "  head\n";
  for (int i = 0; i < 20'000; ++i) text += "ERROR " + std::to_string(i) + "\n  at a\n  at b\n";
  bench.files.put("a.log", text);
  const auto got = readLines(bench, {{"path", "a.log"}, {"recordStart", "^[A-Z]"}});
  REQUIRE(got.rows.size() == 20'001);
  CHECK(got.rows[20'000].starts_with(R"({"line":"ERROR 19999\n  at a\n  at b","file":"a.log","number":59999)"));
}

}  // namespace weir::nodes::testing
