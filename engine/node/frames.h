// Frames: messages in a stream of bytes: lines, or bytes behind their length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::streams {

enum class Framing : std::uint8_t { lines, length16, length32, none };

/// Lines end in LF or CR LF; lengths are big-endian and do not count themselves; none gives the bytes as they come.
class FrameReader {
 public:
  enum class Step : std::uint8_t {
    more,
    frame,
    tooLong  // lines: the line is passed over; lengths: what follows cannot be told apart any more
  };
  FrameReader(Framing framing, std::int64_t mostBytes)
      : framing_(framing), most_(static_cast<std::size_t>(mostBytes)) {}

  void add(std::string_view bytes) {
    held_.erase(0, at_);
    at_ = 0;
    held_.append(bytes);
  }
  /// `frame` is valid until the next add.
  [[nodiscard]] Step next(std::string_view& frame);
  /// At the end of the stream: a line without an end. False for what is cut off.
  [[nodiscard]] bool last(std::string_view& frame);
  [[nodiscard]] bool empty() const { return at_ == held_.size(); }
  void clear() {
    held_.clear();
    at_ = searched_ = 0;
    skipping_ = false;
  }

 private:
  [[nodiscard]] Step nextLine(std::string_view& frame);

  Framing framing_;
  std::size_t most_;
  std::string held_;
  std::size_t at_ = 0;        // behind the frames given
  std::size_t searched_ = 0;  // no line end before, counted from at_
  bool skipping_ = false;
};

/// False: the message cannot be framed (a line feed in a line, too long for its length).
[[nodiscard]] bool appendFrame(std::string& out, std::string_view message, Framing framing);

}  // namespace weir::streams
