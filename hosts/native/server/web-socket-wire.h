// WebSocketWire: one client's WebSocket without its socket: frames in, messages to its handler; messages out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/host/waker.h"
#include "engine/host/web-socket.h"
#include "hosts/native/server/out-queue.h"

namespace weir::native {

/// What a client's Sec-WebSocket-Key is answered with (RFC 6455, 4.2.2).
[[nodiscard]] std::string webSocketAccept(std::string_view key);

class WebSocketWire final : public WebSocketSender {
 public:
  /// `out` outlives it. `waker` is woken when something was put there.
  WebSocketWire(OutQueue& out, std::unique_ptr<WebSocketHandler> handler, Waker waker, std::int64_t nowMs);
  ~WebSocketWire() override;

  /// After the answer to the upgrade is in `out`.
  void open() { handler_->opened(*this); }
  /// Gives messages to the handler as they become whole. What breaks the protocol closes the connection, with the code
  /// that RFC 6455 names for it.
  void received(std::string_view bytes, std::int64_t nowMs);
  void work() {
    if (!closing_) handler_->work();
  }
  /// `out` has become empty.
  void drained() {
    if (!closing_) handler_->drained();
  }
  /// The server ends.
  void goAway();
  /// Nothing was heard for some time: asks whether somebody is there, and gives up later.
  void expire(std::int64_t nowMs);
  [[nodiscard]] std::int64_t deadlineMs() const;
  /// Close when `out` is empty.
  [[nodiscard]] bool closing() const { return closed_; }
  [[nodiscard]] bool broken() const { return broken_; }
  /// A client that sends without reading is not read either.
  [[nodiscard]] bool wantsBytes() const {
    return closing_ || (out_.bytes() < kMostUnreadBytes && handler_->takesMessages());
  }

  void send(WebSocketFrame frame) override;
  [[nodiscard]] std::size_t queuedBytes() const override { return out_.bytes(); }
  void close(std::uint16_t code, std::string_view reason) override;

 private:
  static constexpr std::size_t kMostUnreadBytes = 1 << 20;
  struct Head {
    std::uint8_t opcode = 0;
    bool last = false;
    std::size_t bytes = 0;  // of the head
    std::uint64_t payload = 0;
    std::uint8_t mask[4] = {};
  };
  enum class Read : std::uint8_t { more, whole, wrong };

  [[nodiscard]] Read readHead(std::string_view text, Head& head);
  void take(const Head& head, std::string_view masked);
  void deliver(std::uint8_t opcode, std::string_view message);
  void closedByClient(std::string_view payload);
  void control(std::uint8_t opcode, std::string_view payload);
  [[nodiscard]] Read fail(std::uint16_t code, std::string_view reason);

  OutQueue& out_;
  std::unique_ptr<WebSocketHandler> handler_;
  Waker waker_;
  std::string in_;           // of a frame that is not whole
  std::string message_;      // of the frames so far
  std::uint8_t opcode_ = 0;  // of the message whose frames come; 0: none
  std::int64_t heardMs_;
  bool asked_ = false;    // whether somebody is there
  bool closing_ = false;  // our close is sent
  bool closed_ = false;   // and theirs has come, or nobody waits for it
  bool broken_ = false;
};

}  // namespace weir::native
