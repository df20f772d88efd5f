// Windows over the lines of a chunk.
#include "engine/json/lines.h"

#include <algorithm>
#include <cstring>

namespace weir::json {
namespace {

// Text and index of a window stay in the second-level cache.
constexpr std::uint32_t kWindowBytes = 1U << 16U;

}  // namespace

void Lines::start(std::string_view chunk, std::int64_t firstLine) {
  chunk_ = chunk;
  counted_ = firstLine;
  countedTo_ = 0;
  lineBegin_ = 0;
  openWindow(0);
}

std::uint32_t Lines::lineEndFrom(std::uint32_t at) const {
  const auto* const found = std::memchr(chunk_.data() + at, '\n', chunk_.size() - at);
  return found == nullptr ? static_cast<std::uint32_t>(chunk_.size())
                          : static_cast<std::uint32_t>(static_cast<const char*>(found) - chunk_.data()) + 1;
}

void Lines::openWindow(std::uint32_t from) {
  const auto size = static_cast<std::uint32_t>(chunk_.size());
  windowBegin_ = from;
  windowEnd_ = size;
  taken_ = wrong_ = false;
  if (size - from > kWindowBytes) {
    windowEnd_ = from + kWindowBytes;
    while (windowEnd_ > from && chunk_[windowEnd_ - 1] != '\n') --windowEnd_;
    if (windowEnd_ == from) windowEnd_ = lineEndFrom(from + kWindowBytes);
  }
  structure_.build(chunk_, from, windowEnd_, TextKind::lines);
  row_ = structure_.entries();
  rows_ = row_ + structure_.count();
  if (structure_.problem().ok()) return;
  wrong_ = true;
  wrongLine_ = structure_.problem().position;
  while (wrongLine_ > from && chunk_[wrongLine_ - 1] != '\n') --wrongLine_;
  rows_ = std::lower_bound(row_, rows_, wrongLine_);
}

Lines::Row Lines::next() {
  if (taken_) {
    // The cursor may have taken the line end itself, but nothing behind it.
    row_ = cursor_.next() - 1;
    while (row_ < rows_ && chunk_[*row_] != '\n') ++row_;
    taken_ = false;
  }
  for (;;) {
    while (row_ < rows_ && chunk_[*row_] == '\n') ++row_;
    if (row_ < rows_) {
      lineBegin_ = row_ == structure_.entries() ? windowBegin_ : row_[-1] + 1;
      cursor_.start(structure_, row_ - structure_.entries());
      taken_ = true;
      return Row::value;
    }
    if (wrong_) {
      // The line after it begins a new window.
      wrong_ = false;
      lineBegin_ = wrongLine_;
      windowEnd_ = lineEndFrom(wrongLine_);
      findWrong();
      return Row::wrong;
    }
    if (windowEnd_ == chunk_.size()) return Row::end;
    openWindow(windowEnd_);
  }
}

// A mistake of structure before the wrong string is the one to tell.
void Lines::findWrong() {
  const auto count = structure_.entries() + structure_.count() - rows_;
  if (count > 0) {
    cursor_.start(structure_, rows_ - structure_.entries());
    if (!cursor_.skip() && cursor_.problem().position < structure_.end()) return;
  } else {
    cursor_.start(structure_, 0);
  }
  cursor_.fail(structure_.problem().fault, structure_.problem().position);
}

std::string_view Lines::line() const {
  auto end = lineEndFrom(lineBegin_);
  if (end > lineBegin_ && chunk_[end - 1] == '\n') --end;
  if (end > lineBegin_ && chunk_[end - 1] == '\r') --end;
  return chunk_.substr(lineBegin_, end - lineBegin_);
}

std::int64_t Lines::lineNumber() {
  const auto passed = chunk_.substr(countedTo_, lineBegin_ - countedTo_);
  counted_ += std::count(passed.begin(), passed.end(), '\n');
  countedTo_ = lineBegin_;
  return counted_;
}

Error Lines::error() {
  const auto text = chunk_.substr(lineBegin_, lineEndFrom(lineBegin_) - lineBegin_);
  auto problem = cursor_.problem();
  problem.position -= lineBegin_;
  return describe(problem, text, lineNumber());
}

}  // namespace weir::json
