// files/arrow-write: batches as Arrow messages of one file, published whole.
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "engine/data/arrow-ipc.h"
#include "engine/node/file-sink.h"
#include "nodes/files/arrow-write/arrow-write.gen.h"

namespace weir::nodes::arrow_write {
namespace {

class ArrowWriter final : public Transform {
 public:
  ArrowWriter(const Settings& settings, Files* files, MemoryAccount* account)
      : settings_(settings), sink_(*files, *account, sinkOptions(settings)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    if (batch.rows() == 0) {
      if (!empty_) empty_ = batch.schema();
      return Flow::more;
    }
    WEIR_ASSIGN(const auto opened, begin(batch.schema(), io));
    if (opened == Poll::pending) return Flow::pending;
    if (batch.schema() != schema_) {
      std::vector<std::uint32_t> all(static_cast<std::size_t>(batch.rows()));
      std::iota(all.begin(), all.end(), 0U);
      io.fail(all, Error{"schema.mismatch", "the file has the columns " + schema_->describe() + ", the row has " +
                                                batch.schema()->describe() + "; bring all rows into one form first"});
      return Flow::more;
    }
    if (!written_) {
      WEIR_TRY(file_ ? file_->write(batch) : stream_->write(batch));
      written_ = true;
    }
    WEIR_ASSIGN(const auto room, sink_.keepRoom(io.waker()));
    if (room == Poll::pending) return Flow::pending;
    written_ = false;
    return Flow::more;
  }

  Result<Flow> finish(StepIo& io) override {
    if (!schema_ && settings_.ifEmpty == Settings::IfEmpty::none) return Flow::done;
    WEIR_ASSIGN(const auto opened, begin(empty_ ? empty_ : Schema::empty(), io));
    if (opened == Poll::pending) return Flow::pending;
    if (!ended_) {
      WEIR_TRY(file_ ? file_->finish() : stream_->finish());
      ended_ = true;
    }
    WEIR_ASSIGN(const auto finished, sink_.finish(io.waker()));
    return finished == Poll::pending ? Flow::pending : Flow::done;
  }
  /// The footer tells of every batch, and can only be written at the end.
  Result<Poll> snapshot(CheckpointId, StateWriter&) override {
    if (!sink_.opened()) return Poll::ready;
    return fail("state.not_saved", "an Arrow file is written in one go; checkpoints are taken when it is whole");
  }

 private:
  static FileSinkOptions sinkOptions(const Settings& settings) {
    const auto ifExists = settings.ifExists == Settings::IfExists::error ? IfExists::error : IfExists::overwrite;
    return {settings.path, ifExists, settings.makeFolders};
  }

  Result<Poll> begin(const SchemaRef& schema, StepIo& io) {
    if (schema_) return Poll::ready;
    WEIR_ASSIGN(const auto opened, sink_.open(io.waker()));
    if (opened == Poll::pending) return Poll::pending;
    schema_ = schema;
    const ipc::Sink sink = [this](std::string_view bytes) -> Result<void> {
      sink_.pendingText() += bytes;
      return {};
    };
    if (settings_.format == Settings::Format::file) {
      file_.emplace(sink, schema_);
    } else {
      stream_.emplace(sink, schema_);
    }
    return Poll::ready;
  }

  Settings settings_;
  FileSink sink_;
  SchemaRef schema_;
  SchemaRef empty_;  // of rows that could have come
  std::optional<ipc::FileWriter> file_;
  std::optional<ipc::StreamWriter> stream_;
  bool written_ = false, ended_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_TRY(checkTarget(settings.path));
  WEIR_ASSIGN(auto* files, context.host<Files>());
  return makeNode<ArrowWriter>(settings, files, &context.account());
}

}  // namespace weir::nodes::arrow_write
