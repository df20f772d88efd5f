// StreamWire: one open connection of any kind, as coroutines that read and write pieces.
#pragma once

#include <memory>
#include <string>

#include "engine/host/streams.h"
#include "hosts/native/network/asio-core.h"

namespace weir::native {

class StreamWire {
 public:
  virtual ~StreamWire() = default;
  /// The next bytes or message; empty bytes of a piece that is no message: the other side has ended.
  virtual asio::awaitable<Result<StreamPiece>> read() = 0;
  virtual asio::awaitable<Result<Unit>> write(const StreamPiece& piece) = 0;
  /// Reading and writing end soon.
  virtual void cancel() = 0;
  /// Whether an empty piece is a message.
  [[nodiscard]] virtual bool isEnd(const StreamPiece& piece) const { return piece.bytes.empty(); }
};

/// Of an accepted or dialled connection.
[[nodiscard]] std::unique_ptr<StreamWire> makeTcpWire(Link link, std::int64_t idleTimeoutMs, std::string where);
/// Connects and agrees on WebSocket.
[[nodiscard]] asio::awaitable<Result<std::unique_ptr<StreamWire>>> openWebSocket(AsioCore& core, StreamTarget target,
                                                                                 Url url);
/// Connects, asks, and reads the head of the answer.
[[nodiscard]] asio::awaitable<Result<std::unique_ptr<StreamWire>>> openHttpStream(AsioCore& core, StreamTarget target,
                                                                                  Url url);

/// The headers that a target asks for, with secrets put in; http.protocol for those that cannot be.
[[nodiscard]] Result<std::vector<HttpHeader>> revealedHeaders(const AsioCore& core, const StreamTarget& target,
                                                              const Url& url);

}  // namespace weir::native
