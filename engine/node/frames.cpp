// Cutting frames out of bytes.
#include "engine/node/frames.h"

namespace weir::streams {

FrameReader::Step FrameReader::nextLine(std::string_view& frame) {
  for (;;) {
    const auto rest = std::string_view(held_).substr(at_);
    const auto end = rest.find('\n', searched_);
    if (end == std::string_view::npos) {
      searched_ = rest.size();
      if (rest.size() <= most_) return Step::more;
      const bool first = !skipping_;
      at_ = held_.size();
      searched_ = 0;
      skipping_ = true;
      return first ? Step::tooLong : Step::more;
    }
    at_ += end + 1;
    searched_ = 0;
    if (skipping_) {
      skipping_ = false;
      continue;
    }
    frame = rest.substr(0, end);
    if (frame.ends_with('\r')) frame.remove_suffix(1);
    return frame.size() > most_ ? Step::tooLong : Step::frame;
  }
}

FrameReader::Step FrameReader::next(std::string_view& frame) {
  if (framing_ == Framing::lines) return nextLine(frame);
  const auto rest = std::string_view(held_).substr(at_);
  if (framing_ == Framing::none) {
    if (rest.empty()) return Step::more;
    frame = rest;
    at_ = held_.size();
    return Step::frame;
  }
  const std::size_t width = framing_ == Framing::length16 ? 2 : 4;
  if (rest.size() < width) return Step::more;
  std::size_t length = 0;
  for (std::size_t i = 0; i < width; ++i) length = length << 8U | static_cast<unsigned char>(rest[i]);
  if (length > most_) return Step::tooLong;
  if (rest.size() - width < length) return Step::more;
  frame = rest.substr(width, length);
  at_ += width + length;
  return Step::frame;
}

bool FrameReader::last(std::string_view& frame) {
  if (framing_ != Framing::lines || skipping_ || empty()) return false;
  frame = std::string_view(held_).substr(at_);
  at_ = held_.size();
  return true;
}

bool appendFrame(std::string& out, std::string_view message, Framing framing) {
  if (framing == Framing::lines) {
    if (message.find('\n') != std::string_view::npos) return false;
    out.append(message).push_back('\n');
    return true;
  }
  if (framing != Framing::none) {
    const std::size_t width = framing == Framing::length16 ? 2 : 4;
    if (std::uint64_t{message.size()} >> (8 * width) != 0) return false;
    for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<char>(message.size() >> (8 * i)));
  }
  out.append(message);
  return true;
}

}  // namespace weir::streams
