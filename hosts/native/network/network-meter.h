// NetworkMeter: how many connections a run has open and how much it has sent, against what it may.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/error.h"

namespace weir::native {

/// Of all who count together.
struct OpenConnections {
  std::atomic<std::int64_t> count{0};
  std::atomic<bool> wanted{false};  // somebody found no place
};

/// How many connections may be open, by whose word, and who counts with it.
struct ConnectionBound {
  std::int64_t most = 0;
  std::string name;  // for people: "connections of config.limits"
  std::shared_ptr<OpenConnections> open = std::make_shared<OpenConnections>();
};

struct NetworkBounds {
  std::vector<ConnectionBound> connections{};
  std::int64_t egressBytes = 0;  // 0: no bound
  std::string egressName{};      // for people: "egressBytes of config.limits"
  std::int64_t sentBefore = 0;   // by the same run, in processes of before
};

class NetworkMeter;

/// The place of one connection among those that a run may have open. It goes before its socket is closed; a socket that
/// was closed all the same is not taken for another one that has its number.
class MeteredSocket {
 public:
  MeteredSocket() = default;
  /// As the meter gives it.
  MeteredSocket(std::shared_ptr<NetworkMeter> meter, std::uint64_t number)
      : meter_(std::move(meter)), number_(number) {}
  ~MeteredSocket() { leave(); }
  MeteredSocket(MeteredSocket&& other) noexcept
      : meter_(std::move(other.meter_)), number_(std::exchange(other.number_, 0)) {}
  MeteredSocket& operator=(MeteredSocket&& other) noexcept {
    if (this == &other) return *this;
    leave();
    meter_ = std::move(other.meter_);
    number_ = std::exchange(other.number_, 0);
    return *this;
  }

  /// What this TCP socket has sent, and will send, counts.
  void watch(int socket);
  /// Counts what was sent until now: the socket may be closed any moment.
  void look();
  /// Counts what was sent, and gives the place back.
  void leave() noexcept;

 private:
  std::shared_ptr<NetworkMeter> meter_;
  std::uint64_t number_ = 0;
};

/// Bytes are those that the system was given for a socket (with TLS and protocols, without headers of TCP and what is
/// sent again), asked of it when somebody looks: sending costs nothing. Thread-safe.
class NetworkMeter : public std::enable_shared_from_this<NetworkMeter> {
 public:
  [[nodiscard]] static std::shared_ptr<NetworkMeter> make(NetworkBounds bounds);
  NetworkMeter(const NetworkMeter&) = delete;
  NetworkMeter& operator=(const NetworkMeter&) = delete;

  /// A place for one more connection. `network.limit` (recoverable) says which bound is in the way.
  [[nodiscard]] Result<MeteredSocket> enter();
  /// Waits for one at most so long, or until `stopFd` is readable.
  [[nodiscard]] Result<MeteredSocket> enterWithin(std::int64_t timeoutMs, int stopFd = -1);
  /// A connection that somebody else has opened: only what it sends counts.
  [[nodiscard]] MeteredSocket attend(int socket);

  [[nodiscard]] bool bounded() const { return !bounds_.connections.empty(); }
  /// Since this was asked last somebody has found no place: who has a connection without using it should close it.
  [[nodiscard]] bool wanted() const;
  /// Those that enter() gave.
  [[nodiscard]] std::int64_t connections() const;
  [[nodiscard]] std::int64_t sentBytes();
  /// `run.egress_limit` once more was sent than may be.
  [[nodiscard]] std::optional<Error> overEgress();

  /// For a place, by its number.
  void watch(std::uint64_t number, int descriptor);
  void look(std::uint64_t number);
  void leave(std::uint64_t number);

  struct Private;
  NetworkMeter(const Private&, NetworkBounds bounds) : bounds_(std::move(bounds)), sent_(bounds_.sentBefore) {}

 private:
  struct Socket {
    int descriptor = -1;
    std::uint64_t cookie = 0;  // the system's own name of it
    std::int64_t sent = 0;
    bool entered = false;
  };
  [[nodiscard]] MeteredSocket add(Socket socket);
  void count(Socket& socket);

  const NetworkBounds bounds_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Socket> sockets_;
  std::uint64_t next_ = 1;
  std::int64_t sent_;
};

/// A place where there is a meter, and an empty one where nothing is counted.
[[nodiscard]] Result<MeteredSocket> enterWithin(const std::shared_ptr<NetworkMeter>& meter, std::int64_t timeoutMs,
                                                int stopFd);

}  // namespace weir::native
