// SocketPoll: which of many sockets can be read or written, told of all at once.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/data/error.h"

namespace weir::native {

/// Sockets of one thread, which is that of the context. Each is told of once when something changes and then not until
/// it has been read or written until it would block; a socket of Asio asks the system again before each wait.
class SocketPoll {
 public:
  class Watched {
   public:
    Watched() = default;
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    virtual ~Watched() = default;
    /// It may be read or written; `ends`: the other side says no more, so that a read that gave little need not have
    /// been the last.
    virtual void ready(bool reads, bool writes, bool ends) = 0;
  };

  explicit SocketPoll(boost::asio::io_context& context) : epoll_(context) {}

  [[nodiscard]] Result<Unit> start();
  /// From now until remove(). False: the system has no room for it.
  [[nodiscard]] bool add(int socket, Watched& watched);
  /// Before it is closed. It is told of nothing any more.
  void remove(int socket, const Watched& watched);
  /// Tells of nothing any more.
  void stop();

 private:
  void wait();
  void tell();

  static constexpr std::size_t kMostEvents = 256;
  boost::asio::posix::stream_descriptor epoll_;  // its own, within that of Asio
  std::array<epoll_event, kMostEvents> events_{};
  std::span<epoll_event> pending_;  // of events_
};

}  // namespace weir::native
