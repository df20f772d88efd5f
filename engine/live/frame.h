// Frames of the live protocol: what travels between a run and those who watch it, on sockets, in the browser and
// between processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::live {

enum class FrameKind : std::uint8_t { control = 0, schema = 1, dictionary = 2, batch = 3 };

inline constexpr std::uint8_t kFrameVersion = 1;
inline constexpr std::uint16_t kCompressed = 1;  // flag: the payload is zstd; reserved, nobody sends it yet
inline constexpr std::size_t kHeaderBytes = 24;
/// Header and payload of one frame.
inline constexpr std::int64_t kMaxFrameBytes = std::int64_t{64} << 20;

/// 24 bytes, little-endian: u8 version, u8 kind, u16 flags, u32 subscription, u64 sequence, u64 rowsShed.
struct FrameHeader {
  FrameKind kind = FrameKind::control;
  std::uint16_t flags = 0;
  std::uint32_t subscription = 0;
  std::uint64_t sequence = 0;  // of the subscription, counting up by one
  std::uint64_t rowsShed = 0;  // of the subscription, since it began: rows that were for it and were not sent
};

struct Frame {
  FrameHeader header;
  std::string payload;  // control: JSON; else one Arrow IPC message
};

void appendHeader(std::string& out, const FrameHeader& header);
/// Of the first 24 bytes. Errors `live.frame`: too short, another version, an unknown kind.
[[nodiscard]] Result<FrameHeader> readHeader(std::string_view bytes);

/// A frame as it goes over a byte stream: u32 length of what follows, header, payload.
void appendFrame(std::string& out, const FrameHeader& header, std::string_view payload);

/// Cuts a byte stream into frames; takes it in pieces of any size. After an error there is nothing more to be had.
class FrameSplitter {
 public:
  /// `mostBytes` of one frame: what a peer may make this side hold.
  explicit FrameSplitter(std::int64_t mostBytes = kMaxFrameBytes) : mostBytes_(mostBytes) {}
  void feed(std::string_view bytes) { pending_.append(bytes); }
  /// The next frame, if it is whole; else feed more. Errors `live.frame`, `live.too_large`.
  [[nodiscard]] Result<std::optional<Frame>> next();
  /// Nothing of a frame is left over.
  [[nodiscard]] bool empty() const { return taken_ == pending_.size(); }

 private:
  std::int64_t mostBytes_;
  std::string pending_;
  std::size_t taken_ = 0;  // of pending_
};

}  // namespace weir::live
