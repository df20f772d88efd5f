// WebSocket by RFC 6455, the server's side, without extensions.
#include "hosts/native/server/web-socket-wire.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/text/base64.h"
#include "engine/text/utf8.h"

namespace weir::native {
namespace {

constexpr std::int64_t kQuietMs = 30'000;  // before a client is asked whether it is there
constexpr std::int64_t kLostMs = 30'000;   // for its answer
constexpr std::int64_t kCloseMs = 5'000;   // for its part of an end
constexpr std::size_t kMostControlBytes = 125;
constexpr std::size_t kKeptBytes = 4 << 10;  // of an empty buffer

enum Opcode : std::uint8_t { kContinue = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

/// In place of what it points to.
void unmask(char* bytes, std::size_t count, const std::uint8_t* mask) {
  std::uint64_t wide = 0;
  std::array<std::uint8_t, 8> twice{};
  for (std::size_t i = 0; i < 8; ++i) twice[i] = mask[i % 4];
  std::memcpy(&wide, twice.data(), 8);
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes + i, 8);
    eight ^= wide;
    std::memcpy(bytes + i, &eight, 8);
  }
  for (; i < count; ++i) bytes[i] = static_cast<char>(static_cast<std::uint8_t>(bytes[i]) ^ mask[i % 4]);
}

bool isCloseCode(std::uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

std::string webSocketAccept(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return encodeBase64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

WebSocketWire::WebSocketWire(OutQueue& out, std::unique_ptr<WebSocketHandler> handler, Waker waker, std::int64_t nowMs)
    : out_(out), handler_(std::move(handler)), waker_(std::move(waker)), heardMs_(nowMs) {}

WebSocketWire::~WebSocketWire() = default;

void WebSocketWire::send(WebSocketFrame frame) {
  if (closing_) return;
  out_.share(std::move(frame));
  waker_.wake();
}

void WebSocketWire::control(std::uint8_t opcode, std::string_view payload) {
  std::string frame;
  frame += static_cast<char>(0x80 | opcode);
  frame += static_cast<char>(payload.size());
  frame += payload;
  out_.append(frame);
}

void WebSocketWire::close(std::uint16_t code, std::string_view reason) {
  if (std::exchange(closing_, true)) return;
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code & 0xFF);
  auto most = std::min<std::size_t>(reason.size(), kMostControlBytes - 2);
  // A character is not cut in two.
  while (most > 0 && most < reason.size() && (static_cast<unsigned char>(reason[most]) & 0xC0) == 0x80) --most;
  payload += reason.substr(0, most);
  control(kClose, payload);
  asked_ = false;
  waker_.wake();
}

void WebSocketWire::goAway() {
  if (closing_) return;
  handler_->goingAway();
  close(1001, "the server is ending");
}

WebSocketWire::Read WebSocketWire::fail(std::uint16_t code, std::string_view reason) {
  close(code, reason);
  closed_ = true;
  in_ = std::string();
  message_ = std::string();
  return Read::wrong;
}

void WebSocketWire::received(std::string_view bytes, std::int64_t nowMs) {
  if (closed_) return;
  heardMs_ = nowMs;
  asked_ = false;
  const bool kept = !in_.empty();
  if (kept) in_.append(bytes);
  std::string_view text = kept ? std::string_view(in_) : bytes;
  Head head;
  while (!text.empty()) {
    const auto read = readHead(text, head);
    if (read == Read::wrong) return;
    if (read == Read::more || text.size() - head.bytes < head.payload) break;
    const auto payload = static_cast<std::size_t>(head.payload);
    take(head, text.substr(head.bytes, payload));
    if (closed_) return;
    text.remove_prefix(head.bytes + payload);
  }
  if (!kept) {
    in_.assign(text);
  } else {
    in_.erase(0, in_.size() - text.size());
  }
  if (in_.empty() && in_.capacity() > kKeptBytes) in_ = std::string();
}

WebSocketWire::Read WebSocketWire::readHead(std::string_view text, Head& head) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  if (text.size() < 2) return Read::more;
  head.opcode = byte(0) & 0x0F;
  head.last = (byte(0) & 0x80) != 0;
  if ((byte(0) & 0x70) != 0) return fail(1002, "a frame uses an extension that was not agreed on");
  if ((byte(1) & 0x80) == 0) return fail(1002, "a frame of a client is masked; this one is not");
  const bool isControl = head.opcode >= kClose;
  if (head.opcode > kPong || (head.opcode > kBinary && !isControl)) return fail(1002, "a frame has an unknown kind");
  head.payload = byte(1) & 0x7F;
  if (isControl && (!head.last || head.payload > kMostControlBytes))
    return fail(1002, "a control frame has at most 125 bytes and is whole");
  if (!isControl && (head.opcode == kContinue) != (opcode_ != 0))
    return fail(1002, "the frames of a message follow one another");
  std::size_t at = 2;
  if (head.payload >= 126) {
    const std::size_t digits = head.payload == 126 ? 2 : 8;
    if (text.size() < at + digits) return Read::more;
    head.payload = 0;
    for (std::size_t i = 0; i < digits; ++i) head.payload = head.payload << 8 | byte(at + i);
    at += digits;
  }
  if (!isControl && head.payload > handler_->mostMessageBytes() - message_.size())
    return fail(1009, "a message has more than " + std::to_string(handler_->mostMessageBytes()) + " bytes");
  if (text.size() < at + 4) return Read::more;
  for (std::size_t i = 0; i < 4; ++i) head.mask[i] = byte(at + i);
  head.bytes = at + 4;
  return Read::whole;
}

void WebSocketWire::take(const Head& head, std::string_view masked) {
  if (head.opcode >= kClose) {
    std::array<char, kMostControlBytes> payload{};
    std::ranges::copy(masked, payload.begin());
    unmask(payload.data(), masked.size(), head.mask);
    const std::string_view clear(payload.data(), masked.size());
    if (head.opcode == kClose) return closedByClient(clear);
    if (head.opcode == kPing && !closing_) control(kPong, clear);
    return;
  }
  if (head.opcode != kContinue) opcode_ = head.opcode;
  const auto before = message_.size();
  message_.append(masked);
  unmask(message_.data() + before, masked.size(), head.mask);
  if (!head.last) return;
  const auto opcode = std::exchange(opcode_, std::uint8_t{0});
  deliver(opcode, message_);
  message_.clear();
  if (message_.capacity() > kKeptBytes) message_ = std::string();
}

void WebSocketWire::deliver(std::uint8_t opcode, std::string_view message) {
  if (closing_) return;
  if (opcode == kBinary) return handler_->binary(message);
  if (!utf8::isValid(message)) {
    static_cast<void>(fail(1007, "a text is not UTF-8"));
    return;
  }
  handler_->text(message);
}

void WebSocketWire::closedByClient(std::string_view payload) {
  if (payload.size() >= 2) {
    const auto code =
        static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 | static_cast<std::uint8_t>(payload[1]));
    const bool proper = isCloseCode(code) && utf8::isValid(payload.substr(2));
    close(proper ? code : 1002, "");
  } else {
    close(payload.empty() ? 1000 : 1002, "");
  }
  closed_ = true;
}

std::int64_t WebSocketWire::deadlineMs() const {
  if (closing_) return asked_ ? heardMs_ + kCloseMs : 0;
  return heardMs_ + kQuietMs + (asked_ ? kLostMs : 0);
}

void WebSocketWire::expire(std::int64_t nowMs) {
  if (asked_) {
    broken_ = true;
    return;
  }
  asked_ = true;
  heardMs_ = closing_ ? nowMs : nowMs - kQuietMs;
  if (!closing_) control(kPing, "");
}

}  // namespace weir::native
