// Fuzzes a client's bytes, in pieces of which the first byte says how large they are: requests with their bodies, and,
// behind a handshake, frames of a WebSocket. No crash, answers that are HTTP, texts that are UTF-8.
#include "hosts/native/server/http-connection.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/data/check.h"
#include "engine/text/utf8.h"

namespace {

using namespace weir;
using namespace weir::native;

class EchoSocket final : public WebSocketHandler {
 public:
  void opened(WebSocketSender& sender) override { sender_ = &sender; }
  void text(std::string_view message) override {
    WEIR_CHECK(utf8::isValid(message) && message.size() <= mostMessageBytes());
    sender_->send(textFrame(message));
  }
  void binary(std::string_view message) override { sender_->send(binaryFrame(message)); }
  std::size_t mostMessageBytes() const override { return 1 << 12; }

 private:
  WebSocketSender* sender_ = nullptr;
};

class EchoTurn final : public HttpTurn {
 public:
  explicit EchoTurn(const HttpRequest& request)
      : pieces_(request.method == "PIECES"), socket_(request.path == "/socket") {}
  bool takesBody() const override { return !whole_ && !socket_; }
  void body(std::string_view piece) override { got_ += piece; }
  void endBody() override { whole_ = true; }
  void step() override {}
  HttpAnswer* answer() override {
    if (!whole_ && !socket_) return nullptr;
    if (socket_) answer_.socket = std::make_unique<EchoSocket>();
    answer_.inPieces = pieces_;
    if (!pieces_) answer_.body = std::move(got_);
    return &answer_;
  }
  Next next(std::string& into) override {
    if (got_.empty()) return Next::end;
    into = std::exchange(got_, {});
    return Next::piece;
  }

 private:
  HttpAnswer answer_;
  std::string got_;
  bool whole_ = false;
  const bool pieces_, socket_;
};

struct EchoHandler final : HttpHandler {
  std::unique_ptr<HttpTurn> begin(HttpRequest request, Waker) override {
    WEIR_CHECK(request.path.starts_with('/'));
    return std::make_unique<EchoTurn>(request);
  }
};

void drain(HttpConnection& connection) {
  std::array<std::string_view, 4> pieces;
  for (int rounds = 0; rounds < 1000; ++rounds) {
    const bool again = connection.work(1);
    while (!connection.out().empty()) {
      const auto count = connection.out().first(pieces);
      WEIR_CHECK(count > 0);
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < count; ++i) bytes += pieces[i].size();
      connection.out().took(bytes);
    }
    if (!connection.emptied() && !again) return;
  }
}

constexpr std::string_view kHandshake =
    "GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = (data[0] & 0x7F) + 1;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  EchoHandler handler;
  HttpPlace place{.handler = handler, .limits = {}, .headers = {}, .date = "today"};
  place.limits.droppedBytes = 1 << 10;
  HttpConnection connection(place, "127.0.0.1", false, Waker(), 0);
  if ((data[0] & 0x80) != 0) {
    connection.received(kHandshake, 0);
    drain(connection);
  }
  while (!text.empty() && connection.wantsBytes() && !connection.broken()) {
    const auto piece = text.substr(0, step);
    connection.received(piece, 1);
    drain(connection);
    text.remove_prefix(piece.size());
  }
  connection.ended();
  drain(connection);
  return 0;
}
