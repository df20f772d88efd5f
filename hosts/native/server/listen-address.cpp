// Binds the server's socket, and says why it could not.
#include "hosts/native/server/listen-address.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "hosts/native/network/address.h"

namespace weir::native {
namespace {

constexpr int kBacklog = 4096;
constexpr int kFirstInherited = 3;  // as sd_listen_fds(3) says

std::string textOf(const ListenAddress& address, std::uint16_t port) {
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + std::to_string(port);
}

std::string adviceFor(int error, const std::string& where) {
  switch (error) {
    case EADDRINUSE:
      return "cannot listen at " + where +
             ": another program listens there; end it, or give another port with --listen";
    case EACCES:
      return "cannot listen at " + where +
             ": ports below 1024 need a right of their own; give a higher one with --listen";
    case EADDRNOTAVAIL:
      return "cannot listen at " + where +
             ": this machine does not have that address; give one that it has with --listen";
    default:
      return "cannot listen at " + where + ": " + std::strerror(error);
  }
}

std::uint16_t portOf(const sockaddr_storage& bound) {
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

std::string hostOf(const sockaddr_storage& bound) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = bound.ss_family == AF_INET6
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(bound).sin6_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(bound).sin_addr);
  return ::inet_ntop(bound.ss_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

/// A number of the environment; -1: there is none.
int numberIn(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return -1;
  int number = -1;
  const auto* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, number);
  return read.ec == std::errc() && read.ptr == end ? number : -1;
}

}  // namespace

bool ListenAddress::isLoopback() const {
  const auto address = parseAddress(host);
  if (!address) return false;
  if (address->six) {
    IpAddress one;
    one.six = true;
    one.bytes[15] = 1;
    return *address == one;
  }
  return address->bytes[0] == 127;
}

Result<ListenAddress> parseListenAddress(std::string_view text) {
  const auto refused = [&] {
    return fail("server.listen", "'" + std::string(text) + "' is not ADDRESS:PORT, such as 127.0.0.1:8080 or [::]:443");
  };
  ListenAddress address;
  const auto colon = text.rfind(':');
  auto host = colon == std::string_view::npos ? std::string_view("127.0.0.1") : text.substr(0, colon);
  const auto port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return refused();
  }
  if (host == "localhost") host = "127.0.0.1";
  if (host == "*") host = "0.0.0.0";
  const auto read = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (port.empty() || read.ec != std::errc() || read.ptr != port.data() + port.size()) return refused();
  if (!parseAddress(host)) return refused();
  address.host = host;
  return address;
}

Result<Listener> listenAt(const std::string& text) {
  WEIR_ASSIGN(const auto asked, parseListenAddress(text));
  const auto where = textOf(asked, asked.port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | AI_NUMERICHOST;
  addrinfo* list = nullptr;
  if (::getaddrinfo(asked.host.c_str(), std::to_string(asked.port).c_str(), &hints, &list) != 0)
    return fail("server.listen", "'" + text + "' is no address to listen at");
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> kept(list, &::freeaddrinfo);
  Listener listener;
  listener.six = list->ai_family == AF_INET6;
  listener.socket = Descriptor(::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(listener.socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!listener.socket.isOpen() || ::bind(listener.socket.get(), list->ai_addr, list->ai_addrlen) != 0 ||
      ::listen(listener.socket.get(), kBacklog) != 0)
    return fail("server.listen", adviceFor(errno, where));
  sockaddr_storage bound{};
  socklen_t bytes = sizeof bound;
  ::getsockname(listener.socket.get(), reinterpret_cast<sockaddr*>(&bound), &bytes);
  listener.address = textOf(asked, portOf(bound));
  return listener;
}

Result<std::optional<Listener>> takeInherited() {
  const int count = numberIn("LISTEN_FDS");
  const bool ours = count > 0 && numberIn("LISTEN_PID") == ::getpid();
  // Not for the processes that this one starts.
  for (const char* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}) ::unsetenv(name);
  if (!ours) return std::nullopt;
  for (int one = kFirstInherited; one < kFirstInherited + count; ++one) ::fcntl(one, F_SETFD, FD_CLOEXEC);
  if (count > 1)
    return fail("server.listen", std::to_string(count) +
                                     " sockets were handed over to the server; it listens with one: leave one "
                                     "ListenStream in weir.socket");
  Listener listener;
  listener.socket = Descriptor(kFirstInherited);
  int listens = 0, kind = 0;
  socklen_t bytes = sizeof listens;
  const bool isSocket = ::getsockopt(kFirstInherited, SOL_SOCKET, SO_ACCEPTCONN, &listens, &bytes) == 0;
  bytes = sizeof kind;
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (!isSocket || listens == 0 || ::getsockopt(kFirstInherited, SOL_SOCKET, SO_TYPE, &kind, &bytes) != 0 ||
      kind != SOCK_STREAM || ::getsockname(kFirstInherited, reinterpret_cast<sockaddr*>(&bound), &size) != 0 ||
      (bound.ss_family != AF_INET && bound.ss_family != AF_INET6))
    return fail("server.listen",
                "what was handed over to the server as LISTEN_FDS is no TCP socket that listens: give weir.socket "
                "ListenStream=ADDRESS:PORT, or unset LISTEN_FDS");
  ::fcntl(kFirstInherited, F_SETFL, ::fcntl(kFirstInherited, F_GETFL) | O_NONBLOCK);
  listener.six = bound.ss_family == AF_INET6;
  listener.address = textOf({.host = hostOf(bound), .port = 0}, portOf(bound));
  return std::optional(std::move(listener));
}

}  // namespace weir::native
