// files/text-write: one field of each row as a line of one file, published whole.
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/data/value-json.h"
#include "engine/node/file-sink.h"
#include "nodes/files/text-write/text-write.gen.h"

namespace weir::nodes::text_write {
namespace {

class TextWriter final : public Transform {
 public:
  TextWriter(const Settings& settings, Files* files, MemoryAccount* account)
      : settings_(settings), sink_(*files, *account, fileSinkOptions(settings)) {
    static constexpr std::string_view kEnds[] = {"\n", "\r\n", ""};
    end_ = kEnds[static_cast<std::size_t>(settings.lineEnd)];
  }

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    if (batch.rows() == 0) return Flow::more;  // whether there are none at all, finish knows
    const auto* column = batch.column(settings_.field);
    if (column == nullptr) {
      std::vector<std::uint32_t> all(static_cast<std::size_t>(batch.rows()));
      std::iota(all.begin(), all.end(), 0U);
      io.fail(all, Error{"text.no_field", "the rows have no field '" + settings_.field + "' to write; they have " +
                                              batch.schema()->describe()});
      return Flow::more;
    }
    WEIR_ASSIGN(const auto opened, begin(io));
    if (opened == Poll::pending) return Flow::pending;
    for (;;) {
      WEIR_ASSIGN(const auto room, sink_.keepRoom(io.waker()));
      if (room == Poll::pending) return Flow::pending;
      if (row_ == batch.rows()) break;
      append(*column, batch.rows());
    }
    row_ = 0;
    return Flow::more;
  }

  Result<Flow> finish(StepIo& io) override {
    if (!begun_ && settings_.ifEmpty == Settings::IfEmpty::none) return Flow::done;
    WEIR_ASSIGN(const auto opened, begin(io));
    if (opened == Poll::pending) return Flow::pending;
    WEIR_ASSIGN(const auto finished, sink_.finish(io.waker()));
    return finished == Poll::pending ? Flow::pending : Flow::done;
  }
  void attach(const TaskSite& site) override { sink_.attach(site); }
  Result<Poll> committed(CheckpointId id) override { return sink_.committed(id); }
  Result<Poll> snapshot(CheckpointId id, StateWriter& state) override {
    WEIR_TRY(state.write(begun_ ? 1 : 0));
    return sink_.snapshot(id, state);
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t begun = 0;
    WEIR_TRY(state.read(begun));
    begun_ = begun != 0;
    return sink_.restore(state);
  }

 private:
  /// Rows until it is time to flush.
  void append(const Column& column, std::int64_t rows) {
    auto& out = sink_.pendingText();
    const bool text = column.type->kind == Kind::string;
    for (; row_ < rows && !sink_.full(); ++row_) {
      if (column.isNull(row_)) {
        out += settings_.nullText;
      } else if (text) {
        out += column.text(row_);
      } else {
        const auto value = column.value(row_);
        if (value.kind() == ValueKind::string) {
          out += value.text();
        } else {
          out += toJson(value);
        }
      }
      out += end_;
    }
  }

  Result<Poll> begin(StepIo& io) {
    WEIR_ASSIGN(const auto opened, sink_.open(io.waker()));
    if (opened == Poll::pending) return Poll::pending;
    if (begun_) return Poll::ready;
    begun_ = true;
    if (sink_.existingBytes() > 0 && sink_.existingEnd() != '\n') sink_.pendingText() += end_;
    return Poll::ready;
  }

  Settings settings_;
  FileSink sink_;
  std::string_view end_;
  bool begun_ = false;
  std::int64_t row_ = 0;  // of the batch under way
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_TRY(checkTarget(settings.path));
  WEIR_ASSIGN(auto* files, context.host<Files>());
  return makeNode<TextWriter>(settings, files, &context.account());
}

}  // namespace weir::nodes::text_write
