// RedisClient: commands to one Redis server, from a thread of their own.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/redis/protocol.h"
#include "hosts/native/network/network-settings.h"
#include "hosts/native/network/wire.h"
#include "hosts/native/stop-signal.h"

namespace weir::native {

struct RedisTarget {
  std::string server;  // HOST:PORT
  bool tls = false;
  std::string user, password;  // secrets unresolved
  int database = 0;
  std::int64_t timeoutMs = 10'000;
};

/// Connects when it must, and again after a lost connection with the next call. Errors: `broker.unavailable`
/// (recoverable), `broker.denied`, `broker.protocol`, `broker.stopped`, network.*, secret.*.
class RedisClient {
 public:
  /// `network` outlives it.
  RedisClient(RedisTarget target, const NetworkSettings& network) : target_(std::move(target)), network_(network) {}

  /// One reply; an error of the server stays a Reply. Waits `moreMs` longer than the timeout (BLOCK).
  Result<redis::Reply> call(std::span<const std::string_view> arguments, std::int64_t moreMs = 0);
  Result<redis::Reply> call(std::initializer_list<std::string_view> arguments, std::int64_t moreMs = 0) {
    return call(std::span(arguments.begin(), arguments.size()), moreMs);
  }
  /// Commands that appendCommand wrote, and as many replies.
  Result<std::vector<redis::Reply>> pipeline(std::string_view commands, std::size_t count, std::int64_t moreMs = 0);
  /// Thread-safe, for good.
  void stop() { stop_.raise(); }
  [[nodiscard]] bool connected() const { return wire_ != nullptr; }

 private:
  Result<void> connect();
  Result<std::vector<redis::Reply>> exchange(std::string_view commands, std::size_t count, std::int64_t moreMs);
  [[nodiscard]] Error told(Error error);

  RedisTarget target_;
  const NetworkSettings& network_;
  StopSignal stop_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<redis::Replies> replies_;
};

/// What an error reply means.
[[nodiscard]] Error redisError(const std::string& text);

}  // namespace weir::native
