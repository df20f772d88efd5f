// files/csv-write: rows to one CSV file, published whole.
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "engine/node/file-sink.h"
#include "nodes/files/csv-write/csv-write.gen.h"
#include "nodes/files/csv-write/row-writer.h"

namespace weir::nodes::csv_write {
namespace {

class CsvWriter final : public Transform {
 public:
  CsvWriter(const Settings& settings, const csv::FieldWriter& fields, Files* files, MemoryAccount* account)
      : settings_(settings), rows_(fields, settings.columns), sink_(*files, *account, fileSinkOptions(settings)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    rows_.note(*batch.schema());
    if (batch.rows() == 0) {
      if (!empty_) empty_ = batch.schema();
      return Flow::more;
    }
    rows_.settle(*batch.schema());
    if (auto fits = rows_.check(*batch.schema()); !fits) {
      std::vector<std::uint32_t> all(static_cast<std::size_t>(batch.rows()));
      std::iota(all.begin(), all.end(), 0U);
      io.fail(all, std::move(fits.error()));
      return Flow::more;
    }
    WEIR_ASSIGN(const auto opened, begin(io));
    if (opened == Poll::pending) return Flow::pending;
    for (;;) {
      WEIR_ASSIGN(const auto room, sink_.keepRoom(io.waker()));
      if (room == Poll::pending) return Flow::pending;
      if (row_ == batch.rows()) break;
      std::vector<std::uint32_t> bad;
      row_ = rows_.append(batch, row_, FileSink::kWriteBytes, sink_.pendingText(), bad);
      if (!bad.empty()) {
        io.fail(bad, Error{"csv.nul_byte",
                           "a value of the row holds a NUL byte, which no reader of CSV takes; take it "
                           "out first, or write JSON"});
      }
    }
    row_ = 0;
    return Flow::more;
  }

  Result<Flow> finish(StepIo& io) override {
    WEIR_TRY(rows_.complete());
    if (!begun_ && settings_.ifEmpty == Settings::IfEmpty::none) return Flow::done;
    if (empty_) rows_.settle(*empty_);
    WEIR_ASSIGN(const auto opened, begin(io));
    if (opened == Poll::pending) return Flow::pending;
    WEIR_ASSIGN(const auto finished, sink_.finish(io.waker()));
    return finished == Poll::pending ? Flow::pending : Flow::done;
  }
  void attach(const TaskSite& site) override { sink_.attach(site); }
  Result<Poll> committed(CheckpointId id) override { return sink_.committed(id); }
  Result<Poll> snapshot(CheckpointId id, StateWriter& state) override {
    WEIR_TRY(state.write(begun_ ? 1 : 0));
    WEIR_TRY(rows_.snapshot(state));
    std::vector<Value> empty;
    if (empty_) {
      for (const auto& field : empty_->fields()) empty.push_back(Value::string(field.name));
    }
    WEIR_TRY(state.write(Value::list(std::move(empty))));
    return sink_.snapshot(id, state);
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t begun = 0;
    WEIR_TRY(state.read(begun));
    begun_ = begun != 0;
    WEIR_TRY(rows_.restore(state));
    WEIR_ASSIGN(const auto empty, state.readValue());
    std::vector<Field> fields;
    for (const auto& name : empty.items()) fields.push_back(Field{std::string(name.text()), Type::string()});
    if (!fields.empty()) empty_ = Schema::of(std::move(fields));
    return sink_.restore(state);
  }

 private:
  /// Opens the file and writes what stands before the first row.
  Result<Poll> begin(StepIo& io) {
    WEIR_ASSIGN(const auto opened, sink_.open(io.waker()));
    if (opened == Poll::pending) return Poll::pending;
    if (begun_) return Poll::ready;
    begun_ = true;
    auto& out = sink_.pendingText();
    if (sink_.existingBytes() > 0) {
      const auto head = sink_.takeExistingBegin();
      auto adopted = rows_.adopt({head.chars(), static_cast<std::size_t>(head.size())},
                                 head.size() == sink_.existingBytes(), settings_.header);
      if (!adopted) {
        adopted.error().message = "'" + settings_.path + "' cannot be appended to: " + adopted.error().message;
        return std::unexpected(std::move(adopted.error()));
      }
      if (sink_.existingEnd() != '\n') out += settings_.lineEnd == Settings::LineEnd::crlf ? "\r\n" : "\n";
      if (!*adopted && settings_.header) rows_.appendHeader(out);
      return Poll::ready;
    }
    if (settings_.byteOrderMark) out += "\xEF\xBB\xBF";
    if (settings_.header) rows_.appendHeader(out);
    return Poll::ready;
  }

  Settings settings_;
  RowWriter rows_;
  FileSink sink_;
  SchemaRef empty_;  // of rows that could have come
  bool begun_ = false;
  std::int64_t row_ = 0;  // of the batch under way
};

Result<char> delimiterOf(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80) return text[0];
  return fail("settings.invalid",
              "delimiter: '" + text + "' is not one ASCII character; the word tab stands for a tab");
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_TRY(checkTarget(settings.path));
  csv::WriteStyle style;
  WEIR_ASSIGN(style.delimiter, delimiterOf(settings.delimiter));
  style.lineEnd = settings.lineEnd == Settings::LineEnd::crlf ? "\r\n" : "\n";
  style.quoting = settings.quotes == Settings::Quotes::always ? csv::Quoting::always : csv::Quoting::minimal;
  style.nullText = settings.nullText;
  style.guardFormulas = settings.guardFormulas;
  WEIR_ASSIGN(const auto fields, csv::FieldWriter::make(std::move(style)));
  WEIR_ASSIGN(auto* files, context.host<Files>());
  return makeNode<CsvWriter>(settings, fields, files, &context.account());
}

}  // namespace weir::nodes::csv_write
