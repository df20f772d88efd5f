// Reading one range: from the first line that begins in it to the end of the last one.
#include "nodes/files/text-read/range-reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/node/file-stream.h"
#include "engine/regex/literal-search.h"
#include "engine/text/encoding.h"

namespace weir::nodes::text_read {
namespace {

/// How much is read first behind the range, to end its last line; then twice as much each time.
constexpr std::int64_t kBehindBytes = 16 << 10;
constexpr std::int64_t kMarkBytes = 4;

}  // namespace

std::unexpected<Error> lineTooLong(std::int64_t maxLineBytes) {
  return fail("text.line_too_long", "the line is longer than maxLineBytes (" + std::to_string(maxLineBytes) +
                                        "); is this a text file? Allow more if that is right");
}

RangeReader::RangeReader(Files& files, MemoryAccount& account, Range range, std::int64_t maxLineBytes)
    : files_(files),
      account_(account),
      range_(std::move(range)),
      maxLineBytes_(maxLineBytes),
      stop_(range_.bytes == 0 ? INT64_MAX : range_.offset + range_.bytes) {}

RangeReader::~RangeReader() {
  if (file_ >= 0) files_.close(file_);
}

Result<Poll> RangeReader::start(const Waker& waker) {
  if (file_ < 0) {
    if (!opening_.active()) opening_ = files_.open(range_.path, FileMode::read, waker);
    if (!opening_.ready()) return Poll::pending;
    WEIR_ASSIGN(file_, opening_.take());
    capacity_ = std::min(kChunkBytes, maxLineBytes_ + 1);
    WEIR_ASSIGN(buffer_, Buffer::allocate(capacity_, account_));
  }
  if (range_.offset > 0 && range_.checkMark) {
    if (!reading_.active()) reading_ = files_.read(file_, 0, buffer_, 0, kMarkBytes, waker);
    if (!reading_.ready()) return Poll::pending;
    WEIR_ASSIGN(const auto got, reading_.take());
    const auto mark = detectByteOrderMark(std::string_view(buffer_.chars(), static_cast<std::size_t>(got)));
    utf16_ = mark && mark->encoding != Encoding::utf8;
  }
  // The byte before the range tells whether a line begins exactly with it.
  skipping_ = range_.offset > 0;
  position_ = skipping_ ? range_.offset - 1 : 0;
  started_ = true;
  done_ = utf16_;
  return Poll::ready;
}

Result<Poll> RangeReader::next(const Waker& waker) {
  if (!started_) {
    WEIR_ASSIGN(const auto polled, start(waker));
    if (polled == Poll::pending) return Poll::pending;
  }
  begin_ = cut_;
  for (const auto readBefore = readBytes_;;) {
    if (done_) {
      WEIR_ASSIGN(const auto polled, checkSize(waker));
      if (polled == Poll::pending) return Poll::pending;
      begin_ = cut_ = held_;
      return Poll::ready;
    }
    if (!skipping_ || skipToLine()) {
      WEIR_ASSIGN(const bool found, cut());
      if (found) return Poll::ready;
    }
    if (done_) continue;
    if (readBytes_ - readBefore > kTurnBytes) {
      waker.wake();
      return Poll::pending;
    }
    WEIR_ASSIGN(const auto polled, fill(waker));
    if (polled == Poll::pending) return Poll::pending;
  }
}

Result<Poll> RangeReader::checkSize(const Waker& waker) {
  const auto end = position_ + held_;
  const bool mine = end >= range_.offset && end < stop_;
  if (!fileEnded_ || !mine || end >= range_.fileBytes || shrunk_ || utf16_) return Poll::ready;
  if (!sizing_.active()) sizing_ = files_.stat(file_, waker);
  if (!sizing_.ready()) return Poll::pending;
  shrunk_ = shrunkSince(range_.path, range_.fileBytes, end, sizing_.take());
  return Poll::ready;
}

/// True if the begin of a line is at begin_ now.
bool RangeReader::skipToLine() {
  const auto at = regex::findByte(buffer_.chars() + begin_, held_ - begin_, '\n');
  if (at < 0) {
    begin_ = cut_ = held_;
    // A "\n" as the range's last byte begins a line of the next range.
    if (fileEnded_ || position_ + held_ >= stop_) done_ = true;
    return false;
  }
  begin_ = cut_ = begin_ + at + 1;
  skipping_ = false;
  if (position_ + begin_ >= stop_) done_ = true;
  return !done_;
}

/// Looks for the chunk's end among the bytes held: true if there is one.
Result<bool> RangeReader::cut() {
  const auto size = held_ - begin_;
  const auto* text = buffer_.chars();
  const auto fresh = std::max(begin_, searchedTo_ - position_);
  if (size > 0 && position_ + held_ >= stop_) {
    // The range's last line holds the range's last byte.
    const auto last = std::max(fresh, stop_ - 1 - position_);
    const auto end = regex::findByte(text + last, held_ - last, '\n');
    if (end >= 0 || fileEnded_) {
      cut_ = end >= 0 ? last + end + 1 : held_;
      done_ = true;
      return true;
    }
  } else if (fileEnded_) {
    cut_ = held_;
    done_ = true;
    return size > 0;
  }
  const auto end = held_ > fresh ? regex::findLastByte(text + fresh, held_ - fresh, '\n') : -1;
  if (end >= 0) {
    cut_ = fresh + end + 1;
    return true;
  }
  searchedTo_ = position_ + held_;
  if (size > maxLineBytes_) {
    skipping_ = true;
    cut_ = held_;
    return lineTooLong(maxLineBytes_);
  }
  return false;
}

Result<Poll> RangeReader::fill(const Waker& waker) {
  if (!reading_.active()) {
    if (begin_ > 0) {
      std::memmove(buffer_.mutableData(), buffer_.data() + begin_, static_cast<std::size_t>(held_ - begin_));
      position_ += begin_;
      held_ -= begin_;
      begin_ = cut_ = 0;
    }
    if (held_ == capacity_) {
      const auto grown = std::min(capacity_ * 2, maxLineBytes_ + 1);
      WEIR_ASSIGN(auto larger, Buffer::allocate(grown, account_));
      std::memcpy(larger.mutableData(), buffer_.data(), static_cast<std::size_t>(held_));
      buffer_ = std::move(larger);
      capacity_ = grown;
    }
    const auto left = stop_ - (position_ + held_);
    const auto wanted = left > 0 ? left : std::max(kBehindBytes, -left);
    const auto bytes = std::min({capacity_ - held_, wanted, kTurnBytes});
    reading_ = files_.read(file_, position_ + held_, buffer_, held_, bytes, waker);
  }
  if (!reading_.ready()) return Poll::pending;
  WEIR_ASSIGN(const auto got, reading_.take());
  const bool first = position_ == 0 && held_ == 0;
  held_ += got;
  readBytes_ += got;
  fileEnded_ = got == 0;
  if (first) {
    const auto mark = detectByteOrderMark(std::string_view(buffer_.chars(), static_cast<std::size_t>(held_)));
    if (mark && mark->encoding == Encoding::utf8) begin_ = cut_ = mark->bytes;
    utf16_ = range_.checkMark && mark && mark->encoding != Encoding::utf8;
    done_ = utf16_;
  }
  return Poll::ready;
}

}  // namespace weir::nodes::text_read
