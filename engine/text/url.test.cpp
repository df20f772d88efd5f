// URLs: what is read, what is refused, what a link means.
#include "engine/text/url.h"

#include <doctest/doctest.h>

namespace weir {

TEST_CASE("a URL is taken apart") {
  const auto url = parseUrl("HTTPS://me:p%40ss@Example.COM:8443/a b?x={1}#part");
  REQUIRE(url.has_value());
  CHECK(url->scheme == "https");
  CHECK(url->user == "me");
  CHECK(url->password == "p%40ss");
  CHECK(url->host == "example.com");
  CHECK(url->port == 8443);
  CHECK(url->target == "/a%20b?x=%7B1%7D");
  CHECK(url->origin() == "https://example.com:8443");
  CHECK(parseUrl("http://a")->target == "/");
  CHECK(parseUrl("http://a?x")->target == "/?x");
  CHECK(parseUrl("wss://a")->port == 443);
  CHECK(parseUrl("http://[::1]:80/")->authority() == "[::1]");
  CHECK(parseUrl("tcp://a:9000")->authority() == "a:9000");
}

TEST_CASE("what is no URL is refused, without its password") {
  for (const char* text :
       {"", "a", "//a", "ftp://a", "http://", "http:///x", "http://a:0", "http://a:65536", "http://a:x", "http://[::1",
        "http://[::1]x", "http://a b", "http://a\r\nb", "http://a%00", "tcp://a", "javascript:alert(1)"}) {
    CAPTURE(text);
    const auto url = parseUrl(text);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().code == "url.invalid");
  }
  CHECK(parseUrl("http://me:secret@a:99999").error().message.find("secret") == std::string::npos);
}

TEST_CASE("a link means what it means on its page") {
  const auto base = *parseUrl("http://a/b/c?d");
  const auto at = [&](const char* link) {
    const auto url = resolveUrl(base, link);
    return url ? url->origin() + url->target : std::string(url.error().code);
  };
  CHECK(at("x") == "http://a/b/x");
  CHECK(at("/x") == "http://a/x");
  CHECK(at("?x") == "http://a/b/c?x");
  CHECK(at("") == "http://a/b/c?d");
  CHECK(at("//e/x") == "http://e/x");
  CHECK(at("https://e/x#y") == "https://e/x");
  CHECK(at("javascript:x") == "url.invalid");
  CHECK(at("x:y/z?q=a b") == "url.invalid");
}

TEST_CASE("percent encoding is undone, and what is broken is refused") {
  CHECK(percentEncoded("a b&ü/") == "a%20b%26%C3%BC%2F");
  CHECK(*percentDecoded("a%20b+c%C3%BC") == "a b+cü");
  CHECK(*percentDecoded("a+b", true) == "a b");
  for (const char* text : {"%", "%2", "%2x", "a%"}) CHECK_FALSE(percentDecoded(text).has_value());
}

}  // namespace weir
