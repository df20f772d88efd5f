// Waits by an epoll of its own, which Asio waits for.
#include "hosts/native/server/socket-poll.h"

#include <cerrno>
#include <cstring>

namespace weir::native {

Result<Unit> SocketPoll::start() {
  const int made = ::epoll_create1(EPOLL_CLOEXEC);
  if (made < 0) return fail("server.listen", std::string("cannot wait for requests: ") + std::strerror(errno));
  epoll_.assign(made);
  wait();
  return Unit{};
}

bool SocketPoll::add(int socket, Watched& watched) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watched;
  return ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0;
}

void SocketPoll::remove(int socket, const Watched& watched) {
  if (epoll_.is_open()) ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (auto& event : pending_) {
    if (event.data.ptr == &watched) event.data.ptr = nullptr;
  }
}

void SocketPoll::stop() {
  boost::system::error_code ignored;
  epoll_.close(ignored);
}

void SocketPoll::wait() {
  epoll_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    tell();
    if (epoll_.is_open()) wait();
  });
}

void SocketPoll::tell() {
  const int count = ::epoll_wait(epoll_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  if (count <= 0) return;
  pending_ = std::span(events_).first(static_cast<std::size_t>(count));
  while (!pending_.empty()) {
    const auto event = pending_.front();
    pending_ = pending_.subspan(1);
    if (event.data.ptr == nullptr) continue;
    const auto has = [&event](std::uint32_t which) { return (event.events & which) != 0; };
    const bool ends = has(EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    static_cast<Watched*>(event.data.ptr)->ready(ends || has(EPOLLIN), ends || has(EPOLLOUT), ends);
  }
}

}  // namespace weir::native
