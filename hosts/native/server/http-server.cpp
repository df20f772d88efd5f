// Sockets, time and the thread of the server, on Asio.
#include "hosts/native/server/http-server.h"

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
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "hosts/native/network/http-words.h"
#include "hosts/native/network/ingress-tls.h"
#include "hosts/native/server/http-connection.h"
#include "hosts/native/server/wakeups.h"

namespace weir::native {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Tcp = asio::ip::tcp;
using Sockets = Tcp::socket;

constexpr std::size_t kReadBytes = 64 << 10;
constexpr int kMostRounds = 16;
constexpr int kMostReads = 16;  // of one connection, before others have their turn
constexpr auto kSweep = std::chrono::milliseconds(250);
constexpr auto kNoDescriptors = std::chrono::milliseconds(100);
constexpr std::int64_t kLingerMs = 2'000;

std::int64_t steadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
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
    acceptor_.non_blocking(true, error);
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
  [[nodiscard]] std::span<char> readBuffer() { return buffer_; }
  /// The time; and the date is that of now.
  std::int64_t now() {
    const auto second =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    if (second != dateSecond_) {
      dateSecond_ = second;
      place_.date = httpDate(second);
    }
    return steadyMs();
  }
  void remove(std::size_t slot);

 private:
  void accept();
  void admit(Sockets socket);
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

/// One connection's socket. Lives while something waits on it, or the server has it.
class Session final : public std::enable_shared_from_this<Session> {
 public:
  Session(HttpServer::Impl& server, Sockets socket, std::unique_ptr<TlsSession> tls, std::string remote,
          std::size_t slot)
      : slot(slot),
        server_(server),
        socket_(std::move(socket)),
        tls_(std::move(tls)),
        woken_(std::make_shared<Wakeups::Target>(server.wakeups(), nullptr)),
        connection_(server.place(), std::move(remote), tls_ != nullptr, Waker(woken_), server.now()) {}

  void start() {
    woken_->go = [this] { go(); };
    readable();
  }
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
  void waitToRead();
  void waitToWrite();

  HttpServer::Impl& server_;
  Sockets socket_;
  std::unique_ptr<TlsSession> tls_;  // null: plain
  std::shared_ptr<Wakeups::Target> woken_;
  HttpConnection connection_;
  std::int64_t lingerMs_ = 0;
  bool open_ = true, more_ = false, waitsToRead_ = false, waitsToWrite_ = false, readWaitsToWrite_ = false;
  bool lingering_ = false;
};

Moved Session::receive(std::span<char> into) {
  if (tls_) return tls_->read(into);
  const auto got = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
  if (got > 0) return {Moved::How::some, static_cast<std::size_t>(got)};
  if (got == 0) return {Moved::How::ended};
  return {errno == EAGAIN || errno == EINTR ? Moved::How::mustRead : Moved::How::broken};
}

/// The first pieces of what is to go.
Moved Session::transmit() {
  std::array<std::string_view, 16> pieces;
  const auto count = connection_.out().first(pieces);
  if (tls_) return tls_->write(pieces[0]);
  std::array<iovec, 16> parts{};
  for (std::size_t i = 0; i < count; ++i) parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  if (sent >= 0) return {Moved::How::some, static_cast<std::size_t>(sent)};
  return {errno == EAGAIN || errno == EINTR ? Moved::How::mustWrite : Moved::How::broken};
}

void Session::readable() {
  more_ = true;
  const auto buffer = server_.readBuffer();
  const auto now = server_.now();
  for (int reads = 0; more_ && connection_.wantsBytes() && reads < kMostReads; ++reads) {
    const auto moved = receive(buffer);
    // TLS may have kept some back; a socket that gave less than there was room for has no more.
    more_ = moved.how == Moved::How::some && (tls_ || moved.bytes == buffer.size());
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
        readWaitsToWrite_ = true;
        waitToWrite();
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
        waitToWrite();
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
    ::shutdown(socket_.native_handle(), SHUT_WR);
  }
  if (lingering_ && !connection_.wantsBytes()) return close();
  if (connection_.wantsBytes() && !readWaitsToWrite_) {
    if (more_) {
      server_.post([self = shared_from_this()] { self->readable(); });
    } else {
      waitToRead();
    }
  }
}

void Session::waitToRead() {
  if (waitsToRead_) return;
  waitsToRead_ = true;
  socket_.async_wait(Sockets::wait_read, [self = shared_from_this()](const ErrorCode& error) {
    self->waitsToRead_ = false;
    if (!error && self->open_) self->readable();
  });
}

void Session::waitToWrite() {
  if (waitsToWrite_) return;
  waitsToWrite_ = true;
  socket_.async_wait(Sockets::wait_write, [self = shared_from_this()](const ErrorCode& error) {
    self->waitsToWrite_ = false;
    if (error || !self->open_) return;
    if (std::exchange(self->readWaitsToWrite_, false)) return self->readable();
    self->go();
  });
}

void Session::close() {
  if (!std::exchange(open_, false)) return;
  woken_->go = nullptr;
  const auto self = shared_from_this();
  ErrorCode ignored;
  socket_.close(ignored);
  server_.remove(slot);
}

std::string addressTextOf(const Sockets& socket) {
  ErrorCode error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return {};
  const auto address = remote.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

}  // namespace

void HttpServer::Impl::accept() {
  acceptor_.async_accept([this](const ErrorCode& error, Sockets socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      admit(std::move(socket));
      return accept();
    }
    // Out of descriptors: those who wait are served when others have gone.
    acceptTimer_.expires_after(kNoDescriptors);
    acceptTimer_.async_wait([this](const ErrorCode& cancelled) {
      if (!cancelled) accept();
    });
  });
}

void HttpServer::Impl::admit(Sockets socket) {
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(Tcp::no_delay(true), ignored);
  auto remote = addressTextOf(socket);
  if (remote.empty()) return;
  if (std::ssize(sessions_) >= options_.limits.mostConnections) {
    constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    ::send(socket.native_handle(), kFull.data(), kFull.size(), MSG_NOSIGNAL);
    return;
  }
  auto tls = tls_ ? tls_->accept(socket.native_handle()) : nullptr;
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
