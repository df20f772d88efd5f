// Reading and writing a socket, through OpenSSL where it is to be.
#include "hosts/native/network/wire.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "hosts/native/network/address.h"
#include "hosts/native/network/connect-checked.h"

namespace weir::native {

struct Wire::Private {};

namespace {

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::unexpected<Error> lost(std::string_view why) {
  return fail("broker.unavailable", "the connection was lost: " + std::string(why), true);
}

std::string tlsTrouble(const SSL* tls) {
  if (const auto verified = SSL_get_verify_result(tls); verified != X509_V_OK) {
    return X509_verify_cert_error_string(verified);
  }
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  return text.data();
}

}  // namespace

Result<std::pair<std::string, std::uint16_t>> splitServer(std::string_view server, std::uint16_t defaultPort) {
  const auto bad = [&](std::string_view why) {
    return fail("settings.invalid",
                "the server '" + std::string(server) + "' " + std::string(why) + "; write HOST:PORT");
  };
  if (server.contains("://")) return bad("is written as a URL");
  const auto colon = server.rfind(':');
  const bool six = server.starts_with('[');
  const auto bracket = server.rfind(']');
  if (six && bracket == std::string_view::npos) return bad("has no closing bracket");
  const bool ported = colon != std::string_view::npos && (!six || colon > bracket);
  auto host = server.substr(0, ported ? colon : server.size());
  if (!six && host.contains(':')) return bad("has several colons");
  if (host.empty() || host.starts_with('/')) return bad("names no host");
  int port = defaultPort;
  if (ported) {
    port = 0;
    for (const char c : server.substr(colon + 1)) {
      port = c >= '0' && c <= '9' && port < 100'000 ? port * 10 + (c - '0') : 100'000;
    }
  }
  if (port < 1 || port > 65'535) return bad("has no port");
  return std::pair{std::string(host), static_cast<std::uint16_t>(port)};
}

Result<std::unique_ptr<Wire>> Wire::connect(const WireOptions& options, const NetworkPolicy& policy) {
  WEIR_ASSIGN(const auto place, splitServer(options.server, options.defaultPort));
  const auto timeout = static_cast<int>(std::clamp<std::int64_t>(options.timeoutMs, 1, 3'600'000));
  WEIR_ASSIGN(auto metered, enterWithin(options.meter, timeout, options.stopFd));
  WEIR_ASSIGN(const int socket, connectChecked(place.first, place.second, policy, timeout));
  metered.watch(socket);
  auto wire = std::make_unique<Wire>(Private{}, socket, std::move(metered), options);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  if (options.tls) WEIR_TRY(wire->startTls(place.first));
  return wire;
}

Wire::~Wire() {
  SSL_free(tls_);
  SSL_CTX_free(context_);
}

Result<void> Wire::startTls(const std::string& host) {
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr) return fail("network.tls", "TLS is not to be had on this machine");
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_default_verify_paths(context_);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  tls_ = SSL_new(context_);
  const auto name = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
  if (parseAddress(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_), name.c_str());
  } else {
    SSL_set_tlsext_host_name(tls_, name.c_str());
    SSL_set1_host(tls_, name.c_str());
  }
  SSL_set_fd(tls_, socket_.get());
  const auto deadline = nowMs() + timeoutMs_;
  for (;;) {
    ERR_clear_error();
    const int done = SSL_connect(tls_);
    if (done == 1) return {};
    const int why = SSL_get_error(tls_, done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
      return fail("network.tls", "'" + host + "' cannot be trusted: " + tlsTrouble(tls_));
    }
    WEIR_ASSIGN(const auto ready, waitFor(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline));
    if (!ready) return lost("the server did not finish the TLS handshake in time");
  }
}

Result<bool> Wire::waitFor(short events, std::int64_t deadlineMs) const {
  for (;;) {
    std::array<pollfd, 2> fds{{{socket_.get(), events, 0}, {stopFd_, POLLIN, 0}}};
    const auto left = std::clamp<std::int64_t>(deadlineMs - nowMs(), 0, 3'600'000);
    const int ready = ::poll(fds.data(), stopFd_ < 0 ? 1 : 2, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    if (fds[1].revents != 0) return fail("broker.stopped", "the run was stopped");
    return true;
  }
}

Result<void> Wire::send(std::string_view bytes) {
  const auto deadline = nowMs() + timeoutMs_;
  while (!bytes.empty()) {
    short wanted = POLLOUT;
    if (tls_ != nullptr) {
      ERR_clear_error();
      const int put = SSL_write(tls_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)));
      if (put > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(put));
        continue;
      }
      const int why = SSL_get_error(tls_, put);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return lost("TLS was ended");
      wanted = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    } else {
      const auto put = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(put));
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return lost(std::strerror(errno));
    }
    WEIR_ASSIGN(const auto ready, waitFor(wanted, deadline));
    if (!ready) return lost("the server takes nothing");
  }
  return {};
}

Result<bool> Wire::receive(std::string& into, std::int64_t waitMs) {
  const auto deadline = nowMs() + waitMs;
  std::array<char, 65'536> bytes;
  for (;;) {
    short wanted = POLLIN;
    if (tls_ != nullptr) {
      ERR_clear_error();
      const int got = SSL_read(tls_, bytes.data(), static_cast<int>(bytes.size()));
      if (got > 0) {
        into.append(bytes.data(), static_cast<std::size_t>(got));
        return true;
      }
      const int why = SSL_get_error(tls_, got);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return lost("the server closed it");
      wanted = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    } else {
      const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
      if (got > 0) {
        into.append(bytes.data(), static_cast<std::size_t>(got));
        return true;
      }
      if (got == 0) return lost("the server closed it");
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return lost(std::strerror(errno));
    }
    WEIR_ASSIGN(const auto ready, waitFor(wanted, deadline));
    if (!ready) return false;
  }
}

}  // namespace weir::native
