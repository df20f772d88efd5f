// Reading and decoding one ticket's files.
#include "nodes/files/json-read/file-work.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"
#include "nodes/files/json-read/mistake.h"
#include "nodes/files/json-read/range-reader.h"
#include "nodes/files/json-read/value-reader.h"

namespace weir::nodes::json_read {
namespace {

class FileWork final : public Work {
 public:
  FileWork(std::shared_ptr<Shared> shared, const Batch& input)
      : owner_(std::move(shared)), shared_(*owner_), items_(unpackFileItems(input)), desk_(shared_.borrowDesk()) {}
  ~FileWork() override { shared_.giveDesk(std::move(desk_)); }
  FileWork(const FileWork&) = delete;
  FileWork& operator=(const FileWork&) = delete;

  Result<Flow> run(StepIo& io) override {
    while (next_ < items_.size()) {
      Result<Flow> flow = Flow::more;
      switch (state_) {
        case State::fill:
          flow = items_[next_].tag > 0 ? fillRange(io) : fillStream(io);
          break;
        case State::lines:
          flow = readLines(io);
          break;
        case State::value:
          flow = readValue(io);
          break;
        case State::report:
          flow = report(io);
          break;
      }
      if (!flow && !failFileOrRun(flow.error(), io)) return flow;
      if (flow && *flow != Flow::more) return flow;
    }
    if (io.fresh(0) && shared_.plan.known()) {
      WEIR_ASSIGN(auto none, emptyBatch(shared_.plan.schema(), shared_.context.account()));
      io.emit(0, std::move(none));
    }
    return Flow::more;
  }

 private:
  enum class State : std::uint8_t { fill, lines, value, report };
  [[nodiscard]] const FileItem& item() const { return items_[next_]; }

  /// A file that was named ends the run; one that a glob found is an error row, and the next one is read.
  bool failFileOrRun(Error& error, StepIo& io) {
    if (error.recoverable || error.code == "memory.limit") return false;
    if (!error.message.contains("'" + item().path + "'")) error.message = "'" + item().path + "': " + error.message;
    if (item().named) return false;
    failFile(io, item().path, std::move(error));
    endFile();
    return true;
  }

  Result<Flow> fillRange(StepIo& io) {
    if (!range_) range_.emplace(shared_, item());
    WEIR_ASSIGN(const auto polled, range_->read(io.waker()));
    if (polled == Poll::pending) return Flow::pending;
    io.addProgress(std::min(item().tag, item().sizeBytes - item().offset), 0);
    sequence_ = item().offset;
    firstLine_ = 1;
    startLines(range_->text());
    last_ = true;
    return Flow::more;
  }

  void startLines(std::string_view text) {
    chunk_ = text;
    desk_->lines.start(text);
    state_ = State::lines;
  }

  Result<Flow> fillStream(StepIo& io) {
    if (!stream_) {
      FileStreamOptions options;
      options.encoding = TextEncoding::utf8;  // what RFC 8259 demands
      options.chunkBytes = std::clamp<std::int64_t>(item().sizeBytes + 1, 4096, 1 << 20);
      stream_.emplace(shared_.files, shared_.codecs, shared_.context.account(), item().path, item().sizeBytes, options);
      firstLine_ = 1;
      sequence_ = 0;
      shape_.reset();
      skipping_ = false;
    }
    const auto enough = [&] {
      if (stream_->atEnd()) return true;
      const auto window = stream_->window();
      if (shape_ && *shape_ == Shape::lines) return window.contains('\n') || tooLarge(window);
      return shape_ || window.size() >= 65536;
    };
    for (;;) {
      while (!enough()) {
        WEIR_ASSIGN(const auto polled, stream_->more(io.waker()));
        io.addProgress(stream_->takeReadBytes(), 0);
        if (polled == Poll::pending) return Flow::pending;
      }
      if (shape_) break;
      shape_ = shapeOf(shared_.options.format, item().path, stream_->window(), stream_->atEnd());
    }
    if (*shape_ == Shape::lines) return takeLines();
    value_.emplace(shared_, *desk_, *stream_, mistakes_);
    state_ = State::value;
    return Flow::more;
  }

  [[nodiscard]] bool tooLarge(std::string_view text) const {
    return static_cast<std::int64_t>(text.size()) > shared_.options.maxRecordBytes;
  }

  Result<Flow> takeLines() {
    const auto window = stream_->window();
    const auto end = window.rfind('\n');
    if (end == std::string_view::npos && !stream_->atEnd()) {
      if (!skipping_) noteTooLong(1, window);
      skipping_ = true;
      stream_->drop(static_cast<std::int64_t>(window.size()));
      return Flow::more;
    }
    auto whole = stream_->atEnd() ? window : window.substr(0, end + 1);
    if (skipping_) {
      const auto first = window.find('\n');
      const auto rest = first == std::string_view::npos ? window.size() : first + 1;
      skipping_ = false;
      stream_->drop(static_cast<std::int64_t>(rest));
      taken_ = 0;
      lineEnds_ = first == std::string_view::npos ? 0 : 1;
      last_ = stream_->atEnd() && stream_->window().empty();
      state_ = State::report;
      return Flow::more;
    }
    last_ = stream_->atEnd();
    taken_ = static_cast<std::int64_t>(whole.size());
    lineEnds_ = std::count(whole.begin(), whole.end(), '\n');
    sequence_ = stream_->offset();
    if (!whole.ends_with('\n')) {
      copy_ = padded(whole);
      whole = std::string_view(copy_).substr(0, whole.size());
    }
    startLines(whole);
    return Flow::more;
  }

  void noteTooLong(std::int64_t line, std::string_view text) {
    mistakes_.push_back(
        {line, shownText(text.substr(0, kShownBytes)),
         Error{"json.record_too_long", "line " + std::to_string(line) + ": the line is longer than maxRecordBytes (" +
                                           std::to_string(shared_.options.maxRecordBytes) + ")"}});
  }

  Result<void> emitRows(StepIo& io) {
    Envelope envelope;
    envelope.partition = static_cast<std::uint32_t>(item().index);
    envelope.firstSequence = static_cast<std::uint64_t>(sequence_);
    envelope.timestampMicros = shared_.context.nowMicros();
    sequence_ += desk_->decoder.rows();
    WEIR_ASSIGN(auto batch, desk_->decoder.finish(std::move(envelope)));
    if (batch) io.emit(0, std::move(batch));
    if (auto unknown = desk_->decoder.takeUnknown(); !unknown.empty() && shared_.mayWarn()) {
      shared_.context.log(LogLevel::warning, "'" + item().path + "': the field '" + unknown +
                                                 "' is none of the columns and is left out, here and further on; "
                                                 "name it in schema, or set unknownFields");
    }
    return {};
  }

  Result<Flow> readLines(StepIo& io) {
    auto& lines = desk_->lines;
    auto& decoder = desk_->decoder;
    const bool checked = tooLarge(chunk_);  // else no line is too long
    for (auto row = lines.next(); row != json::Lines::Row::end; row = lines.next()) {
      if (checked && tooLarge(lines.line())) [[unlikely]] {
        noteTooLong(lines.lineNumber(), lines.line());
        continue;
      }
      if (row == json::Lines::Row::value) {
        const auto outcome = decoder.read(lines.cursor());
        if (outcome == RowDecoder::Outcome::good && lines.finishRow()) [[likely]] {
          decoder.commit();
          if (!decoder.full()) continue;
          WEIR_TRY(emitRows(io));
          return Flow::again;
        }
        if (outcome == RowDecoder::Outcome::drift) {
          auto error = decoder.drift();
          const auto line = lines.lineNumber();
          error.message.insert(0, "line " + std::to_string(line) + ": ");
          mistakes_.push_back({line, shownText(lines.line()), std::move(error)});
          continue;
        }
      }
      auto error = lines.error();
      mistakes_.push_back({lines.lineNumber(), shownText(lines.line()), std::move(error)});
    }
    WEIR_TRY(emitRows(io));
    if (range_ && !range_->tooLong().empty()) {
      const auto text = range_->text();
      noteTooLong(1 + std::count(text.begin(), text.end(), '\n'), range_->tooLong());
    }
    state_ = State::report;
    return Flow::more;
  }

  Result<Flow> readValue(StepIo& io) {
    const auto step = value_->run(io.waker());
    io.addProgress(stream_->takeReadBytes(), 0);
    if (!step) return std::unexpected(step.error());
    if (*step == ValueReader::Step::pending) return Flow::pending;
    WEIR_TRY(emitRows(io));
    last_ = *step == ValueReader::Step::done;
    state_ = State::report;
    return last_ ? Flow::more : Flow::again;
  }

  Result<Flow> report(StepIo& io) {
    if (!mistakes_.empty() && range_) {
      WEIR_ASSIGN(const auto polled, range_->countLines(io.waker()));
      if (polled == Poll::pending) return Flow::pending;
      firstLine_ = range_->firstLine();
    }
    for (auto& mistake : mistakes_) fail(std::move(mistake), io);
    mistakes_.clear();
    if (stream_) {
      stream_->drop(taken_);
      firstLine_ += lineEnds_;
    }
    taken_ = lineEnds_ = 0;
    state_ = value_ ? State::value : State::fill;
    if (last_) endFile();
    return io.budgetSpent() && next_ < items_.size() ? Flow::again : Flow::more;
  }

  void fail(Mistake mistake, StepIo& io) const {
    const auto line = mistake.line + firstLine_ - 1;
    const auto relative = "line " + std::to_string(mistake.line);
    auto& message = mistake.error.message;
    if (message.starts_with(relative)) message.replace(0, relative.size(), "line " + std::to_string(line));
    message.insert(0, "'" + item().path + "', ");
    MapBuilder row;
    static_cast<void>(row.insert(Value::string("file"), Value::string(item().path)));
    static_cast<void>(row.insert(Value::string("line"), Value::int64(line)));
    static_cast<void>(row.insert(Value::string("text"), Value::string(mistake.text)));
    io.failValue(std::move(row).build(), std::move(mistake.error));
  }

  void endFile() {
    range_.reset();
    value_.reset();
    stream_.reset();
    mistakes_.clear();
    desk_->decoder.reset();
    state_ = State::fill;
    last_ = false;
    ++next_;
  }

  std::shared_ptr<Shared> owner_;
  Shared& shared_;
  std::vector<FileItem> items_;
  std::unique_ptr<Desk> desk_;
  std::size_t next_ = 0;
  State state_ = State::fill;
  std::optional<RangeReader> range_;
  std::optional<FileStream> stream_;
  std::optional<ValueReader> value_;  // of the stream
  std::optional<Shape> shape_;
  std::string copy_;
  std::string_view chunk_;
  std::vector<Mistake> mistakes_;
  std::int64_t firstLine_ = 1, sequence_ = 0, taken_ = 0, lineEnds_ = 0;
  bool last_ = false, skipping_ = false;
};

}  // namespace

std::unique_ptr<Work> FileParse::begin(Batch input) const { return std::make_unique<FileWork>(shared_, input); }

}  // namespace weir::nodes::json_read
