// Heads of requests and their chunks: what is understood, and what is refused though other readers let it through.
#include "hosts/native/network/request-head.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace weir::native;

namespace {

constexpr std::string_view kPost = "POST /a HTTP/1.1\r\nHost: a\r\n";

/// 0 for a head that is whole, -1 for one that needs more, otherwise the status of the refusal.
int statusOf(std::string_view text, std::string* says = nullptr) {
  RequestHead head;
  int status = 0;
  std::string_view why;
  const auto state = parseHead(text, head, status, why);
  if (says != nullptr) *says = why;
  if (state == HeadState::more) return -1;
  return state == HeadState::complete ? 0 : status;
}
int statusOfPost(std::string_view headers, std::string* says = nullptr) {
  return statusOf(std::string(kPost).append(headers).append("\r\n"), says);
}

struct Body {
  ChunkReader::State state = ChunkReader::State::more;
  std::string text;
  std::size_t used = 0;
};
Body readChunks(std::string_view text, std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  Body body;
  ChunkReader reader;
  body.state = reader.read(text, body.used, body.text, most);
  return body;
}
bool isRefused(std::string_view text) { return readChunks(text).state == ChunkReader::State::wrong; }

}  // namespace

TEST_CASE("a head is read without copying") {
  const std::string text =
      "PATCH /a%20b?c=d HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nx-padded: \t two words \t\r\nContent-Length: 12\r\n"
      "Expect: 100-Continue\r\n\r\nwhat follows";
  RequestHead head;
  int status = 0;
  std::string_view why;
  REQUIRE(parseHead(text, head, status, why) == HeadState::complete);
  CHECK(head.bytes == text.find("what follows"));
  CHECK(head.method == "PATCH");
  CHECK(head.target == "/a%20b?c=d");
  REQUIRE(head.headerCount == 5);
  CHECK(head.header("x-empty") == "");
  CHECK(head.header("x-padded") == "two words");
  CHECK(head.header("x-none") == std::nullopt);
  CHECK(head.headers[2].value.data() > text.data());
  CHECK(head.headers[2].value.data() < text.data() + text.size());
  CHECK(head.contentLength == 12);
  CHECK(head.expectsContinue);
  CHECK(head.keepAlive);
  CHECK(!head.old);
  REQUIRE(parseHead("GET / HTTP/1.0\r\n\r\n", head, status, why) == HeadState::complete);
  CHECK(head.old);
  CHECK(!head.keepAlive);
  CHECK(!head.expectsContinue);
  CHECK(head.contentLength == 0);
  REQUIRE(parseHead("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", head, status, why) == HeadState::complete);
  CHECK(head.keepAlive);
  REQUIRE(parseHead("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", head, status, why) ==
          HeadState::complete);
  CHECK(!head.keepAlive);
  for (std::size_t cut = 0; cut + 13 < text.size(); ++cut) CHECK(statusOf(text.substr(0, cut)) == -1);
}

TEST_CASE("L2: what another reader could take for another request is refused") {
  std::string says;
  CHECK(statusOfPost("Content-Length: 3\r\n") == 0);
  CHECK(statusOfPost("Transfer-Encoding: chunked\r\n") == 0);
  // Each of these Beast alone takes.
  CHECK(statusOfPost("Content-Length: 3\r\nContent-Length: 3\r\n", &says) == 400);
  CHECK(says == "there are two lengths");
  CHECK(statusOfPost("Content-Length: 3, 3\r\n") == 400);
  CHECK(statusOfPost("Transfer-Encoding: gzip, chunked\r\n", &says) == 501);
  CHECK(says == "the only transfer encoding is chunked");
  CHECK(statusOfPost("Transfer-Encoding: gzip\r\n") == 501);
  CHECK(statusOfPost("Transfer-Encoding: \r\n") == 501);
  CHECK(statusOfPost("X: one\r\n two\r\n", &says) == 400);
  CHECK(says == "a header goes on in a second line");
  CHECK(statusOfPost("X:\r\n one\r\n") == 400);
  CHECK(statusOfPost("X:\r\n\tone\r\n two\r\n") == 400);
  CHECK(statusOfPost("X:\r\n \r\n") == 400);
  CHECK(statusOfPost("Transfer-Encoding:\r\n chunked\r\n") == 400);
  CHECK(statusOfPost("Host: b\r\n") == 400);
  CHECK(statusOf("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(statusOf("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(statusOf("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(statusOfPost("Expect: magic\r\n") == 417);
  // And these it refuses, too.
  CHECK(statusOfPost("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", &says) == 400);
  CHECK(says == "there are both a length and chunks");
  CHECK(statusOfPost("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", &says) == 400);
  CHECK(says == "there are both a length and chunks");
  CHECK(statusOfPost("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(statusOfPost("Content-Length: 3\r\nContent-Length: 4\r\n") == 400);
  for (const std::string_view length : {"+3", "-3", "0x3", "3 3", "", "3;", "\xD9\xA3", "99999999999999999999"}) {
    CHECK(statusOfPost(std::string("Content-Length: ").append(length).append("\r\n")) == 400);
  }
  CHECK(statusOfPost("Content-Length: 9999999999999999999\r\n") == 413);
  CHECK(statusOfPost("Content-Length : 3\r\n") == 400);
  CHECK(statusOfPost(" Content-Length: 3\r\n") == 400);
  CHECK(statusOfPost("Content-Length\r\n") == 400);
  CHECK(statusOfPost(": 3\r\n") == 400);
  CHECK(statusOfPost("X: a\rb\r\n") == 400);
  CHECK(statusOfPost(std::string_view("X: a\0b\r\n", 8)) == 400);
  CHECK(statusOf("GET / HTTP/1.1\nHost: a\r\n\r\n", &says) == 400);
  CHECK(says == "a line does not end in CR LF");
  CHECK(statusOf("GET / HTTP/1.1\r\nHost: a\n\n", &says) == 400);
  CHECK(says == "a line does not end in CR LF");
  CHECK(statusOfPost("X: a\nContent-Length: 3\r\n") == 400);
  CHECK(statusOf("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n") == 505);
  CHECK(statusOf("GET  / HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(statusOf("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(statusOf("G@T / HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(statusOf("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
  CHECK(statusOf("GET / http/1.1\r\nHost: a\r\n\r\n") == 505);
  CHECK(statusOf("GET /\r\n\r\n") == 400);
  CHECK(statusOf("GET / HT\r\n\r\n") == 400);
  CHECK(statusOf("\r\n\r\n") == 400);
}

TEST_CASE("a head is bounded in bytes and in headers") {
  std::string many;
  for (int i = 0; i < 99; ++i) many += "X: y\r\n";
  CHECK(statusOfPost(many) == 0);
  CHECK(statusOfPost(many + "X: y\r\n") == 431);
  CHECK(statusOfPost("X: " + std::string(32'000, 'y') + "\r\n") == 0);
  CHECK(statusOfPost("X: " + std::string(33'000, 'y') + "\r\n") == 431);
  CHECK(statusOfPost("X: " + std::string(20'000, 'y') + "\r\n " + std::string(5'000, 'y') + "\r\n") == 400);
  CHECK(statusOf(std::string(32'000, 'y')) == -1);
  CHECK(statusOf(std::string(33'000, 'y')) == 431);
}

TEST_CASE("chunks are put together, and what follows them is left alone") {
  const auto body = readChunks("3;name=value;other=\"a b\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nGET /");
  CHECK(body.state == ChunkReader::State::complete);
  CHECK(body.text == "abc0123456789");
  CHECK(body.used ==
        std::string_view("3;name=value;other=\"a b\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n").size());
  CHECK(readChunks("0\r\n\r\n").state == ChunkReader::State::complete);
  CHECK(readChunks("").state == ChunkReader::State::more);
  CHECK(readChunks("3\r\nabc").state == ChunkReader::State::more);
}

TEST_CASE("chunks that come a byte at a time are put together") {
  for (const std::string_view text :
       {"0\r\n\r\n", "0\r\nX: 1\r\n\r\n", "1\r\na\r\n0\r\n\r\n", "3;a=b\r\nabc\r\n0\r\nX: 1\r\n\r\n"}) {
    INFO(text);
    ChunkReader reader;
    std::string body;
    std::size_t used = 0;
    for (std::size_t end = 1; end < text.size(); ++end) {
      REQUIRE(reader.read(text.substr(0, end), used, body, 100) == ChunkReader::State::more);
    }
    CHECK(reader.read(text, used, body, 100) == ChunkReader::State::complete);
    CHECK(used == text.size());
    CHECK(body == readChunks(text).text);
  }
}

TEST_CASE("L2: chunks that can be read in two ways are refused, however they are cut") {
  for (const std::string_view text : {
           "zz\r\n",
           "\r\n",
           "-1\r\n",
           "0x3\r\nabc\r\n",
           " 3\r\nabc\r\n",
           "3 \r\nabc\r\n",
           "3 ;a\r\nabc\r\n",
           "3\nabc\r\n",
           "3\rabc\r\n",
           "3;a\n\r\nabc\r\n",
           "3;a=\"\n\"\r\nabc\r\n",
           "3;=\r\nabc\r\n",
           "000000003\r\nabc\r\n",
           "FFFFFFFFF\r\n",
           "3\r\nabcd\r\n",
           "3\r\nabc\n0\r\n\r\n",
           "3\r\nabcXX0\r\n\r\n",
           "0\r\nContent-Length: 3\r\n\r\n",
           "0\r\nTransfer-Encoding: chunked\r\n\r\n",
           "0\r\nX : y\r\n\r\n",
           "0\r\nX: y\r\n z\r\n\r\n",
           "0\r\nno colon\r\n\r\n",
       }) {
    INFO(text);
    CHECK(isRefused(text));
    ChunkReader reader;
    std::string body;
    std::size_t used = 0;
    auto state = ChunkReader::State::more;
    for (std::size_t end = 1; end <= text.size() && state == ChunkReader::State::more; ++end)
      state = reader.read(text.substr(0, end), used, body, 100);
    CHECK(state == ChunkReader::State::wrong);
  }
}

TEST_CASE("chunks are bounded in what they hold, in their lines and in what follows them") {
  ChunkReader reader;
  std::string body;
  std::size_t used = 0;
  CHECK(reader.read("5\r\nhello\r\n6\r\n", used, body, 10) == ChunkReader::State::wrong);
  CHECK(reader.tooLarge());
  CHECK(readChunks("5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n", 10).state == ChunkReader::State::complete);
  CHECK(readChunks("3;" + std::string(200, 'a')).state == ChunkReader::State::more);
  CHECK(isRefused("3;" + std::string(300, 'a')));
  CHECK(isRefused("3;" + std::string(300, 'a') + "\r\nabc\r\n"));
  CHECK(readChunks("0\r\nX: " + std::string(8'000, 'a')).state == ChunkReader::State::more);
  CHECK(isRefused("0\r\nX: " + std::string(9'000, 'a')));
  CHECK(isRefused("0\r\nX: " + std::string(9'000, 'a') + "\r\n\r\n"));
}

TEST_CASE("a target may name its host, the same that Host names") {
  RequestHead head;
  int status = 0;
  std::string_view why;
  const auto read = [&](const std::string& text) { return parseHead(text, head, status, why); };
  const std::string some = "GET http://weir.example:8080/a?b=c HTTP/1.1\r\nHost: Weir.example:8080\r\n\r\n";
  REQUIRE(read(some) == HeadState::complete);
  CHECK(head.target == "/a?b=c");
  CHECK(head.header("host") == "Weir.example:8080");
  const std::string bare = "GET HTTPS://[::1] HTTP/1.1\r\nHost: [::1]\r\n\r\n";
  REQUIRE(read(bare) == HeadState::complete);
  CHECK(head.target == "/");
  for (const auto* target :
       {"http://", "http:///a", "http://u@h/a", "http://h?a=b", "ftp://h/a", "h/a", "*", "://h/a"}) {
    CAPTURE(target);
    CHECK(statusOf("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
  }
  // There is one Host all the same, and no other.
  CHECK(statusOf("GET http://h/a HTTP/1.1\r\nHost: other\r\n\r\n") == 400);
  CHECK(statusOf("GET http://h/a HTTP/1.1\r\n\r\n") == 400);
}
