// WebSocket: a connection on which both sides send messages, as those see it who serve it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir {

/// A message as it goes over the wire, encoded once for as many clients as get it. Unlike all else here it may be made
/// on any thread.
using WebSocketFrame = std::shared_ptr<const std::string>;
[[nodiscard]] WebSocketFrame textFrame(std::string_view utf8);
[[nodiscard]] WebSocketFrame binaryFrame(std::string_view bytes);

/// The way to one client.
class WebSocketSender {
 public:
  virtual ~WebSocketSender() = default;
  /// Queues it; what to do when queuedBytes() grows is the caller's to decide. After close() it is dropped.
  virtual void send(WebSocketFrame frame) = 0;
  /// What the client's side of the network has not taken yet.
  [[nodiscard]] virtual std::size_t queuedBytes() const = 0;
  /// Sends what is queued, and then why it ends: a code of RFC 6455 (1000 done, 1001 going away, 1008 refused, 1009 too
  /// large, 1013 try later) or of ours (4000 to 4999), and a reason of at most 120 bytes.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

/// One client's connection. All calls come from the server's thread, one at a time.
class WebSocketHandler {
 public:
  WebSocketHandler() = default;
  WebSocketHandler(const WebSocketHandler&) = delete;
  WebSocketHandler& operator=(const WebSocketHandler&) = delete;
  /// The connection is over, whoever ended it; the sender is gone.
  virtual ~WebSocketHandler() = default;

  /// First. `sender` lives as long as this.
  virtual void opened(WebSocketSender& sender) = 0;
  /// A whole message; valid UTF-8.
  virtual void text(std::string_view message) = 0;
  virtual void binary(std::string_view message) = 0;
  /// The waker of the request that opened the connection was woken.
  virtual void work() {}
  /// All that was queued has been taken.
  virtual void drained() {}
  /// The server is about to end: the place for a last message. It closes with 1001 afterwards.
  virtual void goingAway() {}

  /// False: what the client sends waits in its network until work() has made room; a message may come all the same.
  [[nodiscard]] virtual bool takesMessages() const { return true; }
  /// A larger message ends the connection with 1009.
  [[nodiscard]] virtual std::size_t mostMessageBytes() const { return std::size_t{10} << 20; }
};

}  // namespace weir
