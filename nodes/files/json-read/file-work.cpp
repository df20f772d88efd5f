// Reading and decoding one ticket's files.
#include "nodes/files/json-read/file-work.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "engine/text/utf8.h"
#include "nodes/files/json-read/range-reader.h"

namespace weir::nodes::json_read {
namespace {

constexpr std::size_t kShownBytes = 512;
constexpr std::int64_t kMostValueBytes = std::int64_t{1} << 30;

std::string shownText(std::string_view text) {
  std::string shown;
  const auto most = static_cast<std::int64_t>(std::min(text.size(), kShownBytes));
  for (std::int64_t at = 0; at < most;) {
    const auto point = utf8::decode(text, at);
    utf8::append(shown, point.value);
    at += point.bytes;
  }
  if (text.size() > kShownBytes) shown += "...";
  return shown;
}

/// A row that is none; its line counts from the chunk's first, which is 1.
struct Mistake {
  std::int64_t line = 0;
  std::string text;
  Error error;
};

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
        case State::elements:
          flow = readElements(io);
          break;
        case State::report:
          flow = report(io);
          break;
      }
      if (!flow && !failFileOrRun(flow.error(), io)) return flow;
      if (flow && *flow != Flow::more) return flow;
    }
    return Flow::more;
  }

 private:
  enum class State : std::uint8_t { fill, lines, elements, report };
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
      return shape_ ? static_cast<std::int64_t>(window.size()) > kMostValueBytes : window.size() >= 65536;
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
    return *shape_ == Shape::lines ? takeLines() : takeValue();
  }

  [[nodiscard]] bool tooLarge(std::string_view window) const {
    return static_cast<std::int64_t>(window.size()) > shared_.options.maxRecordBytes;
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

  Result<Flow> takeValue() {
    const auto window = stream_->window();
    if (!stream_->atEnd()) {
      return weir::fail("json.too_large", "the value is longer than 1 GiB; write it as NDJSON, a value a line");
    }
    copy_ = padded(window);
    chunk_ = std::string_view(copy_).substr(0, window.size());
    last_ = true;
    taken_ = lineEnds_ = 0;
    begunList_ = false;
    auto& structure = desk_->structure;
    structure.build(chunk_, 0, static_cast<std::uint32_t>(chunk_.size()), json::TextKind::document);
    state_ = State::elements;
    if (structure.count() > 0) {
      cursor_.start(structure, 0);
      return Flow::more;
    }
    auto problem = structure.problem();
    if (problem.ok()) problem = {json::Fault::expectedValue, static_cast<std::uint32_t>(chunk_.size())};
    noteProblem(problem, 0);
    state_ = State::report;
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
    for (auto row = lines.next(); row != json::Lines::Row::end; row = lines.next()) {
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

  void noteProblem(json::Problem problem, std::size_t at) {
    const auto place = json::placeOf(chunk_, problem.position);
    mistakes_.push_back({place.line, shownText(chunk_.substr(std::min(at, chunk_.size()), kShownBytes + 1)),
                         json::describe(problem, chunk_)});
  }

  /// A mistake of a string or byte comes to light where the index was cut short.
  void noteSyntax(std::size_t at) {
    auto problem = cursor_.problem();
    const auto& wrong = desk_->structure.problem();
    if (!wrong.ok() && (problem.ok() || problem.position >= wrong.position)) problem = wrong;
    noteProblem(problem, at);
    state_ = State::report;
  }

  Result<Flow> readElements(StepIo& io) {
    auto& decoder = desk_->decoder;
    const bool list = begunList_ || cursor_.kind() == json::Kind::array;
    if (!list) {
      if (shared_.options.format == Format::array) {
        cursor_.fail(json::Fault::wrongType, cursor_.position());
        noteProblem(cursor_.problem(), cursor_.position());
        state_ = State::report;
        return Flow::more;
      }
      if (readElement()) finishValue();
      WEIR_TRY(emitRows(io));
      return Flow::more;
    }
    if (!begunList_ && !cursor_.enterArray()) {
      noteSyntax(0);
      return Flow::more;
    }
    begunList_ = true;
    while (cursor_.nextElement()) {
      if (!readElement()) break;
      if (!decoder.full()) continue;
      WEIR_TRY(emitRows(io));
      return Flow::again;
    }
    if (state_ == State::elements) {
      if (cursor_.problem().ok()) {
        finishValue();
      } else {
        noteSyntax(cursor_.problem().position);
      }
    }
    WEIR_TRY(emitRows(io));
    return Flow::more;
  }

  bool readElement() {
    const auto begin = cursor_.position();
    auto reading = cursor_;
    const auto outcome = desk_->decoder.read(reading);
    if (outcome == RowDecoder::Outcome::good && reading.problem().ok()) {
      // A row whose end lies behind a wrong string is none.
      const auto& wrong = desk_->structure.problem();
      cursor_ = reading;
      if (!wrong.ok() && *cursor_.next() >= wrong.position) {
        noteSyntax(begin);
        return false;
      }
      desk_->decoder.commit();
      return true;
    }
    if (outcome == RowDecoder::Outcome::drift) {
      const auto& wrong = desk_->structure.problem();
      if (!cursor_.skip() || (!wrong.ok() && *cursor_.next() >= wrong.position)) {
        noteSyntax(begin);
        return false;
      }
      auto error = desk_->decoder.drift();
      const auto place = json::placeOf(chunk_, begin);
      error.message.insert(0, json::toText(place) + ": ");
      mistakes_.push_back({place.line, shownText(chunk_.substr(begin, kShownBytes + 1)), std::move(error)});
      return true;
    }
    cursor_ = reading;
    noteSyntax(begin);
    return false;
  }

  void finishValue() {
    state_ = State::report;
    if (!desk_->structure.problem().ok() || !cursor_.finish(desk_->structure)) noteSyntax(*cursor_.next());
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
    state_ = State::fill;
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
  std::optional<Shape> shape_;
  json::Cursor cursor_;
  std::string copy_;
  std::string_view chunk_;
  std::vector<Mistake> mistakes_;
  std::int64_t firstLine_ = 1, sequence_ = 0, taken_ = 0, lineEnds_ = 0;
  bool last_ = false, skipping_ = false, begunList_ = false;
};

}  // namespace

std::unique_ptr<Work> FileParse::begin(Batch input) const { return std::make_unique<FileWork>(shared_, input); }

}  // namespace weir::nodes::json_read
