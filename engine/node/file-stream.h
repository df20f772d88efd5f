// FileStream: one file's bytes in order: opened, decompressed by its name's ending, changed to UTF-8, without blocking.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/host/codecs.h"
#include "engine/host/files.h"
#include "engine/node/contract.h"
#include "engine/text/encoding.h"

namespace weir {

/// What a text reader's setting `encoding` says. `automatic` and `utf16` look at the byte order mark; without one they
/// are UTF-8 and UTF-16LE. `bytes` leaves everything as it stands, marks too.
enum class TextEncoding : std::uint8_t { automatic, utf8, utf16, windows1252, latin1, bytes };
/// auto, utf-8, utf-16, windows-1252, latin-1. `text.encoding` lists them.
[[nodiscard]] Result<TextEncoding> parseTextEncoding(std::string_view name);

struct FileStreamOptions {
  TextEncoding encoding = TextEncoding::automatic;
  /// How much more() brings at a time.
  std::int64_t chunkBytes = 1 << 20;
  /// Endings .gz and .zst are decompressed.
  bool decompress = true;
};

/// Whether a path's ending says that the file is compressed; `path` without it in `plain`, if wanted.
[[nodiscard]] std::string_view compressionOf(std::string_view path) noexcept;

/// What to say of a file that was listed with `listed` bytes, ended after `read`, and is shorter now. Files whose
/// system tells a size that they never have (of /sys) are none of these.
[[nodiscard]] std::optional<Error> shrunkSince(std::string_view path, std::int64_t listed, std::int64_t read,
                                               const Result<FileInfo>& now);

/// A window onto the file that grows at its end and is consumed at its front. UTF-8 is not checked where nothing has to
/// be changed; other encodings are.
class FileStream {
 public:
  /// Readable bytes behind the window.
  static constexpr std::int64_t kPaddingBytes = 64;

  /// `codecs` may be null: then compressed files are `host.missing`. `sizeHint`: the file's size as listed, or 0; a
  /// plain file that has become shorter than that is `files.shrunk`.
  FileStream(Files& files, Codecs* codecs, MemoryAccount& account, std::string path, std::int64_t sizeHint,
             FileStreamOptions options);
  ~FileStream();
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;

  /// Brings more bytes into the window, or finds the end. `pending`: call again after a wake. After an error the window
  /// keeps what came before it. Errors: files.*, codec.*, text.utf16, memory.limit.
  [[nodiscard]] Result<Poll> more(const Waker& waker);
  [[nodiscard]] bool atEnd() const noexcept { return ended_; }
  [[nodiscard]] std::string_view window() const noexcept {
    return {buffer_.chars() + begin_, static_cast<std::size_t>(size_ - begin_)};
  }
  /// The window, with NULs behind it until more() is called.
  [[nodiscard]] std::string_view closedWindow();
  /// Where the window begins in the file's text.
  [[nodiscard]] std::int64_t offset() const noexcept { return offset_; }
  /// Takes the first `bytes` bytes of the window as a buffer of its own, with padding behind it.
  [[nodiscard]] Result<Buffer> cut(std::int64_t bytes);
  void drop(std::int64_t bytes) noexcept {
    begin_ += bytes;
    offset_ += bytes;
  }
  /// How many bytes of the file itself were read since the last call: for progress.
  [[nodiscard]] std::int64_t takeReadBytes() noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  [[nodiscard]] Result<Poll> openFile(const Waker& waker);
  [[nodiscard]] Result<Poll> fillPlain(const Waker& waker);
  [[nodiscard]] Result<Poll> checkSize(const Waker& waker);
  [[nodiscard]] Result<Poll> fillSlow(const Waker& waker);
  [[nodiscard]] Result<Poll> readRaw(const Waker& waker);
  [[nodiscard]] Result<void> unpack();
  [[nodiscard]] Result<void> deliver(std::string_view bytes, bool last);
  [[nodiscard]] Result<void> noteStart();
  [[nodiscard]] Result<void> reserve(std::int64_t more);
  void closeFile();

  Files& files_;
  Codecs* codecs_;
  MemoryAccount& account_;
  std::string path_;
  FileStreamOptions options_;
  std::int64_t sizeHint_;

  Operation<FileId> opening_;
  Operation<std::int64_t> reading_;
  Operation<FileInfo> sizing_;  // when the file ended before its listed size
  FileId file_ = -1;
  std::int64_t filePosition_ = 0, reportedBytes_ = 0;
  std::int64_t asked_ = 0;

  Buffer buffer_;
  std::int64_t begin_ = 0, size_ = 0, capacity_ = 0;
  std::int64_t offset_ = 0;
  bool started_ = false, ended_ = false;

  // The slow way: compressed, or not UTF-8.
  bool slow_ = false;
  Buffer raw_;
  std::int64_t rawBegin_ = 0, rawSize_ = 0;
  bool rawEnded_ = false;
  std::unique_ptr<Decompressor> decompressor_;
  bool memberEnded_ = true;
  std::int64_t unpackedBytes_ = 0;
  std::string head_;     // unpacked bytes before the encoding is known
  std::string changed_;  // scratch
  std::unique_ptr<Utf8Reader> reader_;
};

}  // namespace weir
