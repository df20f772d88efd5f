// Text: UTF-8, encodings, globs, suggestions, names of hosts, base64 and hex.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "engine/text/base64.h"
#include "engine/text/encoding.h"
#include "engine/text/glob.h"
#include "engine/text/host-name.h"
#include "engine/text/suggest.h"
#include "engine/text/utf8.h"

using namespace weir;

TEST_CASE("the valid prefix ends at the first byte that is wrong, wherever it stands") {
  const std::array<std::string, 13> wrong{"\x80",
                                          "\xC0\x80",
                                          "\xC1\xBF",
                                          "\xE0\x9F\xBF",
                                          "\xED\xA0\x80",
                                          "\xF0\x8F\xBF\xBF",
                                          "\xF4\x90\x80\x80",
                                          "\xF5\x80\x80\x80",
                                          "\xFF",
                                          "\xC3",
                                          "\xE2\x82",
                                          "\xF0\x9F\x98",
                                          "\xC3("};
  for (const std::string& bad : wrong)
    for (std::size_t before = 0; before < 100; ++before)
      for (const std::string filler : {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
        std::string text;
        for (std::size_t i = 0; i < before; ++i) text += filler;
        CHECK(utf8::validPrefix(text) == static_cast<std::int64_t>(text.size()));
        const std::size_t at = text.size();
        text += bad;
        REQUIRE(utf8::validPrefix(text) == static_cast<std::int64_t>(at));
        text += std::string(70, 'x');
        REQUIRE(utf8::validPrefix(text) == static_cast<std::int64_t>(at));
      }
}

TEST_CASE("every code point survives append and decode, and validates") {
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    if (value >= 0xD800 && value <= 0xDFFF) continue;
    std::string text(30, 'a');
    utf8::append(text, value);
    text += "zz";
    if (!utf8::isValid(text) || utf8::decode(text, 30).value != value) FAIL_CHECK("code point " << value);
  }
}

TEST_CASE("places count lines and characters from one") {
  const utf8::Place place = utf8::placeOf("a\n\xC3\xA9x", 4);
  CHECK(place.line == 2);
  CHECK(place.column == 2);
  CHECK(utf8::countCodePoints("\xC3\xA9x") == 2);
  CHECK(utf8::unfinishedBytes("ab\xE2\x82") == 2);
  CHECK(utf8::unfinishedBytes("ab\xC3\xA9") == 0);
}

TEST_CASE("chunks of any size give the same text") {
  struct Case {
    Encoding encoding;
    std::string bytes, text;
  };
  const std::array<Case, 5> cases{{
      {Encoding::utf8, "\xEF\xBB\xBFh\xC3\xA9\xF0\x9F\x98\x80!", "h\xC3\xA9\xF0\x9F\x98\x80!"},
      {Encoding::utf16le, std::string("\xFF\xFEh\0\xE9\0\x3D\xD8\x00\xDE!\0", 12), "h\xC3\xA9\xF0\x9F\x98\x80!"},
      {Encoding::utf16be, std::string("\xFE\xFF\0a\0b\0c\0d\0e", 12), "abcde"},
      {Encoding::windows1252, "a\x80z", "a\xE2\x82\xACz"},
      {Encoding::latin1, "a\xE9z", "a\xC3\xA9z"},
  }};
  for (const Case& each : cases)
    for (std::size_t chunk = 1; chunk <= each.bytes.size(); ++chunk) {
      Utf8Reader reader(each.encoding);
      std::string out;
      for (std::size_t at = 0; at < each.bytes.size(); at += chunk)
        REQUIRE(reader.add(std::string_view(each.bytes).substr(at, chunk), out).has_value());
      REQUIRE(reader.finish().has_value());
      REQUIRE(out == each.text);
    }
}

TEST_CASE("bad text is refused with its byte") {
  std::string out;
  Utf8Reader eight(Encoding::utf8);
  const auto bad = eight.add("ab\xFF", out);
  REQUIRE(!bad.has_value());
  CHECK(bad.error().code == "text.utf8");
  CHECK(bad.error().message.contains("Byte 2 "));
  CHECK(out == "ab");
  Utf8Reader wide(Encoding::utf16le);
  const auto lone = wide.add(std::string_view("a\0\x00\xDC", 4), out);
  REQUIRE(!lone.has_value());
  CHECK(lone.error().code == "text.utf16");
  Utf8Reader cut(Encoding::utf8);
  CHECK(cut.add("\xC3", out).has_value());
  CHECK(!cut.finish().has_value());
  CHECK(parseEncoding("ISO-8859-1").value() == Encoding::latin1);
  CHECK(parseEncoding("CP1252").value() == Encoding::windows1252);
  CHECK(!parseEncoding("ebcdic").has_value());
}

TEST_CASE("globs match paths by parts") {
  struct Case {
    const char *pattern, *path;
    bool matches;
  };
  const std::array<Case, 30> cases{{
      {"*.csv", "a.csv", true},         {"*.csv", "d/a.csv", false}, {"**/*.csv", "a.csv", true},
      {"**/*.csv", "d/e/a.csv", true},  {"d/**", "d/a", true},       {"d/**", "d", false},
      {"d/**/z", "d/z", true},          {"d/**/z", "d/a/b/z", true}, {"d/**/z", "d/a/b/zz", false},
      {"?.c", "\xC3\xA9.c", true},      {"[a-c]x", "bx", true},      {"[!a-c]x", "bx", false},
      {"[!a-c]x", "dx", true},          {"[]]x", "]x", true},        {"{a,b/c}.d", "b/c.d", true},
      {"{a,b{c,d}}", "bd", true},       {"{a,b{c,d}}", "b", false},  {"a\\*b", "a*b", true},
      {"a\\*b", "axb", false},          {"/x/*", "/x/y", true},      {"/x/*", "x/y", false},
      {"a*b*c", "aXbYbZc", true},       {"a*b*c", "aXbYbZ", false},  {"./a/*", "a/b", true},
      {"**/a/**/b", "x/a/y/a/b", true}, {"**", "a/b", true},         {"a**b", "axxb", true},
      {"a**b", "ax/xb", false},         {"[[,}]{x,y}", ",y", true},  {"{,a}b", "b", true},
  }};
  for (const Case& each : cases) {
    const auto glob = Glob::compile(each.pattern);
    REQUIRE_MESSAGE(glob.has_value(), each.pattern);
    CHECK_MESSAGE(glob->matches(each.path) == each.matches, each.pattern << " on " << each.path);
  }
}

TEST_CASE("a glob says where a walk starts and where it need not go") {
  CHECK(Glob::compile("data/2024/*.csv")->literalPrefix() == "data/2024");
  CHECK(Glob::compile("/data/*.csv")->literalPrefix() == "/data");
  CHECK(Glob::compile("/*.csv")->literalPrefix() == "/");
  CHECK(Glob::compile("*.csv")->literalPrefix().empty());
  CHECK(Glob::compile("d/{a,b}/x/*")->literalPrefix() == "d");
  const auto glob = *Glob::compile("d/*/x/**/*.csv");
  CHECK(glob.couldMatchBelow(""));
  CHECK(glob.couldMatchBelow("d/q"));
  CHECK(glob.couldMatchBelow("./."));
  CHECK(Glob::compile("a/.//./b")->matches("./a/./b"));
  CHECK(!Glob::compile(".//b")->matches("/b"));
  CHECK(!glob.couldMatchBelow("e"));
  CHECK(!glob.couldMatchBelow("d/q/y"));
  CHECK(glob.couldMatchBelow("d/q/x/deep/er"));
  CHECK(Glob::compile("a\\*b/c")->literalPath() == "a*b/c");
}

TEST_CASE("bad globs are refused") {
  for (const char* pattern : {"", ".", "d/.", "a\xDE\\\xA4", "[a", "{a", "a\\", "d/", "[z-a]",
                              "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"}) {
    const auto glob = Glob::compile(pattern);
    REQUIRE_MESSAGE(!glob.has_value(), pattern);
    CHECK(glob.error().code == "glob.syntax");
  }
}

TEST_CASE("the nearest name is suggested, a far one is not") {
  const std::array<std::string_view, 4> names{"condition", "count", "x", "delimiter"};
  CHECK(nearestName("conditon", names) == "condition");
  CHECK(nearestName("cuont", names) == "count");
  CHECK(nearestName("Delimiter", names) == "delimiter");
  CHECK(nearestName("zebra", names).empty());
  CHECK(nearestName("y", names).empty());
  CHECK(didYouMean("cout", names) == " Did you mean 'count'?");
  CHECK(editDistance("ab", "ba", 3) == 1);
}

TEST_CASE("base64 and hex round-trip and are strict") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(decodeBase64(encodeBase64(bytes)).value() == bytes);
    CHECK(decodeBase64(encodeBase64Url(bytes)).value() == bytes);
    CHECK(decodeHex(encodeHex(bytes)).value() == bytes);
    bytes += static_cast<char>(i * 7);
  }
  CHECK(encodeBase64("foob") == "Zm9vYg==");
  for (const char* bad : {"Zm9vYg=", "Zh", "A", "Zm 9", "====", "Zm9v===="})
    if (std::string_view(bad) != "Zm9v") CHECK(!decodeBase64(bad).has_value());
  CHECK(!decodeHex("abc").has_value());
  CHECK(!decodeHex("zz").has_value());
}

TEST_CASE("names of hosts are told from what is none") {
  for (const char* good : {"a", "a.example", "db_1", "A-b.Example", "10.0.0.1", "[::1]", "[fe80::1]"}) {
    CAPTURE(good);
    CHECK(isHostName(good));
    CHECK(isHostWithPort(std::string(good) + ":80"));
    CHECK_FALSE(isHostWithPort(good));
  }
  for (const char* bad :
       {"", ".", "a.", ".a", "a..b", "a b", "*", "*.a", "a/b", "a@b", "::1", "[]", "[a]", "[::1", "\xC3\xBC", "a\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(isHostName(bad));
    CHECK_FALSE(isHostWithPort(std::string(bad) + ":80"));
  }
  for (const char* port : {":", ":0", ":65536", ":-1", ":8a", ": 8", ":http"})
    CHECK_FALSE(isHostWithPort(std::string("a") + port));
  CHECK_FALSE(isHostName(std::string(64, 'a')));
  CHECK_FALSE(isHostName(std::string(63, 'a') + "." + std::string(63, 'a') + "." + std::string(63, 'a') + "." +
                         std::string(63, 'a')));
}
