// Streams: connections that stay open: TCP, TLS, WebSocket and the endless answers of HTTP; and listeners for TCP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/http.h"
#include "engine/host/operation.h"

namespace weir {

using StreamId = std::int32_t;
using ListenerId = std::int32_t;

/// Bytes as they came; of a WebSocket one whole message.
struct StreamPiece {
  std::string bytes;
  bool text = false;  // WebSocket: a text message, which is valid UTF-8
};

/// `url` is tcp://, tls:// (with a port), ws://, wss://, http:// or https:// (a GET whose answer is read as it comes).
/// Header values, user and password may hold ${secret:NAME}.
struct StreamTarget {
  std::string url;
  std::vector<HttpHeader> headers{};
  std::string user{}, password{};
  std::string caFile{};
  std::int64_t connectTimeoutMs = 10'000;
  std::int64_t idleTimeoutMs = 0;  // without a byte; 0: never. A WebSocket is pinged before
  std::int64_t maxMessageBytes = 16 << 20;
};

struct StreamOpened {
  StreamId stream = -1;
  std::string remote;  // address and port of the other side
};

struct ListenTarget {
  std::string address;  // ADDRESS:PORT; port 0 takes any free one
  std::int64_t mostConnections = 100;
  std::int64_t idleTimeoutMs = 0;
};

/// Errors of `open`: url.invalid, network.*, tls.*, secret.*, http.status (recoverable where asking again may help);
/// of `read` and `write`: network.closed, network.timeout, websocket.protocol, websocket.too_large. Thread-safe.
struct Streams {
  static constexpr std::string_view kName = "streams";
  virtual ~Streams() = default;

  virtual Operation<StreamOpened> open(StreamTarget target, Waker waker) = 0;
  /// All that has arrived, at least one piece; none: the other side has ended. One at a time.
  virtual Operation<std::vector<StreamPiece>> read(StreamId stream, Waker waker) = 0;
  /// Finished when all is handed to the system. One at a time.
  virtual Operation<Unit> write(StreamId stream, std::vector<StreamPiece> pieces, Waker waker) = 0;
  virtual void close(StreamId stream) = 0;

  /// `ingress.listen` if it cannot.
  [[nodiscard]] virtual Result<ListenerId> listen(ListenTarget target) = 0;
  /// Where it listens: ADDRESS:PORT.
  [[nodiscard]] virtual std::string address(ListenerId listener) = 0;
  virtual Operation<StreamOpened> accept(ListenerId listener, Waker waker) = 0;
  virtual void stop(ListenerId listener) = 0;
};

}  // namespace weir
