// Headers as bytes, and streams of bytes as frames.
#include "engine/live/frame.h"

#include <array>

namespace weir::live {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
}

std::uint64_t get(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return value;
}

}  // namespace

void appendHeader(std::string& out, const FrameHeader& header) {
  put(out, kFrameVersion, 1);
  put(out, static_cast<std::uint64_t>(header.kind), 1);
  put(out, header.flags, 2);
  put(out, header.subscription, 4);
  put(out, header.sequence, 8);
  put(out, header.rowsShed, 8);
}

Result<FrameHeader> readHeader(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) {
    return fail("live.frame", "a frame has " + std::to_string(bytes.size()) + " bytes; its header alone has 24");
  }
  const auto version = get(bytes, 0, 1);
  if (version != kFrameVersion) {
    return fail("live.frame", "a frame has version " + std::to_string(version) +
                                  ", this program speaks version 1; use programs of one release on both sides");
  }
  const auto kind = get(bytes, 1, 1);
  if (kind > static_cast<std::uint64_t>(FrameKind::batch)) {
    return fail("live.frame", "a frame is of the unknown kind " + std::to_string(kind) +
                                  "; known are 0 (control), 1 (schema), 2 (dictionary), 3 (batch)");
  }
  FrameHeader header;
  header.kind = static_cast<FrameKind>(kind);
  header.flags = static_cast<std::uint16_t>(get(bytes, 2, 2));
  header.subscription = static_cast<std::uint32_t>(get(bytes, 4, 4));
  header.sequence = get(bytes, 8, 8);
  header.rowsShed = get(bytes, 16, 8);
  return header;
}

void appendFrame(std::string& out, const FrameHeader& header, std::string_view payload) {
  put(out, kHeaderBytes + payload.size(), 4);
  appendHeader(out, header);
  out.append(payload);
}

Result<std::optional<Frame>> FrameSplitter::next() {
  const auto bytes = std::string_view(pending_).substr(taken_);
  if (bytes.size() < 4) return std::nullopt;
  const auto length = static_cast<std::size_t>(get(bytes, 0, 4));
  if (static_cast<std::int64_t>(length) > mostBytes_) {
    return fail("live.too_large", "a frame claims " + std::to_string(length) + " bytes; " + std::to_string(mostBytes_) +
                                      " are the most that this side takes");
  }
  if (length < kHeaderBytes) {
    return fail("live.frame", "a frame claims " + std::to_string(length) + " bytes; its header alone has 24");
  }
  if (bytes.size() < 4 + kHeaderBytes) return std::nullopt;
  WEIR_ASSIGN(const auto header, readHeader(bytes.substr(4)));
  if (bytes.size() < 4 + length) return std::nullopt;
  Frame frame{header, std::string(bytes.substr(4 + kHeaderBytes, length - kHeaderBytes))};
  taken_ += 4 + length;
  // Moving what is left only now and then keeps feeding in small pieces linear.
  if (taken_ >= pending_.size() / 2) {
    pending_.erase(0, taken_);
    taken_ = 0;
  }
  return frame;
}

}  // namespace weir::live
