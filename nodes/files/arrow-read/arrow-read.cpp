// files/arrow-read: one stage finds files; the next reads their batches as they arrive.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/data/arrow-ipc.h"
#include "engine/data/batch-builder.h"
#include "engine/node/file-source.h"
#include "engine/node/file-stream.h"
#include "nodes/files/arrow-read/arrow-read.gen.h"

namespace weir::nodes::arrow_read {
namespace {

/// A footer is small; what is larger is no footer.
constexpr std::size_t kMaxTailBytes = std::size_t{64} << 20;

class ArrowWork final : public Work {
 public:
  ArrowWork(NodeContext& context, Files& files, Codecs* codecs, const Batch& input)
      : context_(context), files_(files), codecs_(codecs), items_(unpackFileItems(input)) {}

  Result<Flow> run(StepIo& io) override {
    while (next_ < items_.size()) {
      auto flow = readOn(io);
      io.addProgress(stream_ ? stream_->takeReadBytes() : 0, 0);
      if (!flow) {
        WEIR_TRY(failed(std::move(flow.error()), io));
        continue;
      }
      if (*flow == Flow::done) {
        if (io.fresh(out::rows) && reader_->schema()) {
          WEIR_ASSIGN(auto none, emptyBatch(reader_->schema(), context_.account()));
          io.emit(out::rows, std::move(none));
        }
        endFile();
      } else if (*flow != Flow::more) {
        return *flow;
      }
    }
    return Flow::more;
  }

 private:
  Result<Flow> readOn(StepIo& io) {
    if (!stream_) {
      FileStreamOptions options;
      options.encoding = TextEncoding::bytes;
      stream_ = std::make_unique<FileStream>(files_, codecs_, context_.account(), items_[next_].path, 0, options);
      reader_.emplace(context_.account());
    }
    if (part_) return emitPart(io);
    if (sniffed_) {
      WEIR_ASSIGN(auto batch, reader_->next());
      if (batch) {
        ++batches_;
        part_ = std::move(*batch);
        partAt_ = 0;
        return Flow::more;
      }
      if (reader_->behindEnd().size() > kMaxTailBytes) return finish();
    }
    if (!stream_->atEnd()) {
      WEIR_ASSIGN(const auto polled, stream_->more(io.waker()));
      if (polled == Poll::pending) return Flow::pending;
    }
    const auto size = static_cast<std::int64_t>(stream_->window().size());
    if (!sniffed_) {
      if (size < 8 && !stream_->atEnd()) return Flow::more;
      // The file format is a stream between a mark and an index.
      if (stream_->window().starts_with(ipc::kFileMagic)) {
        stream_->drop(static_cast<std::int64_t>(ipc::kFileMagic.size()));
        isFile_ = true;
      }
      sniffed_ = true;
    }
    const auto window = stream_->window();
    if (window.empty() && stream_->atEnd()) return finish();
    reader_->feed(window);
    stream_->drop(static_cast<std::int64_t>(window.size()));
    return Flow::more;
  }

  /// No bytes are left: all that belongs to the file must have been there.
  Result<Flow> finish() {
    if (!isFile_) {
      WEIR_TRY(reader_->finish());
    } else if (reader_->ended()) {
      WEIR_TRY(ipc::checkFileTail(reader_->behindEnd(), batches_));
    } else {
      WEIR_TRY(reader_->finish());
      return fail("arrow.truncated", "The Arrow file ends after " + std::to_string(batches_) +
                                         " batches, before its end mark and footer. Copy or download it again.");
    }
    return Flow::done;
  }

  Result<Flow> emitPart(StepIo& io) {
    const auto rows = std::min(part_.rows() - partAt_, kMaxBatchRows);
    if (rows > 0) {
      auto envelope = part_.envelope();
      envelope.partition = static_cast<std::uint32_t>(items_[next_].index);
      io.emit(out::rows, part_.slice(partAt_, rows).withEnvelope(envelope.slice(partAt_, rows)));
    }
    partAt_ += rows;
    if (partAt_ >= part_.rows()) part_ = Batch{};
    return io.budgetSpent() ? Flow::again : Flow::more;
  }

  Result<void> failed(Error error, StepIo& io) {
    const auto& item = items_[next_];
    if (error.recoverable || error.code == "memory.limit") return std::unexpected(std::move(error));
    if (!error.message.contains("'" + item.path + "'")) error.message = "'" + item.path + "': " + error.message;
    if (item.named) return std::unexpected(std::move(error));
    failFile(io, item.path, std::move(error));
    endFile();
    return {};
  }
  void endFile() {
    stream_.reset();
    reader_.reset();
    part_ = Batch{};
    sniffed_ = isFile_ = false;
    batches_ = 0;
    ++next_;
  }

  NodeContext& context_;
  Files& files_;
  Codecs* codecs_;
  std::vector<FileItem> items_;
  std::size_t next_ = 0;
  std::unique_ptr<FileStream> stream_;
  std::optional<ipc::StreamReader> reader_;
  Batch part_;
  std::int64_t partAt_ = 0;
  std::int64_t batches_ = 0;  // of this file
  bool sniffed_ = false, isFile_ = false;
};

class ReadBatches final : public ParallelWork {
 public:
  ReadBatches(NodeContext& context, Files& files, Codecs* codecs) : context_(context), files_(files), codecs_(codecs) {}
  std::unique_ptr<Work> begin(Batch input) const override {
    return std::make_unique<ArrowWork>(context_, files_, codecs_, input);
  }

 private:
  NodeContext& context_;
  Files& files_;
  Codecs* codecs_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* files, context.host<Files>());
  const auto codecs = context.host<Codecs>();
  FileList::Options options;
  options.paths = {settings.path};
  options.paths.insert(options.paths.end(), settings.morePaths.begin(), settings.morePaths.end());
  options.ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::warn ? IfNoFiles::warn : IfNoFiles::error;
  auto node = std::make_unique<Node>();
  Stage find;
  find.makeTask = [options, files, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<FileLister>(options, context, *files);
  };
  Stage read;
  read.parallelism = Stage::Parallelism::parallel;
  read.work = std::make_shared<ReadBatches>(context, *files, codecs ? *codecs : nullptr);
  node->stages.push_back(std::move(find));
  node->stages.push_back(std::move(read));
  return node;
}

}  // namespace weir::nodes::arrow_read
