// Plain and encrypted TCP, and endless answers of HTTP.
#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "engine/text/base64.h"
#include "engine/text/utf8.h"
#include "hosts/native/network/stream-wire.h"

namespace weir::native {
namespace {

namespace http = beast::http;
constexpr std::size_t kReadBytes = 64 * 1024;

bool isEnded(const ErrorCode& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

class TcpWire final : public StreamWire {
 public:
  TcpWire(Link link, std::int64_t idleTimeoutMs, std::string where)
      : link_(std::move(link)), idleMs_(idleTimeoutMs), where_(std::move(where)), buffer_(kReadBytes) {}

  asio::awaitable<Result<StreamPiece>> read() override {
    // One deadline serves both directions; what is written meanwhile sets it anew.
    if (idleMs_ > 0) {
      link_.lowest().expires_after(std::chrono::milliseconds(idleMs_));
    } else {
      link_.lowest().expires_never();
    }
    ErrorCode error;
    std::size_t bytes = 0;
    if (link_.tls) {
      std::tie(error, bytes) = co_await link_.tls->async_read_some(asio::buffer(buffer_), kTuple);
    } else {
      std::tie(error, bytes) = co_await link_.plain->async_read_some(asio::buffer(buffer_), kTuple);
    }
    if (isEnded(error)) co_return StreamPiece{};
    if (error) co_return std::unexpected(connectionError(error, where_, "reading"));
    co_return StreamPiece{std::string(buffer_.data(), bytes), false};
  }

  asio::awaitable<Result<Unit>> write(const StreamPiece& piece) override {
    ErrorCode error;
    std::size_t bytes = 0;
    if (link_.tls) {
      std::tie(error, bytes) = co_await asio::async_write(*link_.tls, asio::buffer(piece.bytes), kTuple);
    } else {
      std::tie(error, bytes) = co_await asio::async_write(*link_.plain, asio::buffer(piece.bytes), kTuple);
    }
    if (error) co_return std::unexpected(connectionError(error, where_, "writing"));
    co_return Unit{};
  }

  void cancel() override {
    link_.place.leave();
    link_.lowest().close();
  }

 private:
  Link link_;
  std::int64_t idleMs_;
  std::string where_;
  std::vector<char> buffer_;
};

class HttpWire final : public StreamWire {
 public:
  HttpWire(Link link, StreamTarget target, std::string where)
      : link_(std::move(link)), target_(std::move(target)), where_(std::move(where)) {
    parser_.header_limit(64 * 1024);
    parser_.body_limit(boost::none);
  }

  asio::awaitable<Result<Unit>> begin(http::request<http::empty_body> request) {
    link_.lowest().expires_at(afterMs(target_.connectTimeoutMs));
    ErrorCode error;
    std::size_t bytes = 0;
    if (link_.tls) {
      std::tie(error, bytes) = co_await http::async_write(*link_.tls, request, kTuple);
      if (!error) std::tie(error, bytes) = co_await http::async_read_header(*link_.tls, link_.rest, parser_, kTuple);
    } else {
      std::tie(error, bytes) = co_await http::async_write(*link_.plain, request, kTuple);
      if (!error) std::tie(error, bytes) = co_await http::async_read_header(*link_.plain, link_.rest, parser_, kTuple);
    }
    if (error) co_return std::unexpected(connectionError(error, where_, "waiting for the answer"));
    const int status = static_cast<int>(parser_.get().result_int());
    if (status == 200) co_return Unit{};
    const bool again = status == 408 || status == 425 || status == 429 || status >= 500;
    co_return fail("http.status", where_ + " answered with status " + std::to_string(status), again);
  }

  asio::awaitable<Result<StreamPiece>> read() override {
    while (!parser_.is_done()) {
      parser_.get().body().data = buffer_.data();
      parser_.get().body().size = buffer_.size();
      if (target_.idleTimeoutMs > 0) {
        link_.lowest().expires_after(std::chrono::milliseconds(target_.idleTimeoutMs));
      } else {
        link_.lowest().expires_never();
      }
      ErrorCode error;
      std::size_t bytes = 0;
      if (link_.tls) {
        std::tie(error, bytes) = co_await http::async_read_some(*link_.tls, link_.rest, parser_, kTuple);
      } else {
        std::tie(error, bytes) = co_await http::async_read_some(*link_.plain, link_.rest, parser_, kTuple);
      }
      const auto filled = buffer_.size() - parser_.get().body().size;
      if (filled > 0) co_return StreamPiece{std::string(buffer_.data(), filled), false};
      if (error == http::error::need_buffer) continue;
      if (error == http::error::end_of_stream || error == http::error::partial_message) co_return StreamPiece{};
      if (error) co_return std::unexpected(connectionError(error, where_, "reading"));
    }
    co_return StreamPiece{};
  }

  asio::awaitable<Result<Unit>> write(const StreamPiece&) override {
    co_return fail("http.protocol", where_ + ": an answer is only read");
  }
  void cancel() override {
    link_.place.leave();
    link_.lowest().close();
  }

 private:
  Link link_;
  StreamTarget target_;
  std::string where_;
  http::response_parser<http::buffer_body> parser_;
  std::array<char, kReadBytes> buffer_{};
};

}  // namespace

std::unique_ptr<StreamWire> makeTcpWire(Link link, std::int64_t idleTimeoutMs, std::string where) {
  return std::make_unique<TcpWire>(std::move(link), idleTimeoutMs, std::move(where));
}

Result<std::vector<HttpHeader>> revealedHeaders(const AsioCore& core, const StreamTarget& target, const Url& url) {
  std::vector<HttpHeader> headers;
  for (const auto& header : target.headers) {
    const auto name = utf8::lowerAscii(header.name);
    WEIR_ASSIGN(auto value, core.reveal(header.value, url));
    const auto isControl = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; };
    const bool good = !name.empty() && name.find_first_of(" :\t\r\n") == std::string::npos &&
                      std::ranges::none_of(value, isControl) && name != "host" && name != "connection" &&
                      name != "upgrade" && !name.starts_with("sec-websocket");
    if (!good) return fail("http.protocol", "the header '" + header.name + "' cannot be set");
    headers.push_back({header.name, std::move(value)});
  }
  if (!target.user.empty() || !target.password.empty()) {
    WEIR_ASSIGN(const auto user, core.reveal(target.user, url));
    WEIR_ASSIGN(const auto password, core.reveal(target.password, url));
    headers.push_back({"Authorization", "Basic " + encodeBase64(user + ":" + password)});
  }
  return headers;
}

asio::awaitable<Result<std::unique_ptr<StreamWire>>> openHttpStream(AsioCore& core, StreamTarget target, Url url) {
  const auto headers = revealedHeaders(core, target, url);
  if (!headers) co_return std::unexpected(headers.error());
  const auto* proxy = core.settings().proxies.proxyFor(url);
  auto link =
      co_await core.dial({url.host, url.port, url.secure(), target.caFile, proxy}, afterMs(target.connectTimeoutMs));
  if (!link) co_return std::unexpected(std::move(link.error()));
  http::request<http::empty_body> request(
      http::verb::get, proxy != nullptr && !url.secure() ? url.origin() + url.target : url.target, 11);
  request.set(http::field::host, url.authority());
  request.set(http::field::user_agent, "weir");
  for (const auto& header : *headers) request.set(header.name, header.value);
  auto wire = std::make_unique<HttpWire>(std::move(*link), std::move(target), url.origin());
  auto begun = co_await wire->begin(std::move(request));
  if (!begun) co_return std::unexpected(std::move(begun.error()));
  co_return wire;
}

}  // namespace weir::native
