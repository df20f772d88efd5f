// Reading and parsing one ticket's files.
#include "nodes/files/csv-read/file-work.h"

#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"

namespace weir::nodes::csv_read {
namespace {

class FileWork final : public Work {
 public:
  FileWork(std::shared_ptr<Shared> shared, const Batch& input)
      : owner_(std::move(shared)), shared_(*owner_), items_(unpackFileItems(input)), parser_(shared_.borrowParser()) {}
  ~FileWork() override { shared_.giveParser(std::move(parser_)); }
  FileWork(const FileWork&) = delete;
  FileWork& operator=(const FileWork&) = delete;

  /// One batch at a time, so that the engine may stop in between.
  Result<Flow> run(StepIo& io) override {
    while (next_ < items_.size()) {
      if (parsing_) {
        if (!parser_->finished()) {
          WEIR_ASSIGN(auto batch, parser_->next(io));
          if (batch) io.emit(0, std::move(batch));
          if (!parser_->finished()) return Flow::again;
        }
        endChunk();
        if (io.budgetSpent()) return Flow::again;
        continue;
      }
      WEIR_ASSIGN(const auto polled, items_[next_].isPiece ? startPiece(io) : startFile(io));
      if (polled == Poll::pending) return Flow::pending;
    }
    if (io.fresh(0)) {
      WEIR_ASSIGN(auto none, emptyBatch(shared_.plan->emptySchema(), shared_.context.account()));
      io.emit(0, std::move(none));
    }
    return Flow::more;
  }

 private:
  Result<Poll> startPiece(StepIo& io) {
    const auto& item = items_[next_];
    parser_->start({.text = item.piece.text(),
                    .layout = &shared_.layoutAt(item.tag),
                    .path = item.path,
                    .line = item.line,
                    .partition = static_cast<std::uint32_t>(item.index),
                    .sequence = static_cast<std::uint64_t>(item.offset)},
                   io);
    parsing_ = true;
    return Poll::ready;
  }

  Result<Poll> startFile(StepIo& io) {
    const auto& item = items_[next_];
    if (!cursor_) {
      cursor_.emplace(*shared_.plan, shared_.cursorOptions(kWholeFileBytes * 2), shared_.files, shared_.codecs,
                      shared_.context.account(), FoundFile{item.path, item.sizeBytes, item.modifiedMicros, item.named});
    }
    auto polled = cursor_->next(io.waker());
    if (!polled) return fileFailed(std::move(polled.error()), io);
    if (*polled == Poll::pending) return Poll::pending;
    io.addProgress(cursor_->takeReadBytes(), 0);
    if (auto skipped = cursor_->takeSkipped()) {
      failRecord(io, item.path, skipped->line, skipped->text, {}, std::move(skipped->error));
      return Poll::ready;
    }
    if (cursor_->atEnd()) {
      endFile();
      return Poll::ready;
    }
    const auto& layout = cursor_->layout();
    parser_->start({.text = cursor_->chunk(),
                    .layout = layout ? &*layout : &shared_.plan->layout(),
                    .path = item.path,
                    .line = cursor_->line(),
                    .partition = static_cast<std::uint32_t>(item.index),
                    .sequence = static_cast<std::uint64_t>(cursor_->offset())},
                   io);
    parsing_ = true;
    return Poll::ready;
  }

  /// A file that was named ends the run; one that a glob found is an error row, and the next one is read.
  Result<Poll> fileFailed(Error error, StepIo& io) {
    const auto& item = items_[next_];
    if (error.recoverable || error.code == "memory.limit") return std::unexpected(std::move(error));
    if (!error.message.contains("'" + item.path + "'")) error.message = "'" + item.path + "': " + error.message;
    if (item.named) return std::unexpected(std::move(error));
    failFile(io, item.path, std::move(error));
    endFile();
    return Poll::ready;
  }

  void endChunk() {
    parsing_ = false;
    if (cursor_) {
      cursor_->dropChunk();
    } else {
      items_[next_].piece = Buffer();
      ++next_;
    }
  }
  void endFile() {
    cursor_.reset();
    ++next_;
  }

  std::shared_ptr<Shared> owner_;
  Shared& shared_;
  std::vector<FileItem> items_;
  std::unique_ptr<RowParser> parser_;
  std::size_t next_ = 0;
  std::optional<ChunkCursor> cursor_;
  bool parsing_ = false;
};

}  // namespace

std::unique_ptr<Work> FileParse::begin(Batch input) const { return std::make_unique<FileWork>(shared_, input); }

}  // namespace weir::nodes::csv_read
