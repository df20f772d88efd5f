// One client's bytes, without a socket: requests, answers in pieces, limits, and WebSockets.
#include "hosts/native/server/http-connection.h"

#include <doctest/doctest.h>

#include <array>
#include <deque>

using namespace weir;
using namespace weir::native;

namespace {

/// What a client has seen of a WebSocket.
struct Seen {
  std::vector<std::string> texts, binaries;
  WebSocketSender* sender = nullptr;
  int gone = 0, drained = 0;
};

class EchoSocket final : public WebSocketHandler {
 public:
  explicit EchoSocket(Seen& seen) : seen_(seen) {}
  ~EchoSocket() override { ++seen_.gone; }
  void opened(WebSocketSender& sender) override { seen_.sender = &sender; }
  void text(std::string_view message) override {
    seen_.texts.emplace_back(message);
    seen_.sender->send(textFrame(message));
  }
  void binary(std::string_view message) override { seen_.binaries.emplace_back(message); }
  void drained() override { ++seen_.drained; }
  std::size_t mostMessageBytes() const override { return 1000; }

 private:
  Seen& seen_;
};

/// `/echo` answers with its body, `/pieces` with a, b, c, `/later` when it is told to, `/socket` is a WebSocket.
struct TestHandler final : HttpHandler {
  struct Turn final : HttpTurn {
    Turn(TestHandler& handler, HttpRequest asked) : handler(handler), request(std::move(asked)) { ++handler.open; }
    ~Turn() override { --handler.open; }
    bool takesBody() const override { return request.path == "/echo" && !whole; }
    void body(std::string_view piece) override { got += piece; }
    void endBody() override { whole = true; }
    void step() override {}
    HttpAnswer* answer() override {
      if (request.path == "/echo" && !whole) return nullptr;
      if (request.path == "/later" && !handler.now) return nullptr;
      made.body = request.path == "/large" ? std::string(300'000, 'x') : got;
      made.inPieces = request.path == "/pieces" || request.path == "/endless";
      if (request.path == "/split") made.headers = {{"location", handler.header}};
      if (request.path == "/socket") made.headers = {{"x-from", handler.header}};
      if (request.path == "/socket") made.socket = std::make_unique<EchoSocket>(handler.seen);
      return &made;
    }
    Next next(std::string& into) override {
      if (request.path == "/endless") {
        into.assign(50'000, 'x');
        return Next::piece;
      }
      if (handler.pieces.empty()) return handler.ended ? Next::end : Next::wait;
      into = handler.pieces.front();
      handler.pieces.pop_front();
      return Next::piece;
    }
    TestHandler& handler;
    HttpRequest request;
    HttpAnswer made;
    std::string got;
    bool whole = false;
  };
  std::unique_ptr<HttpTurn> begin(HttpRequest request, Waker) override {
    asked.push_back(request);
    return std::make_unique<Turn>(*this, std::move(request));
  }
  std::vector<HttpRequest> asked;
  std::deque<std::string> pieces{"a", "b", "c"};
  std::string header = "/x";
  Seen seen;
  bool now = false, ended = true;
  int open = 0;
};

struct Client {
  TestHandler handler;
  HttpPlace place{.handler = handler, .limits = {}, .headers = "x-all: 1\r\n", .date = "today"};
  HttpConnection connection{place, "10.1.2.3", false, Waker(), 0};
  std::int64_t nowMs = 0;

  std::string send(std::string_view bytes) {
    connection.received(bytes, nowMs);
    return work();
  }
  /// All that comes, as if the network took everything.
  std::string work() {
    std::string said;
    for (bool more = true; more;) {
      more = connection.work(nowMs);
      const auto piece = take();
      if (!piece.empty()) more = connection.emptied() || more;
      said += piece;
      if (said.size() > 100'000'000) break;
    }
    return said;
  }
  std::string take() {
    std::string said;
    std::array<std::string_view, 4> pieces;
    while (!connection.out().empty()) {
      const auto count = connection.out().first(pieces);
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < count; ++i) {
        said += pieces[i];
        bytes += pieces[i].size();
      }
      connection.out().took(bytes);
    }
    return said;
  }
};

constexpr std::string_view kHandshake =
    "GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

std::string frame(int first, std::string_view payload, bool masked = true) {
  std::string out(1, static_cast<char>(first));
  const auto mask = masked ? 0x80 : 0;
  if (payload.size() < 126) {
    out += static_cast<char>(mask | static_cast<int>(payload.size()));
  } else {
    out += static_cast<char>(mask | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xFF);
  }
  if (!masked) return out.append(payload);
  const std::string key = "\x11\x22\x33\x44";
  out += key;
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ key[i % 4]);
  return out;
}

}  // namespace

TEST_CASE("a body comes to its turn however it is cut") {
  const std::string request = "POST /echo?a=b HTTP/1.1\r\nHost: a\r\nX-One: Two\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    Client client;
    CHECK(client.send(request.substr(0, cut)).empty());
    const auto said = client.send(request.substr(cut));
    CHECK(said == "HTTP/1.1 200 OK\r\ndate: today\r\nx-all: 1\r\ncontent-length: 5\r\n\r\nhello");
    REQUIRE(client.handler.asked.size() == 1);
    CHECK(client.handler.asked[0].query == "a=b");
    CHECK(client.handler.asked[0].headers[1] == std::pair<std::string, std::string>{"x-one", "Two"});
    CHECK(client.handler.asked[0].remote == "10.1.2.3");
  }
}

TEST_CASE("chunks come to their turn however they are cut") {
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    Client client;
    CHECK(client.send(request.substr(0, cut)).empty());
    CHECK(client.send(request.substr(cut)).ends_with("\r\n\r\nabcde"));
  }
}

TEST_CASE("S7: a header with a line break or NUL in it is never sent, whoever has made it") {
  CHECK(Client().send("GET /split HTTP/1.1\r\nHost: a\r\n\r\n").contains("\r\nlocation: /x\r\n"));
  for (const std::string& bad : {std::string("a\r\nx-injected: yes"), std::string("a\nx-injected: yes"),
                                 std::string("a\rx"), std::string("a\0x", 3)}) {
    for (const auto asked : {std::string_view("GET /split HTTP/1.1\r\nHost: a\r\n\r\n"), kHandshake}) {
      Client client;
      client.handler.header = bad;
      const auto said = client.send(asked);
      CHECK(said.starts_with("HTTP/1.1 500 "));
      CHECK(said.contains("server.answer"));
      CHECK(!said.contains("x-injected"));
      CHECK(client.connection.closing());
    }
  }
}

TEST_CASE("an answer in pieces is chunked, and as it is for HTTP/1.0") {
  Client client;
  CHECK(client.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n")
            .ends_with("transfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"));
  CHECK(!client.connection.closing());
  Client old;
  CHECK(old.send("GET /pieces HTTP/1.0\r\n\r\n").ends_with("connection: close\r\n\r\nabc"));
  CHECK(old.connection.closing());
}

TEST_CASE("an answer in pieces waits for the network, and goes on when that has taken what there is") {
  Client client;
  client.connection.received("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n", 0);
  static_cast<void>(client.connection.work(0));
  const auto waiting = client.connection.out().bytes();
  CHECK(waiting >= client.place.limits.waitingBytes);
  CHECK(waiting < client.place.limits.waitingBytes + 60'000);
  static_cast<void>(client.connection.work(0));
  CHECK(client.connection.out().bytes() == waiting);
  static_cast<void>(client.take());
  CHECK(client.connection.emptied());
  static_cast<void>(client.connection.work(0));
  CHECK(client.connection.out().bytes() >= client.place.limits.waitingBytes);
}

TEST_CASE("no more requests are taken while the answers of others wait for the network") {
  Client client;
  std::string many;
  for (int i = 0; i < 100; ++i) many += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
  client.connection.received(many, 0);
  static_cast<void>(client.connection.work(0));
  CHECK(client.handler.asked.size() == 1);
  CHECK(client.work().size() > 29'000'000);
  CHECK(client.handler.asked.size() == 100);
}

TEST_CASE("a client that hangs up ends a stream, but still gets an answer that is one whole") {
  Client streams;
  streams.handler.ended = false;
  static_cast<void>(streams.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n"));
  streams.connection.ended();
  static_cast<void>(streams.connection.work(0));
  CHECK(streams.connection.broken());

  Client waits;
  CHECK(waits.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n").empty());
  waits.connection.ended();
  CHECK(waits.work().empty());
  CHECK(!waits.connection.closing());
  waits.handler.now = true;
  CHECK(waits.work().starts_with("HTTP/1.1 200 OK"));
  CHECK(waits.connection.closing());
}

TEST_CASE("who is slow is told so, and who is idle is closed") {
  Client slow;
  CHECK(slow.send("GET / HT").empty());
  CHECK(slow.connection.deadlineMs() == 10'000);
  slow.nowMs = 10'000;
  slow.connection.expire(slow.nowMs);
  CHECK(slow.work().starts_with("HTTP/1.1 408 Request Timeout"));
  CHECK(slow.connection.closing());

  Client idle;
  static_cast<void>(idle.send("POST /echo HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(idle.connection.deadlineMs() == 75'000);
  idle.connection.expire(75'000);
  CHECK(idle.connection.broken());

  Client body;
  CHECK(body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe").empty());
  CHECK(body.connection.deadlineMs() == 60'000);
  body.connection.expire(60'000);
  CHECK(body.work().find("the body of the request was not whole") != std::string::npos);
  CHECK(body.handler.open == 0);
}

TEST_CASE("a large body that nobody wants ends the connection, a small one is dropped") {
  Client client;
  const auto head = [](std::size_t bytes) {
    return "POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
  };
  CHECK(client.send(head(3)).find("connection: close") == std::string::npos);
  CHECK(client.send("abcPOST /echo HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200"));
  CHECK(client.send(head(2'000'000)).find("connection: close") != std::string::npos);
  CHECK(client.connection.closing());
}

TEST_CASE("a WebSocket answers the sample of RFC 6455, and messages come however they are cut") {
  Client client;
  const auto said = client.send(kHandshake);
  CHECK(said.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK(said.find("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
  const auto message = frame(0x81, "hello") + frame(0x01, "in ") + frame(0x89, "?") + frame(0x80, "two") +
                       frame(0x82, std::string(300, 'b'));
  std::string answer;
  for (const char c : message) answer += client.send(std::string_view(&c, 1));
  CHECK(client.handler.seen.texts == std::vector<std::string>{"hello", "in two"});
  CHECK(client.handler.seen.binaries == std::vector<std::string>{std::string(300, 'b')});
  CHECK(answer == frame(0x81, "hello", false) + frame(0x8A, "?", false) + frame(0x81, "in two", false));
  CHECK(client.handler.seen.drained >= 2);
  CHECK(client.send(frame(0x88, "\x03\xE8")) == frame(0x88, "\x03\xE8", false));
  CHECK(client.connection.closing());
}

TEST_CASE("what breaks the rules of WebSockets ends with the code for it") {
  const auto closes = [](const std::string& bytes) {
    Client client;
    static_cast<void>(client.send(kHandshake));
    const auto said = client.send(bytes);
    REQUIRE(said.size() >= 4);
    CHECK(static_cast<unsigned char>(said[0]) == 0x88);
    CHECK(client.connection.closing());
    return static_cast<unsigned char>(said[2]) << 8 | static_cast<unsigned char>(said[3]);
  };
  CHECK(closes(frame(0x81, "clear", false)) == 1002);
  CHECK(closes(frame(0xC1, "extended")) == 1002);
  CHECK(closes(frame(0x83, "reserved")) == 1002);
  CHECK(closes(frame(0x80, "continues nothing")) == 1002);
  CHECK(closes(frame(0x01, "a") + frame(0x81, "b")) == 1002);
  CHECK(closes(frame(0x09, "cut ping")) == 1002);
  CHECK(closes(frame(0x89, std::string(126, 'x'))) == 1002);
  CHECK(closes(frame(0x81, "\xFF\xFE")) == 1007);
  CHECK(closes(frame(0x81, std::string(1001, 'x'))) == 1009);
  CHECK(closes(frame(0x01, std::string(600, 'x')) + frame(0x80, std::string(600, 'x'))) == 1009);
  CHECK(closes(frame(0x88, "\x03")) == 1002);
  CHECK(closes(frame(0x88, std::string("\x03\xED", 2))) == 1002);
}

TEST_CASE("a request that is no proper handshake is told how to make one") {
  Client client;
  const auto said = client.send("GET /socket HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(said.starts_with("HTTP/1.1 426 Upgrade Required"));
  CHECK(client.handler.seen.gone == 1);
}

TEST_CASE("a WebSocket that is silent is asked, and given up when it stays so") {
  Client client;
  static_cast<void>(client.send(kHandshake));
  CHECK(client.connection.deadlineMs() == 30'000);
  client.connection.expire(30'000);
  client.nowMs = 30'000;
  CHECK(client.work() == frame(0x89, "", false));
  CHECK(client.connection.deadlineMs() == 60'000);
  client.connection.expire(60'000);
  static_cast<void>(client.work());
  CHECK(client.connection.broken());
}

TEST_CASE("what a proxy says of the client counts only if the proxy is trusted, and not what stands before it") {
  const auto seen = [](std::string_view trusted, std::string_view headers) {
    Client client;
    if (!trusted.empty()) client.place.trustedProxies.push_back(*parseRange(trusted));
    HttpConnection connection(client.place, "10.1.2.3", false, Waker(), 0);
    connection.received("GET /echo HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n", 0);
    static_cast<void>(connection.work(0));
    REQUIRE(client.handler.asked.size() == 1);
    return client.handler.asked[0].remote + (client.handler.asked[0].secure ? " secure" : "");
  };
  constexpr std::string_view kSaid = "X-Forwarded-For: 1.1.1.1, 2.2.2.2\r\nX-Forwarded-Proto: https\r\n";
  CHECK(seen("", kSaid) == "10.1.2.3");
  CHECK(seen("192.168.0.0/16", kSaid) == "10.1.2.3");
  CHECK(seen("10.0.0.0/8", kSaid) == "2.2.2.2 secure");
  CHECK(seen("10.0.0.0/8", "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 3.3.3.3, 10.9.9.9\r\n") == "3.3.3.3");
  CHECK(seen("10.0.0.0/8", "X-Forwarded-For: 1.1.1.1, <script>\r\n") == "10.1.2.3");
  CHECK(seen("10.0.0.0/8", "") == "10.1.2.3");
}
