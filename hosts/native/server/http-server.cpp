// Sockets, time and the thread of the server, on Asio.
#include "hosts/native/server/http-server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "hosts/native/descriptor.h"
#include "hosts/native/network/http-words.h"
#include "hosts/native/network/ingress-tls.h"
#include "hosts/native/server/http-connection.h"
#include "hosts/native/server/socket-poll.h"
#include "hosts/native/server/wakeups.h"

namespace weir::native {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::size_t kReadBytes = 64 << 10;
constexpr int kMostRounds = 16;
constexpr int kMostAccepts = 64;
constexpr int kMostReads = 16;  // of one connection, before others have their turn
constexpr auto kSweep = std::chrono::milliseconds(250);
constexpr auto kNoDescriptors = std::chrono::milliseconds(100);
constexpr std::int64_t kLingerMs = 2'000;

/// As it was at the last tick of the system, a few milliseconds ago at most, which costs a fifth of the exact time.
timespec roughly(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now;
}

/// To whom there is no room for.
void sayFull(int socket, std::int64_t most) {
  const auto body = R"({"type":"about:blank","title":"Service Unavailable","status":503,"detail":")" +
                    std::to_string(most) +
                    R"( connections are open, and that is the limit; try again later","code":"server.connections"})";
  const auto answer =
      "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-type: application/problem+json\r\ncache-control: "
      "no-store\r\ncontent-length: " +
      std::to_string(body.size()) + "\r\nconnection: close\r\n\r\n" + body;
  // What came already and is not read would make the system take the answer back.
  std::array<char, 4096> asked{};
  while (::recv(socket, asked.data(), asked.size(), MSG_DONTWAIT) == std::ssize(asked)) continue;
  ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
  ::shutdown(socket, SHUT_WR);
}

class Session;

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, HttpHandler& handler)
      : options_(std::move(options)), place_{.handler = handler, .limits = options_.limits, .headers = {}, .date = {}} {
    place_.trustedProxies = options_.trustedProxies;
    place_.headers = "x-content-type-options: nosniff\r\n";
    working_ = std::make_shared<Wakeups::Target>(wakeups_, [this] { work(); });
  }
  ~Impl() { stop(); }

  Result<Unit> start() {
    if (!options_.certificateFile.empty()) {
      WEIR_ASSIGN(tls_, TlsServer::load(options_.certificateFile, options_.keyFile));
      if (options_.strictTransport) place_.headers += "strict-transport-security: max-age=31536000\r\n";
    }
    Listener listener;
    if (options_.inherited) {
      listener = std::move(*options_.inherited);
    } else {
      WEIR_ASSIGN(listener, listenAt(options_.listen));
    }
    address_ = listener.address;
    ErrorCode error;
    acceptor_.assign(listener.six ? Tcp::v6() : Tcp::v4(), listener.socket.release(), error);
    if (error) return fail("server.listen", "cannot wait for connections: " + error.message());
    acceptor_.native_non_blocking(true, error);
    WEIR_TRY(poll_.start());
    accept();
    thread_ = std::thread([this] {
      work();
      io_.run();
    });
    return Unit{};
  }
  [[nodiscard]] std::string address() const {
    return (options_.certificateFile.empty() ? "http://" : "https://") + address_;
  }
  Result<Unit> reloadTls() {
    if (options_.certificateFile.empty()) return Unit{};
    WEIR_ASSIGN(std::shared_ptr<TlsServer> fresh, TlsServer::load(options_.certificateFile, options_.keyFile));
    wakeups_->post([this, fresh] { tls_ = fresh; });
    return Unit{};
  }
  [[nodiscard]] Waker waker() const { return Waker(working_); }
  void post(std::function<void()> task) { wakeups_->post(std::move(task)); }

  void drain() {
    wakeups_->post([this] { drainNow(); });
  }
  bool drained(std::int64_t waitMs) {
    std::unique_lock held(lock_);
    return changed_.wait_for(held, std::chrono::milliseconds(waitMs), [this] { return drained_; });
  }
  void stop();

  // What sessions need; all on the server's thread.
  [[nodiscard]] HttpPlace& place() { return place_; }
  [[nodiscard]] const std::shared_ptr<Wakeups>& wakeups() const { return wakeups_; }
  [[nodiscard]] SocketPoll& poll() { return poll_; }
  [[nodiscard]] std::span<char> readBuffer() { return buffer_; }
  /// The time; and the date is that of now.
  std::int64_t now() {
    const std::int64_t second = roughly(CLOCK_REALTIME_COARSE).tv_sec;
    if (second != dateSecond_) {
      dateSecond_ = second;
      place_.date = httpDate(second);
    }
    const auto steady = roughly(CLOCK_MONOTONIC_COARSE);
    return std::int64_t{steady.tv_sec} * 1000 + steady.tv_nsec / 1'000'000;
  }
  void remove(std::size_t slot);

 private:
  void accept();
  [[nodiscard]] bool acceptSome();
  void admit(Descriptor socket, std::string remote);
  void sweep();
  void work();
  void drainNow();
  void tellDrained();

  HttpServerOptions options_;
  HttpPlace place_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{asio::make_work_guard(io_)};
  std::shared_ptr<Wakeups> wakeups_ =
      std::make_shared<Wakeups>([this](std::function<void()> task) { asio::post(io_, std::move(task)); });
  std::shared_ptr<Wakeups::Target> working_;
  std::shared_ptr<TlsServer> tls_;  // null: plain
  Tcp::acceptor acceptor_{io_};
  SocketPoll poll_{io_};
  asio::steady_timer acceptTimer_{io_}, sweepTimer_{io_}, workTimer_{io_};
  std::vector<std::shared_ptr<Session>> sessions_;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  std::string address_;
  std::int64_t dateSecond_ = 0;
  bool sweeping_ = false;
  std::mutex lock_;
  std::condition_variable changed_;
  bool drained_ = false;
  std::thread thread_;
};

namespace {

/// One connection's socket. Lives while the server has it, or a task is to go on with it.
class Session final : public SocketPoll::Watched, public std::enable_shared_from_this<Session> {
 public:
  Session(HttpServer::Impl& server, Descriptor socket, std::unique_ptr<TlsSession> tls, std::string remote,
          std::size_t slot)
      : slot(slot),
        server_(server),
        socket_(std::move(socket)),
        tls_(std::move(tls)),
        woken_(std::make_shared<Wakeups::Target>(server.wakeups(), nullptr)),
        connection_(server.place(), std::move(remote), tls_ != nullptr, Waker(woken_), server.now()) {}

  void start() {
    woken_->go = [this] { go(); };
    if (!server_.poll().add(socket_.get(), *this)) return close();
    readable();
  }
  void ready(bool reads, bool writes, bool ends) override;
  void go();
  void readable();
  void sweep(std::int64_t nowMs) {
    if (lingering_ ? nowMs < lingerMs_ : nowMs < connection_.deadlineMs()) return;
    if (lingering_) return close();
    connection_.expire(nowMs);
    go();
  }
  void drain() {
    connection_.drain();
    go();
  }
  void close();

  std::size_t slot;

 private:
  [[nodiscard]] Moved receive(std::span<char> into);
  [[nodiscard]] Moved transmit();
  [[nodiscard]] bool flush();

  HttpServer::Impl& server_;
  Descriptor socket_;
  std::unique_ptr<TlsSession> tls_;  // null: plain
  std::shared_ptr<Wakeups::Target> woken_;
  HttpConnection connection_;
  std::int64_t lingerMs_ = 0;
  bool open_ = true;
  bool more_ = false;  // the socket may have bytes for us
  bool ends_ = false;  // the client says no more
  bool waitsToWrite_ = false, readWaitsToWrite_ = false;
  bool lingering_ = false;
};

Moved Session::receive(std::span<char> into) {
  if (tls_) return tls_->read(into);
  auto got = ::recv(socket_.get(), into.data(), into.size(), 0);
  // Nothing would tell of it again.
  while (got < 0 && errno == EINTR) got = ::recv(socket_.get(), into.data(), into.size(), 0);
  if (got > 0) return {Moved::How::some, static_cast<std::size_t>(got)};
  if (got == 0) return {Moved::How::ended};
  return {errno == EAGAIN ? Moved::How::mustRead : Moved::How::broken};
}

Moved sent(ssize_t bytes) {
  if (bytes >= 0 || errno == EINTR) return {Moved::How::some, bytes < 0 ? 0 : static_cast<std::size_t>(bytes)};
  return {errno == EAGAIN ? Moved::How::mustWrite : Moved::How::broken};
}

/// The first pieces of what is to go.
Moved Session::transmit() {
  std::array<std::string_view, 16> pieces;
  const auto count = connection_.out().first(pieces);
  if (tls_) return tls_->write(pieces[0]);
  if (count == 1) return sent(::send(socket_.get(), pieces[0].data(), pieces[0].size(), MSG_NOSIGNAL));
  std::array<iovec, 16> parts;
  for (std::size_t i = 0; i < count; ++i) parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return sent(::sendmsg(socket_.get(), &message, MSG_NOSIGNAL));
}

void Session::ready(bool reads, bool writes, bool ends) {
  const auto self = shared_from_this();
  ends_ = ends_ || ends;
  more_ = more_ || reads;
  if (writes && std::exchange(waitsToWrite_, false)) {
    reads = std::exchange(readWaitsToWrite_, false) || reads;
    if (!reads) return go();
  }
  if (reads) readable();
}

void Session::readable() {
  if (!open_) return;
  more_ = true;
  const auto buffer = server_.readBuffer();
  const auto now = server_.now();
  for (int reads = 0; more_ && connection_.wantsBytes() && reads < kMostReads; ++reads) {
    const auto moved = receive(buffer);
    // TLS may have kept some back; a socket that gave less than there was room for has no more, but perhaps its end.
    more_ = moved.how == Moved::How::some && (tls_ || ends_ || moved.bytes == buffer.size());
    switch (moved.how) {
      case Moved::How::some:
        connection_.received({buffer.data(), moved.bytes}, now);
        break;
      case Moved::How::ended:
        connection_.ended();
        break;
      case Moved::How::mustRead:
        break;
      case Moved::How::mustWrite:
        readWaitsToWrite_ = waitsToWrite_ = true;
        break;
      case Moved::How::plain:
        tls_.reset();
        connection_.refuse(400, "this port speaks TLS: ask for https:// instead of http://");
        break;
      case Moved::How::broken:
        return close();
    }
  }
  go();
}

bool Session::flush() {
  auto& out = connection_.out();
  if (!out.empty() && !waitsToWrite_) connection_.progressed(server_.now());
  while (!out.empty() && !waitsToWrite_) {
    const auto moved = transmit();
    switch (moved.how) {
      case Moved::How::some:
        out.took(moved.bytes);
        connection_.progressed(server_.now());
        break;
      case Moved::How::mustWrite:
        waitsToWrite_ = true;
        return true;
      case Moved::How::mustRead:
        return true;  // the next bytes bring it back here
      case Moved::How::plain:
      case Moved::How::ended:
      case Moved::How::broken:
        return false;
    }
  }
  return true;
}

void Session::go() {
  if (!open_) return;
  for (int rounds = 0;; ++rounds) {
    const bool again = connection_.work(server_.now());
    const bool filled = !connection_.out().empty();
    if (connection_.broken() || !flush()) return close();
    if (!connection_.out().empty()) break;
    if (const bool more = filled && connection_.emptied(); !again && !more) break;
    if (rounds < kMostRounds) continue;
    server_.post([self = shared_from_this()] { self->go(); });
    break;
  }
  if (connection_.closing() && connection_.out().empty() && !lingering_) {
    // The client may still be sending; closing at once could cost it the answer.
    lingering_ = true;
    lingerMs_ = server_.now() + kLingerMs;
    if (tls_) tls_->end();
    ::shutdown(socket_.get(), SHUT_WR);
  }
  if (lingering_ && !connection_.wantsBytes()) return close();
  // Else there are others' turns first, or the socket tells when it has more.
  if (more_ && connection_.wantsBytes() && !readWaitsToWrite_) {
    server_.post([self = shared_from_this()] { self->readable(); });
  }
}

void Session::close() {
  if (!std::exchange(open_, false)) return;
  woken_->go = nullptr;
  const auto self = shared_from_this();
  server_.poll().remove(socket_.get(), *this);
  socket_ = Descriptor();
  server_.remove(slot);
}

std::string addressTextOf(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
    return text.data();
  }
  const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
  ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
  std::string_view shown(text.data());
  if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) shown.remove_prefix(std::string_view("::ffff:").size());
  return std::string(shown);
}

}  // namespace

void HttpServer::Impl::accept() {
  acceptor_.async_wait(Tcp::acceptor::wait_read, [this](const ErrorCode& error) {
    if (!acceptor_.is_open()) return;
    if (error || acceptSome()) return accept();
    // Out of descriptors: those who wait are served when others have gone.
    acceptTimer_.expires_after(kNoDescriptors);
    acceptTimer_.async_wait([this](const ErrorCode& cancelled) {
      if (!cancelled) accept();
    });
  });
}

/// Some of those who wait, while there is room for them.
bool HttpServer::Impl::acceptSome() {
  for (int taken = 0; taken < kMostAccepts && acceptor_.is_open(); ++taken) {
    sockaddr_storage from{};
    socklen_t bytes = sizeof from;
    Descriptor socket(
        ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&from), &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.isOpen()) {
      admit(std::move(socket), addressTextOf(from));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return true;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return false;
    }
    // Others have gone before they were taken.
  }
  return true;
}

void HttpServer::Impl::admit(Descriptor socket, std::string remote) {
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (std::ssize(sessions_) >= options_.limits.mostConnections) {
    // Who speaks TLS would not understand it.
    if (!tls_) sayFull(socket.get(), options_.limits.mostConnections);
    return;
  }
  auto tls = tls_ ? tls_->accept(socket.get()) : nullptr;
  if (tls_ && !tls) return;  // out of memory
  auto session =
      std::make_shared<Session>(*this, std::move(socket), std::move(tls), std::move(remote), sessions_.size());
  sessions_.push_back(session);
  session->start();
  if (!std::exchange(sweeping_, true)) sweep();
}

void HttpServer::Impl::remove(std::size_t slot) {
  sessions_[slot] = std::move(sessions_.back());
  sessions_[slot]->slot = slot;
  sessions_.pop_back();
  if (sessions_.empty() && place_.draining) tellDrained();
}

void HttpServer::Impl::sweep() {
  const auto nowMs = now();
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (i >= sessions_.size()) continue;
    const auto session = sessions_[i];
    session->sweep(nowMs);
  }
  sweeping_ = !sessions_.empty();
  if (!sweeping_) return;
  sweepTimer_.expires_after(kSweep);
  sweepTimer_.async_wait([this](const ErrorCode& cancelled) {
    if (!cancelled) sweep();
  });
}

void HttpServer::Impl::work() {
  const auto nextMs = place_.handler.work();
  workTimer_.expires_after(std::chrono::milliseconds(nextMs));
  workTimer_.async_wait([this](const ErrorCode& cancelled) {
    if (!cancelled) work();
  });
}

void HttpServer::Impl::drainNow() {
  if (std::exchange(place_.draining, true)) return;
  ErrorCode ignored;
  acceptor_.close(ignored);
  acceptTimer_.cancel();
  const auto sessions = sessions_;
  for (const auto& session : sessions) session->drain();
  if (sessions_.empty()) tellDrained();
}

void HttpServer::Impl::stop() {
  wakeups_->end();
  io_.stop();
  if (thread_.joinable()) thread_.join();
  ErrorCode ignored;
  acceptor_.close(ignored);
  poll_.stop();
  for (auto* timer : {&acceptTimer_, &sweepTimer_, &workTimer_}) timer->cancel();
  const auto sessions = sessions_;
  for (const auto& session : sessions) session->close();
  // What still waited hears that it is over, and lets go of its session.
  io_.restart();
  io_.poll();
}

void HttpServer::Impl::tellDrained() {
  const std::scoped_lock held(lock_);
  drained_ = true;
  changed_.notify_all();
}

HttpServer::HttpServer(HttpServerOptions options, HttpHandler& handler)
    : impl_(std::make_unique<Impl>(std::move(options), handler)) {}
HttpServer::~HttpServer() = default;
Result<Unit> HttpServer::start() { return impl_->start(); }
std::string HttpServer::address() const { return impl_->address(); }
Waker HttpServer::waker() const { return impl_->waker(); }
void HttpServer::post(std::function<void()> task) { impl_->post(std::move(task)); }
Result<Unit> HttpServer::reloadTls() { return impl_->reloadTls(); }
void HttpServer::drain() { impl_->drain(); }
bool HttpServer::drained(std::int64_t waitMs) { return impl_->drained(waitMs); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace weir::native
