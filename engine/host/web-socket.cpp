// Frames of RFC 6455 as a server sends them: whole messages, not masked.
#include "engine/host/web-socket.h"

#include <utility>

namespace weir {
namespace {

WebSocketFrame framed(std::uint8_t opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame += static_cast<char>(0x80 | opcode);
  const auto put = [&](int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
      frame += static_cast<char>(std::uint64_t{payload.size()} >> shift & 0xFF);
  };
  if (payload.size() < 126) {
    put(1);
  } else if (payload.size() < 65'536) {
    frame += static_cast<char>(126);
    put(2);
  } else {
    frame += static_cast<char>(127);
    put(8);
  }
  frame += payload;
  return std::make_shared<const std::string>(std::move(frame));
}

}  // namespace

WebSocketFrame textFrame(std::string_view utf8) { return framed(1, utf8); }
WebSocketFrame binaryFrame(std::string_view bytes) { return framed(2, bytes); }

}  // namespace weir
