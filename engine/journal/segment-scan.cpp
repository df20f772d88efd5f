// Reads a window at a time.
#include "engine/journal/segment-scan.h"

#include <algorithm>

#include "engine/journal/crc32c.h"

namespace weir::journal {

Result<std::string_view> SegmentScan::bytes(std::int64_t offset, std::int64_t count) {
  // A file may end in the padding behind its last record.
  if (offset >= fileBytes_) return std::string_view();
  count = std::min(fileBytes_ - offset, count);
  const auto windowEnd = windowAt_ + static_cast<std::int64_t>(window_.size());
  if (offset < windowAt_ || offset + count > windowEnd) {
    const auto wanted = std::min(std::max(count, kWindowBytes), fileBytes_ - offset);
    window_.resize(static_cast<std::size_t>(wanted));
    windowAt_ = offset;
    auto read = disk_.read(file_, offset, window_);
    window_.resize(read ? static_cast<std::size_t>(*read) : 0);
    if (!read) return std::unexpected(std::move(read.error()));
  }
  return std::string_view(window_).substr(static_cast<std::size_t>(offset - windowAt_),
                                          static_cast<std::size_t>(count));
}

Result<SegmentScan::At> SegmentScan::look(std::int64_t offset, FoundRecord& found) {
  WEIR_ASSIGN(const auto head, bytes(offset, kHeadBytes));
  if (std::ranges::all_of(head, [](char byte) { return byte == 0; })) return At::zeros;
  if (!decodeHead(head, place(offset), found.head)) return At::damage;
  const std::int64_t size = found.head.payloadBytes;
  if (size > fileBytes_ - offset - kHeadBytes) return At::damage;
  WEIR_ASSIGN(const auto all, bytes(offset, kHeadBytes + size));
  if (static_cast<std::int64_t>(all.size()) < kHeadBytes + size) return At::damage;
  found.payload = all.substr(static_cast<std::size_t>(kHeadBytes));
  if (crc32c(found.payload) != found.head.payloadCrc) return At::damage;
  found.offset = offset;
  found.end = offset + recordBytes(size);
  return At::record;
}

Result<bool> SegmentScan::find(std::int64_t offset, FoundRecord& found) {
  for (auto at = (offset + kAlignment - 1) / kAlignment * kAlignment; at + kHeadBytes <= fileBytes_; at += kAlignment) {
    WEIR_ASSIGN(const auto what, look(at, found));
    if (what == At::record) return true;
  }
  return false;
}

Result<std::int64_t> SegmentScan::behindLastByte(std::int64_t offset) {
  auto behind = offset;
  for (auto at = offset; at < fileBytes_;) {
    WEIR_ASSIGN(const auto piece, bytes(at, kWindowBytes));
    if (piece.empty()) break;
    const auto last = piece.find_last_not_of('\0');
    if (last != std::string_view::npos) behind = at + static_cast<std::int64_t>(last) + 1;
    at += static_cast<std::int64_t>(piece.size());
  }
  return behind;
}

}  // namespace weir::journal
