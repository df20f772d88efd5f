// Wire: a checked TCP connection, with TLS or without, for protocols that are spoken on a thread of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/data/error.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/network/network-meter.h"
#include "hosts/native/network/network-policy.h"

struct ssl_st;
struct ssl_ctx_st;

namespace weir::native {

struct WireOptions {
  std::string server;  // HOST:PORT; [v6]:PORT
  std::uint16_t defaultPort = 0;
  bool tls = false;  // the certificate must be good and name the host
  int stopFd = -1;   // readable: every wait ends with `broker.stopped`
  std::int64_t timeoutMs = 10'000;
  std::shared_ptr<NetworkMeter> meter{};  // null: not counted
};

/// Used by one thread. Errors: network.*, `network.tls`, `broker.stopped`, `broker.unavailable` (recoverable) when the
/// other side closes or is silent.
class Wire {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Wire>> connect(const WireOptions& options, const NetworkPolicy& policy);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// All of it, within the timeout.
  Result<void> send(std::string_view bytes);
  /// From here on with TLS, as if WireOptions::tls had been set; `host` is whom the certificate must name.
  Result<void> startTls(const std::string& host);
  /// Some bytes, appended to `into`; false if none came within `waitMs`.
  Result<bool> receive(std::string& into, std::int64_t waitMs);

  struct Private;
  Wire(const Private&, int socket, MeteredSocket place, const WireOptions& options)
      : socket_(socket), place_(std::move(place)), stopFd_(options.stopFd), timeoutMs_(options.timeoutMs) {}

 private:
  /// False: the time is over.
  Result<bool> waitFor(short events, std::int64_t deadlineMs) const;

  Descriptor socket_;
  MeteredSocket place_;  // goes before the socket does
  int stopFd_;
  std::int64_t timeoutMs_;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* tls_ = nullptr;
};

/// HOST and PORT of `server`. `settings.invalid`.
[[nodiscard]] Result<std::pair<std::string, std::uint16_t>> splitServer(std::string_view server,
                                                                        std::uint16_t defaultPort);

}  // namespace weir::native
