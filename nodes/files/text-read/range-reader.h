// RangeReader: the whole lines of one range of a UTF-8 file, a cache-sized chunk at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/host/files.h"
#include "engine/node/contract.h"

namespace weir::nodes::text_read {

/// What lines are read from.
class LineChunks {
 public:
  virtual ~LineChunks() = default;
  /// Brings the next chunk of whole lines (the last line of the file may lack its "\n"), or the end: an empty chunk.
  /// `pending`: call again after a wake, which may come at once: a long line takes several turns. Errors: those of
  /// Files, `text.line_too_long` (go on after it), `memory.limit`.
  [[nodiscard]] virtual Result<Poll> next(const Waker& waker) = 0;
  [[nodiscard]] virtual std::string_view chunk() const = 0;
  /// Of the chunk's (or the long line's) first byte in the file's text.
  [[nodiscard]] virtual std::int64_t offset() const = 0;
  /// Bytes of the file that were read since the last call.
  [[nodiscard]] virtual std::int64_t takeReadBytes() = 0;
};

/// As much is read in one call of next() that finds no line end; then others, and a cancellation, have their turn.
constexpr std::int64_t kTurnBytes = 4 << 20;

[[nodiscard]] std::unexpected<Error> lineTooLong(std::int64_t maxLineBytes);

/// A line belongs to the range in which it begins. Ranges of one file need know nothing of each other.
class RangeReader final : public LineChunks {
 public:
  struct Range {
    std::string path;
    std::int64_t offset = 0;
    std::int64_t bytes = 0;      // 0: to the end of the file, wherever that is by then
    bool checkMark = false;      // the file may begin with a byte order mark of UTF-16
    std::int64_t fileBytes = 0;  // as listed
  };
  RangeReader(Files& files, MemoryAccount& account, Range range, std::int64_t maxLineBytes);
  ~RangeReader() override;
  RangeReader(const RangeReader&) = delete;
  RangeReader& operator=(const RangeReader&) = delete;

  [[nodiscard]] Result<Poll> next(const Waker& waker) override;
  [[nodiscard]] std::string_view chunk() const override {
    return {buffer_.chars() + begin_, static_cast<std::size_t>(cut_ - begin_)};
  }
  [[nodiscard]] std::int64_t offset() const override { return position_ + begin_; }
  [[nodiscard]] std::int64_t takeReadBytes() override { return std::exchange(readBytes_, 0); }
  /// The file is UTF-16: nothing was, or will be, read here.
  [[nodiscard]] bool isUtf16() const { return utf16_; }
  /// The file ended within this range before its listed size, and is shorter now. Looked at behind the last chunk.
  [[nodiscard]] const std::optional<Error>& shrunk() const { return shrunk_; }

  static constexpr std::int64_t kChunkBytes = 256 << 10;

 private:
  [[nodiscard]] Result<Poll> start(const Waker& waker);
  [[nodiscard]] Result<Poll> fill(const Waker& waker);
  [[nodiscard]] Result<bool> cut();
  [[nodiscard]] bool skipToLine();
  [[nodiscard]] Result<Poll> checkSize(const Waker& waker);

  Files& files_;
  MemoryAccount& account_;
  Range range_;
  std::int64_t maxLineBytes_, stop_;
  Operation<FileId> opening_;
  Operation<std::int64_t> reading_;
  Operation<FileInfo> sizing_;
  std::optional<Error> shrunk_;
  FileId file_ = -1;
  Buffer buffer_;
  std::int64_t capacity_ = 0;
  std::int64_t position_ = 0;                    // of the buffer's first byte in the file
  std::int64_t begin_ = 0, cut_ = 0, held_ = 0;  // chunk; bytes held
  std::int64_t searchedTo_ = 0;                  // in the file: no line ends between begin_ and here
  std::int64_t readBytes_ = 0;
  bool started_ = false, skipping_ = false, fileEnded_ = false, done_ = false, utf16_ = false;
};

}  // namespace weir::nodes::text_read
