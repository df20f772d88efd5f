// Cutting a file where records end.
#include "nodes/files/csv-read/chunk-cursor.h"

#include <algorithm>
#include <utility>

#include "nodes/files/csv-read/row-parser.h"

namespace weir::nodes::csv_read {
namespace {

FileStreamOptions streamOptions(const ChunkCursor::Options& options) {
  FileStreamOptions stream;
  stream.encoding = options.encoding;
  stream.chunkBytes = std::min<std::int64_t>(1 << 20, options.targetBytes);
  return stream;
}

}  // namespace

ChunkCursor::ChunkCursor(const ReadPlan& plan, Options options, Files& files, Codecs* codecs, MemoryAccount& account,
                         const FoundFile& file)
    : plan_(plan),
      options_(options),
      stream_(files, codecs, account, file.path, compressionOf(file.path).empty() ? file.sizeBytes : 0,
              streamOptions(options)),
      splitter_(plan.dialect()),
      target_(options.targetBytes) {}

std::string_view ChunkCursor::chunk() const noexcept {
  return stream_.window().substr(static_cast<std::size_t>(chunkBegin_),
                                 static_cast<std::size_t>(chunkEnd_ - chunkBegin_));
}

Result<Poll> ChunkCursor::next(const Waker& waker) {
  for (;;) {
    if (!broken_ && !stream_.atEnd() && static_cast<std::int64_t>(stream_.window().size()) < target_) {
      auto more = stream_.more(waker);
      if (!more) {
        if (stream_.window().empty() || more.error().recoverable) return std::unexpected(std::move(more.error()));
        broken_ = std::move(more.error());
      } else if (*more == Poll::pending) {
        return Poll::pending;
      }
      continue;
    }
    if (skipping_) {
      giveUp();
      if (skipping_ && stream_.atEnd()) skipping_ = false;
      continue;
    }
    WEIR_ASSIGN(const bool found, cutChunk());
    if (found || skipped_) return Poll::ready;
    if (broken_) return std::unexpected(std::move(*std::exchange(broken_, std::nullopt)));
    if (atEnd_) return Poll::ready;
  }
}

/// True if there is a chunk; else more is needed, or a record was given up, or the end has come.
Result<bool> ChunkCursor::cutChunk() {
  const auto window = stream_.window();
  const auto size = static_cast<std::int64_t>(window.size());
  auto end = size;
  if (!stream_.atEnd()) {
    splitting_ = true;
    splitter_.extend(window);
    end = splitter_.cut();
    if (end == 0 && !broken_) {
      if (size > options_.maxRecordBytes) {
        if (!started_) {
          return fail("csv.record_too_long", "the first record is longer than maxRecordBytes (" +
                                                 std::to_string(options_.maxRecordBytes) + "); is this a CSV file?");
        }
        giveUp();
      } else {
        target_ = std::min(size * 2, options_.maxRecordBytes + 1);
      }
      return false;
    }
  }
  if (end == 0) {
    atEnd_ = !broken_;
    return false;
  }
  line_ = splitting_ ? splitter_.firstLine() : 1;
  offset_ = stream_.offset();
  chunkBegin_ = 0;
  chunkEnd_ = end;
  if (!started_) {
    const auto text = window.substr(0, static_cast<std::size_t>(end));
    WEIR_ASSIGN(auto start, plan_.begin(text, options_.drift));
    started_ = true;
    layout_ = std::move(start.layout);
    chunkBegin_ = start.dataBegin;
    const auto header = text.substr(0, static_cast<std::size_t>(start.dataBegin));
    line_ += std::ranges::count(header, plan_.dialect().newline);
  }
  return true;
}

void ChunkCursor::giveUp() {
  const auto window = stream_.window();
  const auto line = splitter_.firstLine();
  const auto text = window.substr(0, std::min<std::size_t>(window.size(), kShownBytes));
  const auto dropped = splitter_.giveUp(window);
  if (!skipping_) {
    skipped_ = Skipped{line, recordTooLong(options_.maxRecordBytes, dropped.insideQuotes), shownText(text)};
  }
  skipping_ = dropped.skipping;
  target_ = options_.targetBytes;
  stream_.drop(dropped.bytes);
}

Result<Buffer> ChunkCursor::takeChunk() {
  if (splitting_ && !stream_.atEnd()) splitter_.taken(stream_.window());
  const auto begin = std::exchange(chunkBegin_, 0);
  const auto end = std::exchange(chunkEnd_, 0);
  WEIR_ASSIGN(const auto whole, stream_.cut(end));
  target_ = options_.targetBytes;
  return whole.slice(begin, end - begin);
}

void ChunkCursor::dropChunk() {
  if (splitting_ && !stream_.atEnd()) splitter_.taken(stream_.window());
  chunkBegin_ = 0;
  stream_.drop(std::exchange(chunkEnd_, 0));
  target_ = options_.targetBytes;
}

}  // namespace weir::nodes::csv_read
