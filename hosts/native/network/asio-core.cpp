// Connecting: names, checks, proxies, TLS.
#include "hosts/native/network/asio-core.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>

#include "engine/text/base64.h"

namespace weir::native {
namespace {

using Tcp = asio::ip::tcp;
constexpr std::chrono::milliseconds kRest{10};

std::string placeOf(const DialTarget& target) {
  return "'" + target.host + "' (port " + std::to_string(target.port) + ")";
}

/// The verifier's own words where it refused, else OpenSSL's.
Error handshakeError(TlsStream& stream, const ErrorCode& error, const DialTarget& target) {
  if (error == beast::error::timeout) return connectionError(error, placeOf(target), "agreeing on TLS");
  const auto verdict = ::SSL_get_verify_result(stream.native_handle());
  if (verdict != X509_V_OK) {
    return {"tls.certificate",
            "the certificate of " + placeOf(target) + " is refused: " + ::X509_verify_cert_error_string(verdict),
            false};
  }
  const bool mismatch = error.message().find("certificate verify failed") != std::string::npos;
  if (mismatch) return {"tls.certificate", "the certificate of " + placeOf(target) + " is not for that host", false};
  // A server that hangs up in the middle may be restarting; anything else will not get better by itself.
  const bool hangsUp = error == asio::error::eof || error == asio::error::connection_reset ||
                       error == asio::error::broken_pipe || error == asio::ssl::error::stream_truncated;
  return {"tls.handshake", "no TLS connection to " + placeOf(target) + ": " + error.message(), hangsUp};
}

}  // namespace

Error connectionError(const ErrorCode& error, std::string_view where, std::string_view what) {
  const auto text = std::string(where) + ": ";
  if (error == beast::error::timeout || error == asio::error::timed_out)
    return {"network.timeout", text + "no answer in time while " + std::string(what), true};
  if (error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe)
    return {"network.closed", text + "the other side closed the connection while " + std::string(what), true};
  return {"network.unreachable", text + error.message() + " while " + std::string(what), true};
}

asio::io_context& AsioCore::io() {
  const std::scoped_lock held(starting_);
  if (!thread_.joinable()) {
    guard_.emplace(asio::make_work_guard(*io_));
    thread_ = std::thread([this] { io_->run(); });
  }
  return *io_;
}

void AsioCore::halt() {
  const std::scoped_lock held(starting_);
  if (!thread_.joinable()) return;
  io_->stop();
  thread_.join();
}

void AsioCore::stop() {
  halt();
  guard_.reset();
  {
    const std::scoped_lock held(door_->mutex);
    door_->io = nullptr;
  }
  io_.reset();
}

asio::awaitable<void> AsioCore::prepare(std::string_view text, const Url& target, TimePoint until) {
  if (settings_.secrets == nullptr || !namesSecret(text)) co_return;
  const auto host = target.host + ":" + std::to_string(target.port);
  for (const auto& name : settings_.secrets->asksFor(text)) {
    const auto& asked = settings_.secrets->asked();
    if (asked->known(name, host)) continue;
    const auto timer = std::make_shared<asio::steady_timer>(*io_, until);
    {
      const std::scoped_lock held(door_->mutex);
      door_->io = io_.get();
    }
    asked->prepare(name, host, [door = door_, timer] {
      const std::scoped_lock held(door->mutex);
      // Even if it is called on this thread: behind the wait that begins below.
      if (door->io != nullptr) asio::post(*door->io, [timer] { timer->cancel(); });
    });
    co_await timer->async_wait(kTuple);
  }
}

Result<std::string> AsioCore::reveal(std::string_view text, const Url& target) const {
  if (settings_.secrets == nullptr || !namesSecret(text)) return std::string(text);
  return settings_.secrets->resolve(text, target.host + ":" + std::to_string(target.port));
}

Error AsioCore::redacted(Error error) const {
  return settings_.secrets == nullptr ? error : settings_.secrets->redact(std::move(error));
}

std::string AsioCore::redacted(std::string text) const {
  return settings_.secrets == nullptr ? text : settings_.secrets->redact(text);
}

Result<asio::ssl::context*> AsioCore::tlsContext(const std::string& caFile) {
  auto& kept = tls_[caFile];
  if (kept) return kept.get();
  auto made = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  ErrorCode error;
  ::SSL_CTX_set_min_proto_version(made->native_handle(), TLS1_2_VERSION);
  made->set_verify_mode(asio::ssl::verify_peer, error);
  if (caFile.empty()) {
    made->set_default_verify_paths(error);
  } else {
    made->load_verify_file(caFile, error);
  }
  if (error) {
    tls_.erase(caFile);
    return fail("tls.certificate", "the authorities' file '" + caFile + "' cannot be used: " + error.message());
  }
  kept = std::move(made);
  return kept.get();
}

asio::awaitable<Result<AsioCore::Addresses>> AsioCore::resolve(const std::string& host, std::uint16_t port, bool check,
                                                               TimePoint until) {
  Tcp::resolver resolver(*io_);
  asio::steady_timer timer(*io_, until);
  timer.async_wait([&resolver](const ErrorCode& error) {
    if (!error) resolver.cancel();
  });
  const auto [error, found] =
      co_await resolver.async_resolve(host, std::to_string(port), Tcp::resolver::numeric_service, kTuple);
  timer.cancel();
  if (error == asio::error::operation_aborted)
    co_return fail("network.timeout", "the name server did not answer for '" + host + "' in time", true);
  if (error) {
    const bool again = error == asio::error::host_not_found_try_again;
    co_return fail("network.unknown_host", "there is no host '" + host + "' (" + error.message() + ")", again);
  }
  for (const auto& entry : found) {
    const auto address = addressOf(*entry.endpoint().data());
    if (!address)
      co_return fail("network.unknown_host", "'" + host + "' has an address that is none of the internet's");
    if (!check) continue;
    if (auto allowed = settings_.policy.check(host, port, *address); !allowed)
      co_return std::unexpected(std::move(allowed.error()));
  }
  co_return found;
}

asio::awaitable<Result<Unit>> AsioCore::connect(PlainStream& stream, const DialTarget& target, TimePoint until) {
  auto addresses = co_await resolve(target.host, target.port, true, until);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  if (target.proxy != nullptr) {
    addresses = co_await resolve(target.proxy->host, target.proxy->port, false, until);
    if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  }
  stream.expires_at(until);
  const auto [error, endpoint] = co_await stream.async_connect(*addresses, kTuple);
  if (error) {
    const auto where = target.proxy != nullptr ? "proxy " + target.proxy->authority() : placeOf(target);
    if (error == beast::error::timeout) co_return std::unexpected(connectionError(error, where, "connecting"));
    co_return fail("network.unreachable", where + " cannot be reached: " + error.message(), true);
  }
  ErrorCode ignored;
  stream.socket().set_option(Tcp::no_delay(true), ignored);
  if (target.proxy != nullptr && target.tls) co_return co_await tunnel(stream, target);
  co_return Unit{};
}

asio::awaitable<Result<Unit>> AsioCore::tunnel(PlainStream& stream, const DialTarget& target) {
  const auto host = target.host.find(':') == std::string::npos ? target.host : "[" + target.host + "]";
  const auto authority = host + ":" + std::to_string(target.port);
  std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!target.proxy->user.empty()) {
    const auto user = percentDecoded(target.proxy->user);
    const auto password = percentDecoded(target.proxy->password);
    if (user && password) request += "Proxy-Authorization: Basic " + encodeBase64(*user + ":" + *password) + "\r\n";
  }
  request += "\r\n";
  const auto where = "proxy " + target.proxy->authority();
  const auto [writing, written] = co_await asio::async_write(stream, asio::buffer(request), kTuple);
  if (writing) co_return std::unexpected(connectionError(writing, where, "asking for a tunnel"));
  std::string answer;
  const auto [reading, bytes] =
      co_await asio::async_read_until(stream, asio::dynamic_buffer(answer, 16 * 1024), "\r\n\r\n", kTuple);
  if (reading) co_return std::unexpected(connectionError(reading, where, "waiting for a tunnel"));
  if (answer.size() < 12 || !answer.starts_with("HTTP/1.") || answer[9] != '2')
    co_return fail("network.proxy",
                   where + " gives no tunnel to " + authority + ": '" + answer.substr(0, answer.find('\r')) + "'",
                   true);
  if (bytes != answer.size()) co_return fail("network.proxy", where + " sent more than its answer", false);
  co_return Unit{};
}

asio::awaitable<void> AsioCore::rest() {
  asio::steady_timer timer(*io_, kRest);
  co_await timer.async_wait(kTuple);
}

asio::awaitable<Result<MeteredSocket>> AsioCore::enter(TimePoint until) {
  if (!settings_.meter) co_return MeteredSocket();
  for (;;) {
    auto entered = settings_.meter->enter();
    if (entered || std::chrono::steady_clock::now() >= until) co_return entered;
    co_await rest();
  }
}

asio::awaitable<Result<Link>> AsioCore::dial(DialTarget target, TimePoint until, std::optional<MeteredSocket> place) {
  if (!place) {
    auto entered = co_await enter(until);
    if (!entered) co_return std::unexpected(std::move(entered.error()));
    place = std::move(*entered);
  }
  Link link;
  link.place = std::move(*place);
  if (!target.tls) {
    link.plain = std::make_unique<PlainStream>(*io_);
  } else {
    const auto context = tlsContext(target.caFile);
    if (!context) co_return std::unexpected(context.error());
    link.tls = std::make_unique<TlsStream>(*io_, **context);
  }
  auto connected = co_await connect(link.lowest(), target, until);
  if (!connected) co_return std::unexpected(std::move(connected.error()));
  link.place.watch(link.lowest().socket().native_handle());
  if (!target.tls) co_return link;
  // A name is said to the server and looked for in its certificate; an address only the latter.
  if (!parseAddress(target.host)) ::SSL_set_tlsext_host_name(link.tls->native_handle(), target.host.c_str());
  link.tls->set_verify_callback(asio::ssl::host_name_verification(target.host));
  link.lowest().expires_at(until);
  const auto [error] = co_await link.tls->async_handshake(asio::ssl::stream_base::client, kTuple);
  if (error) co_return std::unexpected(handshakeError(*link.tls, error, target));
  co_return link;
}

}  // namespace weir::native
