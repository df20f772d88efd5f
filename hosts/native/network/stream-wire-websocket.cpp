// WebSocket clients.
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "hosts/native/network/stream-wire.h"

namespace weir::native {
namespace {

namespace websocket = beast::websocket;

/// How long a server that has said goodbye may take to hang up (RFC 6455 7.1.1 leaves it to the server, without a
/// time).
constexpr std::chrono::seconds kGoodbye{1};

Error socketError(const ErrorCode& error, const std::string& where, std::string_view what) {
  if (error == websocket::error::message_too_big)
    return {"websocket.too_large",
            where + ": a message is larger than the limit; raise maxMessageBytes, or ask for less", true};
  if (error == websocket::error::upgrade_declined)
    return {"websocket.protocol", where + " does not take WebSocket connections here", true};
  if (error.category() == make_error_code(websocket::error::closed).category())
    return {"websocket.protocol", where + ": " + error.message(), true};
  return connectionError(error, where, what);
}

template <class Stream>
class SocketWire final : public StreamWire {
 public:
  SocketWire(std::unique_ptr<Stream> stream, MeteredSocket place, std::string where)
      : socket_(std::move(*stream)),
        place_(std::move(place)),
        where_(std::move(where)),
        goodbye_(socket_.get_executor()) {
    socket_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::close) hangUpSoon();
    });
  }

  asio::awaitable<Result<Unit>> begin(const StreamTarget& target, const Url& url, std::vector<HttpHeader> headers) {
    auto times = websocket::stream_base::timeout::suggested(beast::role_type::client);
    times.handshake_timeout = std::chrono::milliseconds(target.connectTimeoutMs);
    if (target.idleTimeoutMs > 0) {
      times.idle_timeout = std::chrono::milliseconds(target.idleTimeoutMs);
      times.keep_alive_pings = true;
    } else {
      times.idle_timeout = websocket::stream_base::none();
    }
    beast::get_lowest_layer(socket_).expires_never();  // the socket has times of its own
    socket_.set_option(times);
    socket_.set_option(
        websocket::stream_base::decorator([headers = std::move(headers)](websocket::request_type& request) {
          request.set(beast::http::field::user_agent, "weir");
          for (const auto& header : headers) request.set(header.name, header.value);
        }));
    websocket::permessage_deflate deflate;
    deflate.client_enable = true;
    socket_.set_option(deflate);
    socket_.read_message_max(static_cast<std::size_t>(target.maxMessageBytes));
    websocket::response_type response;
    const auto [error] = co_await socket_.async_handshake(response, url.authority(), url.target, kTuple);
    if (error == websocket::error::upgrade_declined) {
      const int status = static_cast<int>(response.result_int());
      const bool again = status == 408 || status == 425 || status == 429 || status >= 500;
      co_return fail("http.status",
                     where_ + " answered with status " + std::to_string(status) + " in place of a WebSocket", again);
    }
    if (error) co_return std::unexpected(socketError(error, where_, "agreeing on WebSocket"));
    co_return Unit{};
  }

  asio::awaitable<Result<StreamPiece>> read() override {
    beast::flat_buffer buffer;
    const auto [error, bytes] = co_await socket_.async_read(buffer, kTuple);
    // Who has said goodbye need not hang up nicely.
    if (error && (error == websocket::error::closed || socket_.reason().code != websocket::close_code::none)) {
      ended_ = true;
      co_return StreamPiece{};
    }
    if (error) co_return std::unexpected(socketError(error, where_, "reading"));
    co_return StreamPiece{beast::buffers_to_string(buffer.data()), socket_.got_text()};
  }

  asio::awaitable<Result<Unit>> write(const StreamPiece& piece) override {
    socket_.text(piece.text);
    const auto [error, bytes] = co_await socket_.async_write(asio::buffer(piece.bytes), kTuple);
    if (error) co_return std::unexpected(socketError(error, where_, "writing"));
    co_return Unit{};
  }

  void cancel() override {
    goodbye_.cancel();
    place_.leave();
    beast::get_lowest_layer(socket_).close();
  }
  [[nodiscard]] bool isEnd(const StreamPiece&) const override { return ended_; }

 private:
  /// Reading and writing wait until the server hangs up; one that never does would hold them for ever.
  void hangUpSoon() {
    goodbye_.expires_after(kGoodbye);
    goodbye_.async_wait([this, here = std::weak_ptr<int>(here_)](const ErrorCode& error) {
      if (error || here.expired()) return;
      place_.leave();
      beast::get_lowest_layer(socket_).close();
    });
  }

  websocket::stream<Stream> socket_;
  MeteredSocket place_;
  std::string where_;
  asio::steady_timer goodbye_;
  std::shared_ptr<int> here_ = std::make_shared<int>();  // the timer's end may be on its way when this is gone
  bool ended_ = false;
};

template <class Stream>
asio::awaitable<Result<std::unique_ptr<StreamWire>>> begun(std::unique_ptr<Stream> stream, MeteredSocket place,
                                                           const StreamTarget& target, const Url& url,
                                                           std::vector<HttpHeader> headers) {
  auto wire = std::make_unique<SocketWire<Stream>>(std::move(stream), std::move(place), url.origin());
  auto result = co_await wire->begin(target, url, std::move(headers));
  if (!result) co_return std::unexpected(std::move(result.error()));
  co_return wire;
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<StreamWire>>> openWebSocket(AsioCore& core, StreamTarget target, Url url) {
  auto headers = revealedHeaders(core, target, url);
  if (!headers) co_return std::unexpected(std::move(headers.error()));
  // Through a proxy even an unencrypted one needs a tunnel, which only TLS gets here; so it goes directly.
  const auto* proxy = url.secure() ? core.settings().proxies.proxyFor(url) : nullptr;
  auto link =
      co_await core.dial({url.host, url.port, url.secure(), target.caFile, proxy}, afterMs(target.connectTimeoutMs));
  if (!link) co_return std::unexpected(std::move(link.error()));
  if (link->tls)
    co_return co_await begun(std::move(link->tls), std::move(link->place), target, url, std::move(*headers));
  co_return co_await begun(std::move(link->plain), std::move(link->place), target, url, std::move(*headers));
}

}  // namespace weir::native
