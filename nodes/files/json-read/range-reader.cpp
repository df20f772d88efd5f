// One range: from the first line that begins in it to the end of the last.
#include "nodes/files/json-read/range-reader.h"

#include <algorithm>
#include <cstring>

namespace weir::nodes::json_read {
namespace {

constexpr std::int64_t kTailBytes = 8 << 10;  // where the last line usually ends

}  // namespace

RangeReader::RangeReader(Shared& shared, const FileItem& item)
    : shared_(shared), item_(item), start_(std::max<std::int64_t>(0, item.offset - 1)) {}

RangeReader::~RangeReader() {
  if (file_ >= 0) shared_.files.close(file_);
}

Result<Poll> RangeReader::open(const Waker& waker) {
  if (file_ >= 0) return Poll::ready;
  if (!opening_.active()) opening_ = shared_.files.open(item_.path, FileMode::read, waker);
  if (!opening_.ready()) return Poll::pending;
  WEIR_ASSIGN(file_, opening_.take());
  return Poll::ready;
}

Result<Poll> RangeReader::read(const Waker& waker) {
  WEIR_ASSIGN(const auto opened, open(waker));
  if (opened == Poll::pending) return Poll::pending;
  for (;;) {
    if (!reading_.active()) {
      const auto wanted = capacity_ == 0 ? item_.offset + item_.tag + kTailBytes - start_ : capacity_ * 2;
      WEIR_ASSIGN(auto larger, Buffer::allocate(wanted + json::kPaddingBytes, shared_.context.account()));
      if (size_ > 0) std::memcpy(larger.mutableData(), buffer_.data(), static_cast<std::size_t>(size_));
      buffer_ = std::move(larger);
      capacity_ = wanted;
      reading_ = shared_.files.read(file_, start_ + size_, buffer_, size_, capacity_ - size_, waker);
    }
    if (!reading_.ready()) return Poll::pending;
    WEIR_ASSIGN(const auto count, reading_.take());
    size_ += count;
    std::memset(buffer_.mutableData() + size_, 0, static_cast<std::size_t>(json::kPaddingBytes));
    if (settle(size_ < capacity_)) return Poll::ready;
  }
}

/// False: more bytes are needed.
bool RangeReader::settle(bool ended) {
  const auto* text = buffer_.chars();
  const auto bytes = static_cast<std::size_t>(size_);
  begin_ = 0;
  if (item_.offset > 0) {
    const auto* first = static_cast<const char*>(std::memchr(text, '\n', bytes));
    begin_ = first == nullptr ? size_ : first - text + 1;
    if (start_ + begin_ >= item_.offset + item_.tag) begin_ = size_;
  } else if (size_ >= 3 && std::memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    begin_ = 3;
  }
  end_ = begin_;
  if (begin_ >= size_) {
    begin_ = end_ = longEnd_ = size_;
    return true;
  }
  const auto last = std::max(begin_, item_.offset + item_.tag - 1 - start_);
  if (last >= size_) {
    end_ = longEnd_ = size_;
    return true;
  }
  const auto* found = static_cast<const char*>(std::memchr(text + last, '\n', static_cast<std::size_t>(size_ - last)));
  end_ = longEnd_ = found == nullptr ? size_ : found - text + 1;
  if (found != nullptr || ended) return true;
  const std::string_view before(text + begin_, static_cast<std::size_t>(last - begin_));
  const auto line = before.rfind('\n');
  const auto lineBegin = line == std::string_view::npos ? begin_ : begin_ + static_cast<std::int64_t>(line) + 1;
  if (size_ - lineBegin <= shared_.options.maxRecordBytes) return false;
  end_ = lineBegin;
  return true;
}

std::string_view RangeReader::text() const noexcept {
  return {buffer_.chars() + begin_, static_cast<std::size_t>(end_ - begin_)};
}

std::string_view RangeReader::tooLong() const noexcept {
  return {buffer_.chars() + end_, static_cast<std::size_t>(longEnd_ - end_)};
}

Result<Poll> RangeReader::countLines(const Waker& waker) {
  const auto ranges = item_.offset / item_.tag;
  firstLine_ = 1;
  for (std::int64_t range = 0; range < ranges; ++range) {
    if (const auto known = shared_.lineEnds(item_.index, range)) {
      firstLine_ += *known;
      continue;
    }
    if (!reading_.active()) {
      WEIR_ASSIGN(counting_, Buffer::allocate(item_.tag, shared_.context.account()));
      reading_ = shared_.files.read(file_, range * item_.tag, counting_, 0, item_.tag, waker);
    }
    if (!reading_.ready()) return Poll::pending;
    WEIR_ASSIGN(const auto bytes, reading_.take());
    const auto ends = std::count(counting_.chars(), counting_.chars() + bytes, '\n');
    shared_.noteLineEnds(item_.index, range, ends);
    firstLine_ += ends;
  }
  const auto* own = buffer_.chars() + (item_.offset - start_);
  const auto* first = buffer_.chars() + begin_;
  if (first > own) firstLine_ += std::count(own, first, '\n');
  return Poll::ready;
}

}  // namespace weir::nodes::json_read
