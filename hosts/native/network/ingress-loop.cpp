// Sockets and time of the listener.
#include "hosts/native/network/ingress-loop.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

namespace weir::native {
namespace {

constexpr std::uint64_t kListener = UINT64_MAX, kWakeup = UINT64_MAX - 1;
constexpr int kMostEvents = 512;
constexpr std::size_t kMostAhead = 64 * 1024;  // of a request that comes before the last is answered
// Of a request that was answered before it was whole: its sender may not look for the answer before it has sent all.
constexpr std::size_t kMostDropped = 64 << 20;
constexpr std::int64_t kLeavingMs = 30'000;

std::int64_t steadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Result<Descriptor> listenOn(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | AI_NUMERICHOST;
  addrinfo* list = nullptr;
  const auto where = host + ":" + port;
  // getaddrinfo takes 65536 for 0.
  int number = -1;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool isPort =
      read.ec == std::errc() && read.ptr == port.data() + port.size() && number >= 0 && number <= 65'535;
  if (!isPort || ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list) != 0)
    return fail("ingress.listen", "'" + where + "' is no address and port to listen at, such as 127.0.0.1:8080");
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> kept(list, &::freeaddrinfo);
  Descriptor socket(::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!socket.isOpen() || ::bind(socket.get(), list->ai_addr, list->ai_addrlen) != 0 ||
      ::listen(socket.get(), 1024) != 0)
    return fail("ingress.listen",
                "cannot listen at " + where + ": " + std::strerror(errno) + "; give another place with --listen");
  return socket;
}

}  // namespace

IngressLoop::~IngressLoop() {
  stopping_.store(true);
  wake();
  if (thread_.joinable()) thread_.join();
}

Result<Unit> IngressLoop::start() {
  if (thread_.joinable()) return Unit{};
  const auto colon = options_.listen.rfind(':');
  if (colon == std::string::npos)
    return fail("ingress.listen", "'" + options_.listen + "' is not ADDRESS:PORT, such as 127.0.0.1:8080");
  host_ = options_.listen.substr(0, colon);
  auto bare = host_;
  if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') bare = bare.substr(1, bare.size() - 2);
  if (!options_.certificateFile.empty()) {
    WEIR_ASSIGN(tls_, TlsServer::load(options_.certificateFile, options_.keyFile));
  }
  WEIR_ASSIGN(listener_, listenOn(bare, options_.listen.substr(colon + 1)));
  sockaddr_storage address{};
  socklen_t bytes = sizeof address;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &bytes);
  port_ = ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                              : reinterpret_cast<sockaddr_in&>(address).sin_port);
  epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  wakeup_ = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!epoll_.isOpen() || !wakeup_.isOpen())
    return fail("ingress.listen", std::string("cannot wait for requests: ") + std::strerror(errno));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kListener;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &event);
  event.data.u64 = kWakeup;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_.get(), &event);
  thread_ = std::thread([this] { run(); });
  return Unit{};
}

void IngressLoop::setRoutes(std::vector<std::shared_ptr<WebhookRoute>> routes) {
  {
    const std::scoped_lock held(lock_);
    routes_ = std::move(routes);
  }
  version_.fetch_add(1);
  wake();
}

void IngressLoop::wake() {
  if (!wakeup_.isOpen() || signalled_.exchange(true)) return;
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wakeup_.get(), &one, sizeof one));
}

std::string IngressLoop::address() const {
  return (tls_ ? "https://" : "http://") + host_ + ":" + std::to_string(port_);
}

void IngressLoop::tick() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  nowMicros_ = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  nowMs_ = steadyMs();
  const auto second = nowMicros_ / 1'000'000;
  if (second == dateSecond_) return;
  dateSecond_ = second;
  date_ = httpDate(second);
  IngressReply accepted;
  accepted.status = 202;
  accepted_.clear();
  acceptedClosing_.clear();
  appendReply(accepted_, accepted, {}, date_, true);
  appendReply(acceptedClosing_, accepted, {}, date_, false);
}

void IngressLoop::run() {
  epoll_event events[kMostEvents];
  while (!stopping_.load()) {
    const int count = ::epoll_wait(epoll_.get(), events, kMostEvents, 1000);
    tick();
    if (activeVersion_ != version_.load()) {
      activeVersion_ = version_.load();
      const std::scoped_lock held(lock_);
      active_ = routes_;
    }
    bool answers = false;
    for (int i = 0; i < count; ++i) {
      const auto& event = events[i];
      if (event.data.u64 == kListener) {
        acceptAll();
      } else if (event.data.u64 == kWakeup) {
        std::uint64_t ignored = 0;
        static_cast<void>(!::read(wakeup_.get(), &ignored, sizeof ignored));
        signalled_.store(false);
        answers = true;
      } else {
        const auto slot = static_cast<std::int32_t>(event.data.u64 & 0xFFFF'FFFFU);
        const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32U);
        if (connections_[static_cast<std::size_t>(slot)]->generation != generation) continue;
        auto& connection = *connections_[static_cast<std::size_t>(slot)];
        if (connection.stage == Stage::leaving && (event.events & EPOLLERR) == 0) {
          drop(slot);
          continue;
        }
        if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) {
          close(slot);
          continue;
        }
        const bool reads = (event.events & EPOLLIN) != 0 || connection.readWaitsToWrite;
        if ((event.events & EPOLLOUT) != 0) flush(slot);
        if (reads && connection.generation == generation) readFrom(slot);
      }
    }
    if (answers) answerAll();
    handOver();
    if (nowMs_ - sweptMs_ >= 500) sweep();
  }
  for (auto& route : active_) {
    if (route) route->released.store(true);
  }
  answerAll();
}

void IngressLoop::acceptAll() {
  for (;;) {
    sockaddr_storage address{};
    socklen_t bytes = sizeof address;
    Descriptor socket(
        ::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&address), &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.isOpen()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      // Out of descriptors: others wait in the queue until the next sweep.
      if (errno != EAGAIN) {
        epoll_event event{};
        event.data.u64 = kListener;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listener_.get(), &event);
        listening_ = false;
      }
      return;
    }
    if (open_ >= options_.mostConnections) continue;
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::int32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::int32_t>(connections_.size());
      connections_.push_back(std::make_unique<Connection>());
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    auto& connection = *connections_[static_cast<std::size_t>(slot)];
    connection.socket = std::move(socket);
    connection.remote = addressOf(reinterpret_cast<sockaddr&>(address)).value_or(IpAddress{});
    connection.sinceMs = nowMs_;
    ++open_;
    if (tls_) connection.tls = tls_->accept(connection.socket.get());
    if (tls_ && !connection.tls) {
      close(slot);
      continue;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = std::uint64_t{connection.generation} << 32U | static_cast<std::uint32_t>(slot);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.socket.get(), &event);
  }
}

void IngressLoop::setInterest(std::int32_t slot) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  epoll_event event{};
  if (connection.reading) event.events |= EPOLLIN;
  if (connection.writing) event.events |= EPOLLOUT;
  event.data.u64 = std::uint64_t{connection.generation} << 32U | static_cast<std::uint32_t>(slot);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.socket.get(), &event);
}

void IngressLoop::readFrom(std::int32_t slot) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  const auto got = connection.receive(buffer_);
  connection.readWaitsToWrite = got.how == Moved::How::mustWrite;
  switch (got.how) {
    case Moved::How::some:
      break;
    case Moved::How::mustRead:
      return;
    case Moved::How::mustWrite:
      connection.writing = true;
      return setInterest(slot);
    case Moved::How::ended:
      // A client may end its side and still wait for the answer.
      if (connection.stage != Stage::waiting && connection.out.empty()) return close(slot);
      connection.ended = true;
      connection.reading = false;
      return setInterest(slot);
    case Moved::How::plain:
      connection.tls.reset();
      return refuse(slot, 400, "this address speaks HTTPS", false);
    case Moved::How::broken:
      return close(slot);
  }
  const std::string_view fresh(buffer_.data(), got.bytes);
  if (connection.stage == Stage::waiting || connection.stage == Stage::closing) {
    if (connection.stage == Stage::waiting) connection.in.append(fresh);
    if (connection.in.size() >= kMostAhead || connection.stage == Stage::closing) {
      connection.reading = false;
      setInterest(slot);
    }
    return;
  }
  advance(slot, fresh);
}

void IngressLoop::flush(std::int32_t slot) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  while (connection.sent < connection.out.size()) {
    const auto put = connection.transmit(std::string_view(connection.out).substr(connection.sent));
    if (put.how == Moved::How::mustRead) return;
    if (put.how == Moved::How::mustWrite) {
      if (connection.writing) return;
      connection.writing = true;
      return setInterest(slot);
    }
    if (put.how != Moved::How::some) return close(slot);
    connection.sent += put.bytes;
  }
  connection.out.clear();
  connection.sent = 0;
  if (connection.stage == Stage::closing) return leave(slot);
  if (connection.writing) {
    connection.writing = false;
    setInterest(slot);
  }
}

void IngressLoop::close(std::int32_t slot) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  if (!connection.socket.isOpen()) return;
  const auto generation = connection.generation + 1;
  connection = Connection{};
  connection.generation = generation;
  free_.push_back(slot);
  --open_;
}

/// The answer is sent, the sender may still be sending: closing now would reset the connection, and the answer be lost
/// with it. So this side ends, and what comes is dropped until the other side ends too.
void IngressLoop::leave(std::int32_t slot) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  if (connection.ended) return close(slot);
  connection.endSending();
  connection.stage = Stage::leaving;
  connection.sinceMs = nowMs_;
  connection.reading = true;
  connection.writing = false;
  connection.in = {};
  connection.body = {};
  setInterest(slot);
}

void IngressLoop::drop(std::int32_t slot) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  const auto got = ::recv(connection.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return close(slot);
  connection.dropped += static_cast<std::size_t>(got);
  if (connection.dropped > kMostDropped) close(slot);
}

void IngressLoop::sweep() {
  sweptMs_ = nowMs_;
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    auto& connection = *connections_[i];
    if (!connection.socket.isOpen()) continue;
    const auto slot = static_cast<std::int32_t>(i);
    const auto age = nowMs_ - connection.sinceMs;
    if (connection.stage == Stage::leaving) {
      if (age > kLeavingMs) close(slot);
    } else if (connection.stage == Stage::closing || !connection.out.empty()) {
      if (age > options_.bodyMs + options_.idleMs) close(slot);
    } else if (connection.stage == Stage::head && connection.in.empty()) {
      const bool agreeing = connection.tls && !connection.tls->agreed();
      if (age > (agreeing ? options_.headMs : options_.idleMs)) close(slot);
    } else if (connection.stage == Stage::head && connection.needBytes == 0) {
      if (age > options_.headMs) refuse(slot, 408, "the head did not come in time", false);
    } else if (connection.stage != Stage::waiting && age > options_.bodyMs) {
      refuse(slot, 408, "the body did not come in time", false);
    }
  }
  for (auto& route : active_) {
    if (route) expire(*route);
  }
  if (!listening_) {
    listening_ = true;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kListener;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listener_.get(), &event);
  }
}

}  // namespace weir::native
