// Resolving in a thread of its own (getaddrinfo knows no timeout), checking, connecting.
#include "hosts/native/network/connect-checked.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "hosts/native/descriptor.h"

namespace weir::native {
namespace {

using Steady = std::chrono::steady_clock;

struct Lookup {
  std::mutex mutex;
  std::condition_variable ended;
  std::optional<Result<std::vector<Endpoint>>> result;
};

Error unknownHost(const std::string& host, int status) {
  if (status == EAI_AGAIN) return {"network.unknown_host", "the name server did not answer for '" + host + "'", true};
  return {"network.unknown_host", "there is no host '" + host + "' (" + ::gai_strerror(status) + ")", false};
}

Result<std::vector<Endpoint>> lookUp(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (status != 0) return std::unexpected(unknownHost(host, status));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> kept(list, &::freeaddrinfo);
  std::vector<Endpoint> found;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_addr == nullptr || entry->ai_addrlen > sizeof(sockaddr_storage)) continue;
    const auto address = addressOf(*entry->ai_addr);
    if (!address) continue;
    Endpoint endpoint;
    std::memcpy(&endpoint.socket, entry->ai_addr, entry->ai_addrlen);
    endpoint.bytes = entry->ai_addrlen;
    endpoint.address = *address;
    found.push_back(endpoint);
  }
  if (found.empty()) return std::unexpected(unknownHost(host, EAI_NONAME));
  return found;
}

Result<std::vector<Endpoint>> lookUpWithin(const std::string& host, std::uint16_t port, int timeoutMs) {
  // An address needs no name server; getaddrinfo reads the same odd spellings as connect would (0x7f.1, 2130706433).
  if (auto numeric = lookUp(host, port, AI_NUMERICHOST)) return numeric;
  auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host, port] {
    auto result = lookUp(host, port, 0);
    const std::scoped_lock held(lookup->mutex);
    lookup->result = std::move(result);
    lookup->ended.notify_all();
  }).detach();
  std::unique_lock held(lookup->mutex);
  if (!lookup->ended.wait_for(held, std::chrono::milliseconds(timeoutMs), [&] { return lookup->result.has_value(); })) {
    return fail("network.timeout",
                "the name server did not answer for '" + host + "' within " + std::to_string(timeoutMs) + " ms", true);
  }
  return std::move(*lookup->result);
}

Error unreachable(std::string_view host, const Endpoint& endpoint, std::uint16_t port, int number) {
  const auto where =
      "'" + std::string(host) + "' (" + addressText(endpoint.address) + ", port " + std::to_string(port) + ")";
  if (number == ETIMEDOUT) return {"network.timeout", where + " did not answer in time", true};
  return {"network.unreachable", where + " cannot be reached: " + std::strerror(number), true};
}

/// 0, or the errno of what went wrong.
int connectWithin(int socket, const Endpoint& endpoint, int timeoutMs) {
  if (::connect(socket, endpoint.get(), endpoint.bytes) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  const auto until = Steady::now() + std::chrono::milliseconds(timeoutMs);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
    if (left <= 0) return ETIMEDOUT;
    pollfd waiting{socket, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready <= 0) continue;
    int number = 0;
    socklen_t bytes = sizeof number;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &bytes);
    return number;
  }
}

}  // namespace

Result<std::vector<Endpoint>> resolveChecked(std::string_view host, std::uint16_t port, const NetworkPolicy& policy,
                                             int timeoutMs) {
  std::string name(host);
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
  if (name.empty() || name.size() > 255 || name.find_first_of(std::string_view("\0 \t\r\n/@%", 8)) != std::string::npos)
    return fail("network.unknown_host", "'" + name + "' is no name of a host");
  WEIR_ASSIGN(auto endpoints, lookUpWithin(name, port, timeoutMs));
  for (const auto& endpoint : endpoints) WEIR_TRY(policy.check(name, port, endpoint.address));
  return endpoints;
}

Result<int> connectChecked(std::string_view host, std::uint16_t port, const NetworkPolicy& policy, int timeoutMs) {
  const auto until = Steady::now() + std::chrono::milliseconds(timeoutMs);
  WEIR_ASSIGN(const auto endpoints, resolveChecked(host, port, policy, timeoutMs));
  Error last{"network.unreachable", "'" + std::string(host) + "' has no address", true};
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto& endpoint = endpoints[i];
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
    if (left <= 0) {
      last = unreachable(host, endpoint, port, ETIMEDOUT);
      break;
    }
    Descriptor socket(::socket(endpoint.socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.isOpen()) {
      last = unreachable(host, endpoint, port, errno);
      continue;
    }
    // What is left is shared among the addresses, so that one silent one does not hide the others.
    const int number =
        connectWithin(socket.get(), endpoint, static_cast<int>(left) / static_cast<int>(endpoints.size() - i));
    if (number != 0) {
      last = unreachable(host, endpoint, port, number);
      continue;
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) & ~O_NONBLOCK);
    return socket.release();
  }
  return std::unexpected(std::move(last));
}

}  // namespace weir::native
