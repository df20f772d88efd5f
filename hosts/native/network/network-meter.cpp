// Counting connections, and asking the system what was sent over them.
#include "hosts/native/network/network-meter.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace weir::native {

struct NetworkMeter::Private {};

namespace {

constexpr int kTryAgainMs = 10;

std::uint64_t cookieOf(int socket) {
  std::uint64_t cookie = 0;
  socklen_t bytes = sizeof cookie;
  return ::getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &bytes) == 0 ? cookie : 0;
}

/// What was given to a TCP socket to send, each byte once; nothing if it cannot be told.
std::optional<std::int64_t> givenTo(int socket) {
  tcp_info info{};
  socklen_t bytes = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &bytes) != 0) return std::nullopt;
  if (bytes < offsetof(tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans) return std::nullopt;
  return static_cast<std::int64_t>(info.tcpi_bytes_sent - info.tcpi_bytes_retrans) + info.tcpi_notsent_bytes;
}

}  // namespace

void MeteredSocket::watch(int socket) {
  if (meter_) meter_->watch(number_, socket);
}

void MeteredSocket::look() {
  if (meter_) meter_->look(number_);
}

void MeteredSocket::leave() noexcept {
  if (!meter_) return;
  meter_->leave(number_);
  meter_.reset();
}

std::shared_ptr<NetworkMeter> NetworkMeter::make(NetworkBounds bounds) {
  return std::make_shared<NetworkMeter>(Private{}, std::move(bounds));
}

MeteredSocket NetworkMeter::add(Socket socket) {
  const std::scoped_lock held(mutex_);
  const auto number = next_++;
  sockets_.emplace(number, socket);
  return {shared_from_this(), number};
}

Result<MeteredSocket> NetworkMeter::enter() {
  const auto& bounds = bounds_.connections;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (bounds[i].open->count.fetch_add(1) < bounds[i].most) continue;
    for (std::size_t back = 0; back <= i; ++back) bounds[back].open->count.fetch_sub(1);
    bounds[i].open->wanted = true;
    return fail("network.limit",
                bounds[i].name + " allows " + std::to_string(bounds[i].most) +
                    (bounds[i].most == 1 ? " connection" : " connections") +
                    " at a time, and as many are open; let fewer nodes connect at a time, or raise it",
                true);
  }
  return add({.entered = true});
}

Result<MeteredSocket> NetworkMeter::enterWithin(std::int64_t timeoutMs, int stopFd) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs);
  for (;;) {
    auto entered = enter();
    if (entered || std::chrono::steady_clock::now() >= until) return entered;
    pollfd stop{stopFd, POLLIN, 0};
    if (::poll(&stop, stopFd < 0 ? 0 : 1, kTryAgainMs) > 0) return entered;
  }
}

MeteredSocket NetworkMeter::attend(int socket) { return add({.descriptor = socket, .cookie = cookieOf(socket)}); }

bool NetworkMeter::wanted() const {
  bool found = false;
  for (const auto& bound : bounds_.connections) found = bound.open->wanted.exchange(false) || found;
  return found;
}

std::int64_t NetworkMeter::connections() const {
  const std::scoped_lock held(mutex_);
  return std::ranges::count_if(sockets_, [](const auto& one) { return one.second.entered; });
}

std::int64_t NetworkMeter::sentBytes() {
  const std::scoped_lock held(mutex_);
  for (auto& [number, socket] : sockets_) count(socket);
  return sent_;
}

std::optional<Error> NetworkMeter::overEgress() {
  if (bounds_.egressBytes <= 0) return std::nullopt;
  const auto sent = sentBytes();
  if (sent <= bounds_.egressBytes) return std::nullopt;
  return Error{"run.egress_limit",
               "the run has sent " + std::to_string(sent) + " bytes, and " + bounds_.egressName + " allows " +
                   std::to_string(bounds_.egressBytes) + "; raise it, or give the flow less to send",
               false};
}

/// Under the lock.
void NetworkMeter::count(Socket& socket) {
  if (socket.descriptor < 0) return;
  if (cookieOf(socket.descriptor) != socket.cookie) {
    socket.descriptor = -1;
    return;
  }
  const auto given = givenTo(socket.descriptor);
  if (!given || *given <= socket.sent) return;
  sent_ += *given - socket.sent;
  socket.sent = *given;
}

void NetworkMeter::watch(std::uint64_t number, int descriptor) {
  const std::scoped_lock held(mutex_);
  const auto found = sockets_.find(number);
  if (found == sockets_.end()) return;
  found->second.descriptor = descriptor;
  found->second.cookie = cookieOf(descriptor);
}

void NetworkMeter::look(std::uint64_t number) {
  const std::scoped_lock held(mutex_);
  if (const auto found = sockets_.find(number); found != sockets_.end()) count(found->second);
}

void NetworkMeter::leave(std::uint64_t number) {
  const std::scoped_lock held(mutex_);
  const auto found = sockets_.find(number);
  if (found == sockets_.end()) return;
  count(found->second);
  const bool entered = found->second.entered;
  sockets_.erase(found);
  if (!entered) return;
  for (const auto& bound : bounds_.connections) bound.open->count.fetch_sub(1);
}

Result<MeteredSocket> enterWithin(const std::shared_ptr<NetworkMeter>& meter, std::int64_t timeoutMs, int stopFd) {
  if (!meter) return MeteredSocket();
  return meter->enterWithin(timeoutMs, stopFd);
}

}  // namespace weir::native
