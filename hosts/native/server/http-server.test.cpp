// The server over real sockets: answers that come from other threads, what is posted to it, and how it ends.
#include "hosts/native/server/http-server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "hosts/native/descriptor.h"

using namespace weir;
using namespace weir::native;

namespace {

/// `/later` waits until another thread has said what to answer, `/stream` gives what was put into it; all else is
/// answered at once.
class TestHandler final : public HttpHandler {
 public:
  std::unique_ptr<HttpTurn> begin(HttpRequest request, Waker waker) override {
    return std::make_unique<Turn>(*this, std::move(request), std::move(waker));
  }
  int work() override {
    ++works;
    return 1'000;
  }
  void say(std::string text) {
    const std::scoped_lock held(lock_);
    text_ = std::move(text);
    for (const auto& waker : waiting_) waker.wake();
  }
  std::atomic<int> works{0}, waiting{0}, open{0};

 private:
  class Turn final : public HttpTurn {
   public:
    Turn(TestHandler& handler, HttpRequest request, Waker waker) : handler_(handler), request_(std::move(request)) {
      ++handler_.open;
      if (request_.path == "/now") return;
      const std::scoped_lock held(handler_.lock_);
      handler_.waiting_.push_back(std::move(waker));
      ++handler_.waiting;
    }
    ~Turn() override { --handler_.open; }
    bool takesBody() const override { return false; }
    void body(std::string_view /*piece*/) override {}
    void endBody() override {}
    void step() override {}
    HttpAnswer* answer() override {
      const std::scoped_lock held(handler_.lock_);
      answer_.inPieces = request_.path == "/stream";
      if (request_.path == "/later" && handler_.text_.empty()) return nullptr;
      answer_.body = request_.path == "/later" ? handler_.text_ : "now";
      return &answer_;
    }
    Next next(std::string& into) override {
      const std::scoped_lock held(handler_.lock_);
      if (handler_.text_.empty()) return Next::wait;
      into = std::exchange(handler_.text_, {});
      return into == "end" ? Next::end : Next::piece;
    }

   private:
    TestHandler& handler_;
    HttpRequest request_;
    HttpAnswer answer_;
  };
  std::mutex lock_;
  std::string text_;
  std::vector<Waker> waiting_;
};

class TestClient {
 public:
  explicit TestClient(const HttpServer& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const auto address = server.address();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  void send(std::string_view text) { CHECK(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0); }
  void ask(std::string_view path) { send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n"); }
  /// What has come when `end` stands at its end, or the server has closed.
  std::string readTo(std::string_view end) {
    std::string said;
    char buffer[4096];
    while (end.empty() || !said.ends_with(end)) {
      const auto got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
      if (got <= 0) break;
      said.append(buffer, static_cast<std::size_t>(got));
    }
    return said;
  }
  void endSending() { ::shutdown(socket_.get(), SHUT_WR); }
  bool connected = false;

 private:
  Descriptor socket_;
};

HttpServerOptions anyPort() {
  HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  return options;
}

template <class Holds>
void until(Holds holds) {
  while (!holds()) std::this_thread::yield();
}

}  // namespace

TEST_CASE("answers and pieces that another thread has made are sent when it wakes the server") {
  TestHandler handler;
  HttpServer server(anyPort(), handler);
  REQUIRE(server.start().has_value());
  TestClient one(server), other(server);
  one.ask("/later");
  other.ask("/later");
  until([&] { return handler.waiting == 2; });
  std::thread([&] { handler.say("from elsewhere"); }).join();
  CHECK(one.readTo("elsewhere").starts_with("HTTP/1.1 200 OK"));
  CHECK(other.readTo("elsewhere").starts_with("HTTP/1.1 200 OK"));
  handler.say("");
  one.ask("/stream");
  CHECK(one.readTo("\r\n\r\n").find("transfer-encoding: chunked") != std::string::npos);
  std::thread([&] { handler.say("piece"); }).join();
  CHECK(one.readTo("5\r\npiece\r\n") == "5\r\npiece\r\n");
  std::thread([&] { handler.say("end"); }).join();
  CHECK(one.readTo("0\r\n\r\n") == "0\r\n\r\n");
}

TEST_CASE("a client that says nothing more is answered all the same, and the connection ends then") {
  TestHandler handler;
  HttpServer server(anyPort(), handler);
  REQUIRE(server.start());
  for (int i = 0; i < 50; ++i) {
    TestClient client(server);
    REQUIRE(client.connected);
    client.ask("/now");
    client.ask("/now");
    client.endSending();
    const auto said = client.readTo("");
    CHECK(said.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(said.ends_with("\r\n\r\nnow"));
    CHECK(said.find("\r\n\r\nnowHTTP/1.1 200 OK\r\n") != std::string::npos);
  }
  until([&] { return handler.open == 0; });
}

TEST_CASE("an answer that is larger than what the network holds comes whole, while others are answered") {
  TestHandler handler;
  HttpServer server(anyPort(), handler);
  REQUIRE(server.start());
  TestClient slow(server), quick(server);
  slow.ask("/later");
  until([&] { return handler.waiting == 1; });
  const auto large = std::string(32 << 20, 'x') + "the end";
  handler.say(large);
  for (int i = 0; i < 20; ++i) {
    quick.ask("/now");
    CHECK(quick.readTo("now").ends_with("\r\n\r\nnow"));
  }
  const auto said = slow.readTo("the end");
  CHECK(said.size() > large.size());
  CHECK(said.ends_with(large));
  slow.ask("/now");
  CHECK(slow.readTo("now").ends_with("\r\n\r\nnow"));
}

TEST_CASE("what is posted and what is woken runs on the server's thread") {
  TestHandler handler;
  HttpServer server(anyPort(), handler);
  REQUIRE(server.start().has_value());
  std::atomic<bool> ran{false};
  std::atomic<int> before{0};
  server.post([&] {
    before = handler.works.load();
    ran = true;
  });
  until([&] { return ran.load(); });
  server.waker().wake();
  until([&] { return handler.works > before; });
}

TEST_CASE("a server that drains takes nobody new, answers what was asked, and is done then") {
  TestHandler handler;
  HttpServer server(anyPort(), handler);
  REQUIRE(server.start().has_value());
  TestClient busy(server), idle(server);
  idle.ask("/now");
  CHECK(idle.readTo("now").ends_with("now"));
  busy.ask("/later");
  until([&] { return handler.waiting == 1; });
  server.drain();
  CHECK(idle.readTo("").empty());
  CHECK(!server.drained(0));
  handler.say("at last");
  const auto said = busy.readTo("");
  CHECK(said.find("connection: close") != std::string::npos);
  CHECK(said.ends_with("at last"));
  until([&] { return server.drained(50); });
  CHECK(!TestClient(server).connected);
}

TEST_CASE("a server that stops lets go of what is under way") {
  TestHandler handler;
  {
    HttpServer server(anyPort(), handler);
    REQUIRE(server.start().has_value());
    TestClient client(server);
    client.ask("/later");
    until([&] { return handler.waiting == 1; });
    server.stop();
    CHECK(client.readTo("").empty());
    handler.say("too late");  // its waker reaches nobody
  }
  CHECK(handler.open == 0);
}

TEST_CASE("a client that leaves before its answer costs nothing") {
  TestHandler handler;
  HttpServer server(anyPort(), handler);
  REQUIRE(server.start().has_value());
  {
    TestClient client(server);
    client.ask("/stream");
    until([&] { return handler.waiting == 1; });
  }
  until([&] { return handler.open == 0; });
}

TEST_CASE("a place to listen at is named as people do") {
  TestHandler handler;
  HttpServer nowhere({.listen = "nowhere"}, handler);
  CHECK(nowhere.start().error().code == "server.listen");
  HttpServer first(anyPort(), handler);
  REQUIRE(first.start().has_value());
  HttpServer second({.listen = first.address().substr(7)}, handler);
  const auto taken = second.start();
  REQUIRE(!taken.has_value());
  CHECK(taken.error().message.find("another program listens there") != std::string::npos);
}
