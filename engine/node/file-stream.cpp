// Reading a file as a window of UTF-8 text.
#include "engine/node/file-stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace weir {
namespace {

constexpr std::int64_t kRawBytes = 256 << 10;
/// Gzip cannot reach more than 1,032 to 1; what does is made to fill memory or disk.
constexpr std::int64_t kMaxRatio = 1'100;
constexpr std::int64_t kRatioFreeBytes = 64 << 20;

}  // namespace

Result<TextEncoding> parseTextEncoding(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, TextEncoding>, 6> kNames{{
      {"auto", TextEncoding::automatic},
      {"utf-8", TextEncoding::utf8},
      {"utf-16", TextEncoding::utf16},
      {"windows-1252", TextEncoding::windows1252},
      {"latin-1", TextEncoding::latin1},
      {"bytes", TextEncoding::bytes},
  }};
  for (const auto& [known, encoding] : kNames) {
    if (known == name) return encoding;
  }
  return fail("text.encoding",
              "'" + std::string(name) + "' is no known encoding; known are auto, utf-8, utf-16, windows-1252, latin-1");
}

std::optional<Error> shrunkSince(std::string_view path, std::int64_t listed, std::int64_t read,
                                 const Result<FileInfo>& now) {
  if (!now || now->sizeBytes >= listed) return std::nullopt;
  return Error{"files.shrunk", "'" + std::string(path) + "' became shorter while it was read: of " +
                                   std::to_string(listed) + " bytes only " + std::to_string(read) +
                                   " were left; read it when nobody writes to it"};
}

std::string_view compressionOf(std::string_view path) noexcept {
  if (path.ends_with(".gz")) return "gzip";
  if (path.ends_with(".zst")) return "zstd";
  return {};
}

FileStream::FileStream(Files& files, Codecs* codecs, MemoryAccount& account, std::string path, std::int64_t sizeHint,
                       FileStreamOptions options)
    : files_(files),
      codecs_(codecs),
      account_(account),
      path_(std::move(path)),
      options_(options),
      sizeHint_(sizeHint) {}

FileStream::~FileStream() {
  if (opening_.active() && opening_.ready()) {
    if (auto opened = opening_.take(); opened) file_ = *opened;
  }
  closeFile();
}

void FileStream::closeFile() {
  if (file_ >= 0) files_.close(std::exchange(file_, -1));
}

std::int64_t FileStream::takeReadBytes() noexcept {
  return filePosition_ - std::exchange(reportedBytes_, filePosition_);
}

Result<Poll> FileStream::openFile(const Waker& waker) {
  if (!opening_.active()) {
    const auto compression = options_.decompress ? compressionOf(path_) : std::string_view();
    if (!compression.empty()) {
      if (codecs_ == nullptr) {
        return fail("host.missing", "'" + path_ + "' is compressed, and this place cannot decompress; unpack it first");
      }
      WEIR_ASSIGN(decompressor_, codecs_->decompressor(compression));
    }
    const auto encoding = options_.encoding;
    slow_ = decompressor_ ||
            (encoding != TextEncoding::automatic && encoding != TextEncoding::utf8 && encoding != TextEncoding::bytes);
    opening_ = files_.open(path_, FileMode::read, waker);
  }
  if (!opening_.ready()) return Poll::pending;
  WEIR_ASSIGN(file_, opening_.take());
  return Poll::ready;
}

Result<void> FileStream::reserve(std::int64_t more) {
  if (size_ + more + kPaddingBytes <= capacity_) return {};
  const auto held = size_ - begin_;
  // Doubling keeps the copying linear in the bytes that pass.
  const auto wanted = std::max(held + more, begin_ > held ? held + more : 2 * held) + kPaddingBytes;
  WEIR_ASSIGN(auto grown, Buffer::allocate(wanted, account_));
  if (held > 0) std::memcpy(grown.mutableData(), buffer_.data() + begin_, static_cast<std::size_t>(held));
  buffer_ = std::move(grown);
  capacity_ = buffer_.size();
  begin_ = 0;
  size_ = held;
  return {};
}

Result<Poll> FileStream::more(const Waker& waker) {
  if (ended_) return Poll::ready;
  if (file_ < 0 && !rawEnded_) {
    WEIR_ASSIGN(const auto opened, openFile(waker));
    if (opened == Poll::pending) return Poll::pending;
  }
  return slow_ ? fillSlow(waker) : fillPlain(waker);
}

Result<Poll> FileStream::checkSize(const Waker& waker) {
  if (!sizing_.active()) sizing_ = files_.stat(file_, waker);
  if (!sizing_.ready()) return Poll::pending;
  auto trouble = shrunkSince(path_, sizeHint_, filePosition_, sizing_.take());
  ended_ = true;
  closeFile();
  if (trouble) return std::unexpected(std::move(*trouble));
  return Poll::ready;
}

Result<Poll> FileStream::fillPlain(const Waker& waker) {
  if (sizing_.active()) return checkSize(waker);
  if (!reading_.active()) {
    // One byte more than the listed size shows in the same call that the file is over.
    const auto left = sizeHint_ - filePosition_ + 1;
    asked_ = left > 1 && left < options_.chunkBytes * 4 ? left : options_.chunkBytes;
    WEIR_TRY(reserve(asked_));
    reading_ = files_.read(file_, filePosition_, buffer_, size_, asked_, waker);
  }
  if (!reading_.ready()) return Poll::pending;
  WEIR_ASSIGN(const auto got, reading_.take());
  filePosition_ += got;
  size_ += got;
  const bool tooShort = got < asked_ && filePosition_ < sizeHint_;
  if (got < asked_ && !tooShort) {
    ended_ = true;
    closeFile();
  }
  if (!started_) WEIR_TRY(noteStart());
  return tooShort && !slow_ ? checkSize(waker) : Poll::ready;
}

/// The first bytes of a plain file: a mark is dropped, and may show that it is not plain.
Result<void> FileStream::noteStart() {
  started_ = true;
  if (options_.encoding == TextEncoding::bytes) return {};
  const auto mark = detectByteOrderMark(window());
  if (!mark) return {};
  if (mark->encoding == Encoding::utf8) {
    begin_ += mark->bytes;
    return {};
  }
  if (options_.encoding == TextEncoding::utf8) return {};
  slow_ = true;
  rawEnded_ = ended_;
  ended_ = false;
  const std::string bytes(window());
  size_ = begin_;
  reader_ = std::make_unique<Utf8Reader>(mark->encoding);
  WEIR_TRY(deliver(bytes, rawEnded_));
  ended_ = rawEnded_;
  return {};
}

Result<Poll> FileStream::readRaw(const Waker& waker) {
  if (!reading_.active()) {
    // The buffer before may still be under way nowhere: reads are one at a time.
    if (raw_.size() == 0) {
      WEIR_ASSIGN(raw_, Buffer::allocate(kRawBytes, account_));
    }
    reading_ = files_.read(file_, filePosition_, raw_, 0, kRawBytes, waker);
  }
  if (!reading_.ready()) return Poll::pending;
  WEIR_ASSIGN(const auto got, reading_.take());
  filePosition_ += got;
  rawBegin_ = 0;
  rawSize_ = got;
  if (got < kRawBytes) {
    rawEnded_ = true;
    closeFile();
  }
  return Poll::ready;
}

Result<Poll> FileStream::fillSlow(const Waker& waker) {
  const auto before = size_ - begin_;
  while (!ended_ && size_ - begin_ < before + options_.chunkBytes) {
    if (rawBegin_ == rawSize_ && !rawEnded_) {
      WEIR_ASSIGN(const auto read, readRaw(waker));
      if (read == Poll::pending) return size_ - begin_ > before ? Poll::ready : Poll::pending;
    }
    if (decompressor_) {
      WEIR_TRY(unpack());
    } else {
      const std::string_view bytes(raw_.chars() + rawBegin_, static_cast<std::size_t>(rawSize_ - rawBegin_));
      rawBegin_ = rawSize_;
      WEIR_TRY(deliver(bytes, rawEnded_));
      ended_ = rawEnded_;
    }
  }
  return Poll::ready;
}

/// Decompresses what was read, a bounded piece at a time.
Result<void> FileStream::unpack() {
  const std::string_view in(raw_.chars() + rawBegin_, static_cast<std::size_t>(rawSize_ - rawBegin_));
  std::array<std::byte, 64 << 10> out;
  if (in.empty() && rawEnded_ && memberEnded_) {
    WEIR_TRY(deliver({}, true));
    ended_ = true;
    return {};
  }
  auto step = decompressor_->run(in, out);
  if (!step) {
    auto error = std::move(step.error());
    error.message = "'" + path_ + "': " + error.message;
    return std::unexpected(std::move(error));
  }
  rawBegin_ += step->consumed;
  unpackedBytes_ += step->produced;
  if (step->consumed > 0 || step->ended) memberEnded_ = step->ended;
  if (unpackedBytes_ > kRatioFreeBytes && unpackedBytes_ / kMaxRatio > filePosition_) {
    return fail("codec.bomb", "'" + path_ + "' unpacks to more than " + std::to_string(kMaxRatio) +
                                  " times its size; if that is right, unpack it yourself first");
  }
  if (step->consumed == 0 && step->produced == 0 && rawEnded_) {
    return fail("codec.truncated",
                "'" + path_ + "' ends in the middle of its compressed data; it was not copied whole");
  }
  return deliver({reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(step->produced)}, false);
}

/// Unpacked bytes: the encoding is settled by the first of them, then they join the window as UTF-8.
Result<void> FileStream::deliver(std::string_view bytes, bool last) {
  if (!started_) {
    head_ += bytes;
    if (head_.size() < 4 && !last) return {};
    started_ = true;
    changed_ = std::exchange(head_, {});
    const auto mark = detectByteOrderMark(changed_);
    const auto wanted = options_.encoding;
    if (wanted == TextEncoding::windows1252 || wanted == TextEncoding::latin1) {
      reader_ = std::make_unique<Utf8Reader>(wanted == TextEncoding::latin1 ? Encoding::latin1 : Encoding::windows1252);
    } else if (wanted == TextEncoding::utf16) {
      reader_ = std::make_unique<Utf8Reader>(mark && mark->encoding == Encoding::utf16be ? Encoding::utf16be
                                                                                         : Encoding::utf16le);
    } else if (wanted == TextEncoding::automatic && mark && mark->encoding != Encoding::utf8) {
      reader_ = std::make_unique<Utf8Reader>(mark->encoding);
    } else if (wanted != TextEncoding::bytes && mark && mark->encoding == Encoding::utf8) {
      changed_.erase(0, static_cast<std::size_t>(mark->bytes));
    }
    const auto first = std::exchange(changed_, {});
    return deliver(first, last);
  }
  std::optional<Error> trouble;
  if (reader_) {
    changed_.clear();
    auto added = reader_->add(bytes, changed_);
    if (added && last) added = reader_->finish();
    if (!added) trouble = Error{added.error().code, "'" + path_ + "': " + added.error().message};
    bytes = changed_;
  }
  WEIR_TRY(reserve(static_cast<std::int64_t>(bytes.size())));
  if (!bytes.empty()) std::memcpy(buffer_.mutableData() + size_, bytes.data(), bytes.size());
  size_ += static_cast<std::int64_t>(bytes.size());
  if (trouble) return std::unexpected(std::move(*trouble));
  return {};
}

std::string_view FileStream::closedWindow() {
  if (capacity_ == 0) return std::string_view("\0", 0);
  std::memset(buffer_.mutableData() + size_, 0, static_cast<std::size_t>(std::min(kPaddingBytes, capacity_ - size_)));
  return window();
}

Result<Buffer> FileStream::cut(std::int64_t bytes) {
  const auto rest = size_ - begin_ - bytes;
  auto whole = buffer_.slice(begin_, bytes);
  offset_ += bytes;
  if (ended_) {
    begin_ += bytes;
    return whole;
  }
  // The part that stays moves out: what was handed over is somebody else's, padding included.
  WEIR_ASSIGN(auto next, Buffer::allocate(rest + options_.chunkBytes + kPaddingBytes, account_));
  if (rest > 0) std::memcpy(next.mutableData(), buffer_.data() + begin_ + bytes, static_cast<std::size_t>(rest));
  buffer_ = std::move(next);
  capacity_ = buffer_.size();
  begin_ = 0;
  size_ = rest;
  return whole;
}

}  // namespace weir
