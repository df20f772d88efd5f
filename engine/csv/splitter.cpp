// Follows quotes over a whole file, block by block, and byte by byte where a block is irregular.
#include "engine/csv/splitter.h"

#include <algorithm>

#include "engine/csv/record.h"
#include "engine/csv/scan-blocks.h"
#include "engine/data/check.h"

namespace weir::csv {

void RecordSplitter::extend(std::string_view buffer) {
  WEIR_CHECK(static_cast<std::int64_t>(buffer.size()) <= kMaxChunkBytes);
  const auto size = static_cast<std::uint32_t>(buffer.size());
  while (splitBlocks(isa_, buffer.data(), size, dialect_, state_) == ScanStop::irregular) {
    const std::uint32_t from = state_.lastEnd;
    const std::uint32_t at = extendSlowly(buffer);
    state_.scan = ScanState{.at = at};
    state_.lastEnd = at;
    if (at == from) return;  // the record's end is not in the buffer yet
  }
}

// Reads whole records up to behind the irregular block.
std::uint32_t RecordSplitter::extendSlowly(std::string_view buffer) {
  const auto size = static_cast<std::uint32_t>(buffer.size());
  const auto until = std::min<std::uint32_t>(size, state_.scan.at + static_cast<std::uint32_t>(kBlockBytes));
  std::uint32_t at = state_.lastEnd;
  while (at < until) {
    const RecordScan found = scanRecord(buffer.data(), at, size, dialect_, [](std::uint32_t) {});
    // With more bytes the record could end elsewhere.
    if (found.reachedEnd) break;
    at = found.next;
  }
  return at;
}

void RecordSplitter::taken(std::string_view buffer) {
  const auto gone = buffer.substr(0, state_.lastEnd);
  firstLine_ += std::count(gone.begin(), gone.end(), dialect_.newline);
  state_.scan.at -= state_.lastEnd;
  state_.lastEnd = 0;
}

RecordSplitter::Dropped RecordSplitter::giveUp(std::string_view buffer) {
  Dropped dropped;
  if (!skipping_ && !buffer.empty()) {
    const auto size = static_cast<std::uint32_t>(buffer.size());
    dropped.insideQuotes =
        scanRecord(buffer.data(), 0, size, dialect_, [](std::uint32_t) {}).kind == RecordKind::unterminatedQuote;
  }
  const auto found = buffer.find(dialect_.newline);
  dropped.skipping = found == std::string_view::npos;
  dropped.bytes = static_cast<std::int64_t>(dropped.skipping ? buffer.size() : found + 1);
  firstLine_ += dropped.skipping ? 0 : 1;
  skipping_ = dropped.skipping;
  state_ = SplitState{};
  return dropped;
}

}  // namespace weir::csv
