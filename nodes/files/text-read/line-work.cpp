// Lines out of chunks: cut, matched, joined to records.
#include "nodes/files/text-read/line-work.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/regex/literal-search.h"
#include "engine/text/utf8.h"
#include "nodes/files/text-read/record-joiner.h"
#include "nodes/files/text-read/stream-lines.h"

namespace weir::nodes::text_read {
namespace {

/// Matching lines are gathered up to here, so that few large batches go on.
constexpr std::size_t kGatherBytes = 1 << 20;

class LineWork final : public Work {
 public:
  LineWork(std::shared_ptr<const Shared> shared, const Batch& input)
      : shared_(std::move(shared)), scratch_(shared_->scratch), items_(unpackFileItems(input)) {
    if (shared_->recordStart) joiner_.emplace(*shared_->recordStart, shared_->maxLineBytes);
  }

  Result<Flow> run(StepIo& io) override {
    while (next_ < items_.size()) {
      if (!source_) begin();
      auto polled = source_->next(io.waker());
      io.addProgress(source_->takeReadBytes(), 0);
      if (!polled) {
        WEIR_TRY(failed(std::move(polled.error()), io));
        continue;
      }
      if (*polled == Poll::pending) return Flow::pending;
      if (source_->chunk().empty()) {
        WEIR_TRY(endSource(io));
        continue;
      }
      WEIR_TRY(takeChunk(io));
      if (io.budgetSpent()) return Flow::again;
    }
    if (io.fresh(0)) {
      WEIR_ASSIGN(auto none, emptyBatch(shared_->fields.schema, shared_->context.account()));
      io.emit(0, std::move(none));
    }
    return Flow::more;
  }

 private:
  void begin() {
    const auto& item = items_[next_];
    rows_.emplace(shared_->fields, shared_->context, item.path, item.index);
    line_ = 1;
    ranged_ = nullptr;
    if (shared_->inRanges(item.path) && !asStream_) {
      RangeReader::Range range{item.path, item.offset, item.tag, shared_->encoding == TextEncoding::automatic,
                               item.sizeBytes};
      auto reader = std::make_unique<RangeReader>(shared_->files, shared_->context.account(), std::move(range),
                                                  shared_->maxLineBytes);
      ranged_ = reader.get();
      source_ = std::move(reader);
    } else {
      source_ = std::make_unique<StreamLines>(shared_->files, shared_->codecs, shared_->context.account(), item.path,
                                              item.sizeBytes, shared_->encoding, shared_->maxLineBytes);
    }
  }

  Result<void> endSource(StepIo& io) {
    const auto& item = items_[next_];
    if (ranged_ != nullptr && ranged_->isUtf16() && item.offset == 0) {
      // Its first range is the whole file after all; the others give nothing.
      source_.reset();
      asStream_ = true;
      return {};
    }
    if (joiner_) {
      lines_.clear();
      joiner_->finish(lines_);
      WEIR_TRY(emitRecords(io));
    }
    WEIR_TRY(flushGathered(io));
    if (ranged_ != nullptr && ranged_->shrunk()) {
      if (item.named) return std::unexpected(*ranged_->shrunk());
      failFile(io, item.path, *ranged_->shrunk());
    }
    source_.reset();
    asStream_ = false;
    ++next_;
    return {};
  }

  /// A file that was named ends the run; one that a glob found is an error row, and the next one is read.
  Result<void> failed(Error error, StepIo& io) {
    const auto& item = items_[next_];
    if (error.recoverable || error.code == "memory.limit") return std::unexpected(std::move(error));
    if (error.code == "text.line_too_long") {
      failLong(source_->offset(), line_++, io);
      return {};
    }
    if (!error.message.contains("'" + item.path + "'")) error.message = "'" + item.path + "': " + error.message;
    if (item.named) return std::unexpected(std::move(error));
    // Every range of a file that vanished fails alike: said once.
    if (item.offset == 0) failFile(io, item.path, std::move(error));
    source_.reset();
    asStream_ = false;
    WEIR_TRY(flushGathered(io));
    ++next_;
    return {};
  }

  /// Whether `line_` counts.
  [[nodiscard]] bool lineNumbers() const { return shared_->fields.number || shared_->recordStart.has_value(); }

  Result<void> takeChunk(StepIo& io) {
    const auto chunk = source_->chunk();
    lines_.clear();
    lines_.text = chunk;
    if (holdsLongLine(chunk)) return takeDoubtfulChunk(io);
    if (!shared_->filter) {
      if (!utf8::isValid(chunk)) return takeDoubtfulChunk(io);
      cutLines(chunk);
      return emitLines(io);
    }
    // The search sees whether all is ASCII on its way, which saves most chunks a pass of their own.
    bool ascii = false;
    const auto all = shared_->filter->match(chunk, *scratch_, lines_.spans, &ascii);
    if (!ascii && !utf8::isValid(chunk)) {
      lines_.clear();
      return takeDoubtfulChunk(io);
    }
    numberMatches(chunk);
    line_ += all;
    return gather(all, io);
  }

  /// Chunks are often larger than the longest line that is allowed.
  [[nodiscard]] bool holdsLongLine(std::string_view chunk) const {
    const auto size = static_cast<std::int64_t>(chunk.size());
    for (std::int64_t begin = 0; size - begin > shared_->maxLineBytes;) {
      const auto end = regex::findByte(chunk.data() + begin, size - begin, '\n');
      if ((end < 0 ? size - begin : end) > shared_->maxLineBytes) return true;
      begin += end + 1;
    }
    return false;
  }

  /// All lines of the chunk, with their numbers and offsets.
  void cutLines(std::string_view chunk) {
    const auto size = static_cast<std::int64_t>(chunk.size());
    for (std::int64_t begin = 0; begin < size; ++line_) {
      auto stop = regex::findByte(chunk.data() + begin, size - begin, '\n');
      stop = stop < 0 ? size : begin + stop;
      auto end = stop;
      if (stop < size && end > begin && chunk[static_cast<std::size_t>(end - 1)] == '\r') --end;
      if (end > begin || !shared_->skipEmpty || joiner_) addLine(begin, end, line_);
      begin = stop + 1;
    }
  }

  void addLine(std::int64_t begin, std::int64_t end, std::int64_t number) {
    lines_.spans.push_back({begin, end});
    if (lineNumbers()) lines_.numbers.push_back(number);
    if (shared_->fields.offset || joiner_) lines_.offsets.push_back(source_->offset() + begin);
  }

  void numberMatches(std::string_view chunk) {
    if (shared_->fields.offset) {
      for (const auto& span : lines_.spans) lines_.offsets.push_back(source_->offset() + span.begin);
    }
    if (!shared_->fields.number) return;
    auto number = line_;
    std::int64_t at = 0;
    for (const auto& span : lines_.spans) {
      number += regex::countByte(chunk.data() + at, span.begin - at, '\n');
      at = span.begin;
      lines_.numbers.push_back(number);
    }
  }

  /// Some line is no UTF-8, or too long: it is an error row, its neighbours pass.
  Result<void> takeDoubtfulChunk(StepIo& io) {
    const auto chunk = source_->chunk();
    cutLines(chunk);
    auto all = std::exchange(lines_, Lines{});
    lines_.text = chunk;
    std::int64_t good = 0;
    const auto firstLine = line_ - static_cast<std::int64_t>(all.spans.size());
    for (std::size_t i = 0; i < all.spans.size(); ++i) {
      const auto span = all.spans[i];
      const auto text =
          chunk.substr(static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.end - span.begin));
      const auto number = all.numbers.empty() ? firstLine + static_cast<std::int64_t>(i) : all.numbers[i];
      const auto ended = static_cast<std::size_t>(span.end);
      const bool carriageReturn = ended < chunk.size() && chunk[ended] == '\r';
      if (span.end - span.begin + (carriageReturn ? 1 : 0) > shared_->maxLineBytes) {
        failLong(source_->offset() + span.begin, number, io);
        continue;
      }
      if (const auto valid = utf8::validPrefix(text); valid < static_cast<std::int64_t>(text.size())) {
        failText(span.begin + valid, lineNumbers() ? number : 0, io);
        continue;
      }
      ++good;
      one_.clear();
      if (!shared_->filter || (static_cast<void>(shared_->filter->match(text, *scratch_, one_)), !one_.empty()) ||
          (text.empty() && matchesEmpty())) {
        addLine(span.begin, span.end, number);
      }
    }
    return shared_->filter ? gather(good, io) : emitLines(io);
  }

  /// An empty line is no line of an empty chunk.
  [[nodiscard]] bool matchesEmpty() {
    one_.clear();
    static_cast<void>(shared_->filter->match("\n", *scratch_, one_));
    return !one_.empty();
  }

  void failLong(std::int64_t offset, std::int64_t line, StepIo& io) {
    const auto& path = items_[next_].path;
    auto error = lineTooLong(shared_->maxLineBytes).error();
    error.message = "'" + path + "': " + error.message + " (it begins at byte " + std::to_string(offset) + ")";
    failFile(io, path, std::move(error), lineNumbers() ? line : 0);
  }

  void failText(std::int64_t at, std::int64_t line, StepIo& io) {
    const auto& item = items_[next_];
    const auto found = static_cast<unsigned char>(source_->chunk()[static_cast<std::size_t>(at)]);
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string message = "'" + item.path + "'" + (line > 0 ? ", line " + std::to_string(line) : "") + ": byte 0x";
    message += kDigits[found >> 4];
    message += kDigits[found & 15];
    message += " at " + std::to_string(source_->offset() + at) +
               " is not UTF-8; set the encoding of the file (windows-1252, latin-1), or repair it";
    failFile(io, item.path, Error{"text.invalid_utf8", std::move(message)}, line);
  }

  Result<void> emitLines(StepIo& io) {
    if (joiner_) {
      Lines cut = std::exchange(lines_, Lines{});
      joiner_->add(cut, *scratch_, lines_);
      return emitRecords(io);
    }
    if (lines_.spans.empty()) return {};
    return rows_->emit(lines_, source_->offset(), -1, io);
  }

  Result<void> emitRecords(StepIo& io) {
    for (const auto& [line, offset] : joiner_->takeTooLong()) {
      Error error{"text.line_too_long", "'" + items_[next_].path + "', line " + std::to_string(line) +
                                            ": the record is longer than maxLineBytes (" +
                                            std::to_string(shared_->maxLineBytes) +
                                            "); does recordStart match the first lines of records?"};
      failFile(io, items_[next_].path, std::move(error), line);
    }
    if (lines_.spans.empty()) return {};
    const auto sequence = lines_.offsets.front();
    return rows_->emit(lines_, sequence, -1, io);
  }

  /// Keeps matching lines until there are enough for a batch.
  Result<void> gather(std::int64_t represented, StepIo& io) {
    if (gatheredOf_ == 0) gatheredAt_ = source_->offset();
    gatheredOf_ += represented;
    if (shared_->fields.line) {
      for (const auto& span : lines_.spans) {
        const auto begin = static_cast<std::int64_t>(gatheredText_.size());
        gatheredText_.append(lines_.text, static_cast<std::size_t>(span.begin),
                             static_cast<std::size_t>(span.end - span.begin));
        gathered_.spans.push_back({begin, static_cast<std::int64_t>(gatheredText_.size())});
      }
    } else {
      gathered_.spans.resize(gathered_.spans.size() + lines_.spans.size());
    }
    gathered_.numbers.insert(gathered_.numbers.end(), lines_.numbers.begin(), lines_.numbers.end());
    gathered_.offsets.insert(gathered_.offsets.end(), lines_.offsets.begin(), lines_.offsets.end());
    if (gatheredText_.size() < kGatherBytes && static_cast<std::int64_t>(gathered_.spans.size()) < kMaxBatchRows)
      return {};
    return flushGathered(io);
  }

  Result<void> flushGathered(StepIo& io) {
    if (gatheredOf_ == 0) return {};
    gathered_.text = gatheredText_;
    WEIR_TRY(rows_->emit(gathered_, gatheredAt_, std::exchange(gatheredOf_, 0), io));
    gathered_.clear();
    gatheredText_.clear();
    return {};
  }

  std::shared_ptr<const Shared> shared_;
  regex::ScratchPool::Lent scratch_;
  std::vector<FileItem> items_;
  std::size_t next_ = 0;
  std::unique_ptr<LineChunks> source_;
  RangeReader* ranged_ = nullptr;  // source_, if it is one
  bool asStream_ = false;
  std::optional<LineRows> rows_;
  std::optional<RecordJoiner> joiner_;
  std::int64_t line_ = 1;
  Lines lines_, gathered_;
  std::vector<regex::LineSpan> one_;
  std::string gatheredText_;
  std::int64_t gatheredOf_ = 0, gatheredAt_ = 0;
};

}  // namespace

bool Shared::inRanges(std::string_view path) const {
  const bool plain = encoding == TextEncoding::automatic || encoding == TextEncoding::utf8;
  return plain && !fields.number && !recordStart && compressionOf(path).empty();
}

std::unique_ptr<Work> ReadLines::begin(Batch input) const { return std::make_unique<LineWork>(shared_, input); }

}  // namespace weir::nodes::text_read
