// Follows a text file as it grows, through rotations.
#include <algorithm>
#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/host/files.h"
#include "engine/text/utf8.h"
#include "nodes/files/watch/watch.gen.h"

namespace weir::nodes::watch {
namespace {

constexpr std::int64_t kReadBytes = 256 * 1024;

class Watch final : public Task {
 public:
  Watch(const Settings& settings, NodeContext& context, Files& files)
      : settings_(settings),
        context_(context),
        files_(files),
        schema_(Schema::of({{"line", Type::string(), false, false},
                            {"file", Type::string(), false, false},
                            {"offset", Type::int64(), false, false}})),
        builder_(schema_, context.account()) {}
  ~Watch() override { close(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  Result<Progress> step(StepIo& io) override {
    for (;;) {
      if (draining_ || ended_) return Progress::finished();
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, kAllPorts);
      const auto now = context_.nowMicros();
      if (now < lookAt_) return Progress::until(lookAt_);
      WEIR_ASSIGN(const auto went, advance(io));
      WEIR_TRY(emit(io));
      if (went == Went::waits) return Progress::blockedOn(0);
      if (went == Went::idle) lookAt_ = now + settings_.interval * 1000;
      if (io.budgetSpent()) return Progress::yielded();
    }
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(state.write(static_cast<std::int64_t>(device_)));
    WEIR_TRY(state.write(static_cast<std::int64_t>(inode_)));
    WEIR_TRY(state.write(bufferAt_));
    return state.write(static_cast<std::int64_t>(sequence_));
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t device = 0;
    std::int64_t inode = 0;
    std::int64_t sequence = 0;
    WEIR_TRY(state.read(device));
    WEIR_TRY(state.read(inode));
    WEIR_TRY(state.read(bufferAt_));
    WEIR_TRY(state.read(sequence));
    device_ = static_cast<std::uint64_t>(device);
    inode_ = static_cast<std::uint64_t>(inode);
    sequence_ = static_cast<std::uint64_t>(sequence);
    known_ = inode_ != 0;
    fresh_ = false;
    return Poll::ready;
  }
  void drain() override { draining_ = true; }

 private:
  enum class Went : std::uint8_t {
    on,
    waits,  // for the host
    idle    // nothing new
  };
  enum class Phase : std::uint8_t { look, search, open, inspect, read, size, again };

  Result<Went> advance(StepIo& io) {
    switch (phase_) {
      case Phase::look:
      case Phase::search:
        return find(io);
      case Phase::open:
      case Phase::inspect:
        return open(io);
      case Phase::read:
        return read(io);
      case Phase::size:
      case Phase::again:
        return look(io);
    }
    return Went::idle;
  }

  /// Which file to open: the one at the path, or the one that was being read, under another name.
  Result<Went> find(StepIo& io) {
    if (phase_ == Phase::look) {
      if (!stat_.active()) stat_ = files_.statPath(settings_.path, io.waker());
      if (!stat_.ready()) return Went::waits;
      const auto info = stat_.take();
      if (!info) {
        if (info.error().code != "files.not_found" || settings_.until == Settings::Until::end)
          return std::unexpected(info.error());
        fresh_ = false;  // what comes later is read from its first line
        return Went::idle;
      }
      opening_ = settings_.path;
      const bool other = known_ && (info->inode != inode_ || info->device != device_);
      phase_ = other ? Phase::search : Phase::open;
      return Went::on;
    }
    const auto slash = opening_.rfind('/');
    const auto folder = slash != std::string::npos ? opening_.substr(0, std::max<std::size_t>(slash, 1))
                                                   : opening_.substr(0, opening_.find(':') + 1);
    if (!list_.active()) list_ = files_.list(folder.empty() ? "." : folder, io.waker());
    if (!list_.ready()) return Went::waits;
    const auto entries = list_.take();
    known_ = false;
    if (entries) {
      const auto same = [&](const FileInfo& one) {
        return !one.folder && one.inode == inode_ && one.device == device_;
      };
      const auto found = std::ranges::find_if(*entries, same);
      if (found != entries->end()) {
        opening_ = found->path;
        known_ = true;
      }
    }
    if (!known_) restart();
    phase_ = Phase::open;
    return Went::on;
  }

  Result<Went> open(StepIo& io) {
    if (phase_ == Phase::open) {
      if (!openFile_.active()) openFile_ = files_.open(opening_, FileMode::read, io.waker());
      if (!openFile_.ready()) return Went::waits;
      auto opened = openFile_.take();
      phase_ = Phase::look;
      if (!opened) {
        if (opened.error().code == "files.not_found") return Went::idle;
        return std::unexpected(std::move(opened.error()));
      }
      file_ = *opened;
      phase_ = Phase::inspect;
    }
    if (!stat_.active()) stat_ = files_.stat(*file_, io.waker());
    if (!stat_.ready()) return Went::waits;
    WEIR_ASSIGN(const auto info, stat_.take());
    if (!known_) {
      device_ = info.device;
      inode_ = info.inode;
      restart();
      if (fresh_ && settings_.from == Settings::From::end && settings_.until == Settings::Until::stopped) {
        bufferAt_ = info.sizeBytes;
        context_.log(LogLevel::info, "follows '" + settings_.path + "' from byte " + std::to_string(bufferAt_));
      }
    }
    known_ = true;
    fresh_ = false;
    buffer_.clear();
    phase_ = Phase::read;
    return Went::on;
  }

  Result<Went> read(StepIo& io) {
    if (!reading_.active()) {
      WEIR_ASSIGN(chunk_, context_.allocate(kReadBytes));
      reading_ = files_.read(*file_, readAt(), chunk_, 0, kReadBytes, io.waker());
    }
    if (!reading_.ready()) return Went::waits;
    WEIR_ASSIGN(const auto bytes, reading_.take());
    if (bytes == 0) {
      phase_ = Phase::size;
      return Went::on;
    }
    buffer_.append(chunk_.chars(), static_cast<std::size_t>(bytes));
    cutLines(io);
    return Went::on;
  }

  /// At the end of what there is: has the file been emptied, or another taken its place?
  Result<Went> look(StepIo& io) {
    if (phase_ == Phase::size) {
      if (!stat_.active()) stat_ = files_.stat(*file_, io.waker());
      if (!stat_.ready()) return Went::waits;
      WEIR_ASSIGN(const auto info, stat_.take());
      phase_ = Phase::read;
      if (info.sizeBytes < readAt()) {
        context_.log(LogLevel::info, "'" + settings_.path + "' was emptied; reads it from its start");
        restart();
        return Went::on;
      }
      if (settings_.until == Settings::Until::end) {
        lastLine(io);
        ended_ = true;
        return Went::on;
      }
      phase_ = Phase::again;
    }
    if (!stat_.active()) stat_ = files_.statPath(settings_.path, io.waker());
    if (!stat_.ready()) return Went::waits;
    const auto info = stat_.take();
    phase_ = Phase::read;
    if (!info || (info->inode == inode_ && info->device == device_)) return Went::idle;
    // Whoever renamed it may still write to it for a moment: one more look before it is left.
    if (!std::exchange(leaving_, true)) return Went::idle;
    context_.log(LogLevel::info, "'" + settings_.path + "' is another file now; reads it from its start");
    lastLine(io);
    close();
    known_ = leaving_ = false;
    restart();
    phase_ = Phase::look;
    return Went::on;
  }

  void restart() {
    bufferAt_ = 0;
    buffer_.clear();
    skipping_ = false;
  }
  [[nodiscard]] std::int64_t readAt() const { return bufferAt_ + static_cast<std::int64_t>(buffer_.size()); }
  void close() {
    if (file_) files_.close(*file_);
    file_.reset();
  }

  void cutLines(StepIo& io) {
    std::size_t from = 0;
    for (;;) {
      const auto end = buffer_.find('\n', from);
      if (end == std::string::npos) break;
      add(std::string_view(buffer_).substr(from, end - from), bufferAt_ + static_cast<std::int64_t>(from), io);
      from = end + 1;
    }
    buffer_.erase(0, from);
    bufferAt_ += static_cast<std::int64_t>(from);
    if (static_cast<std::int64_t>(buffer_.size()) <= settings_.maxLineBytes) return;
    if (!std::exchange(skipping_, true)) failLine("the line is longer than maxLineBytes", {}, bufferAt_, io);
    bufferAt_ += static_cast<std::int64_t>(buffer_.size());
    buffer_.clear();
  }

  void lastLine(StepIo& io) {
    if (!buffer_.empty()) add(buffer_, bufferAt_, io);
    bufferAt_ += static_cast<std::int64_t>(buffer_.size());
    buffer_.clear();
  }

  void add(std::string_view line, std::int64_t offset, StepIo& io) {
    if (std::exchange(skipping_, false)) return;  // the end of a line that is too long
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() && settings_.skipEmpty) return;
    if (static_cast<std::int64_t>(line.size()) > settings_.maxLineBytes)
      return failLine("the line is longer than maxLineBytes", {}, offset, io);
    if (!utf8::isValid(line)) return failLine("the line is no UTF-8", line, offset, io);
    const Value values[] = {Value::string(line), Value::string(settings_.path), Value::int64(offset)};
    if (auto appended = builder_.append(values); !appended) failLine(appended.error().message, line, offset, io);
  }

  void failLine(std::string why, std::string_view line, std::int64_t offset, StepIo& io) const {
    MapBuilder row;
    row.set(Value::string("file"), Value::string(settings_.path));
    row.set(Value::string("offset"), Value::int64(offset));
    row.set(Value::string("line"), Value::bytes(line.substr(0, 1000)));
    io.failValue(std::move(row).build(), Error{"stream.message", std::move(why), false});
  }

  Result<Unit> emit(StepIo& io) {
    if (builder_.rows() == 0) return Unit{};
    Envelope envelope;
    envelope.firstSequence = sequence_ + 1;
    envelope.timestampMicros = context_.nowMicros();
    sequence_ += static_cast<std::uint64_t>(builder_.rows());
    WEIR_ASSIGN(auto batch, builder_.finish(std::move(envelope)));
    for (std::int64_t from = 0; from < batch.rows(); from += kMaxBatchRows) {
      io.emit(out::rows, batch.slice(from, std::min(kMaxBatchRows, batch.rows() - from)));
    }
    return Unit{};
  }

  Settings settings_;
  NodeContext& context_;
  Files& files_;
  SchemaRef schema_;
  BatchBuilder builder_;
  Phase phase_ = Phase::look;
  std::string opening_;
  std::optional<FileId> file_;
  Operation<FileInfo> stat_;
  Operation<std::vector<FileInfo>> list_;
  Operation<FileId> openFile_;
  Operation<std::int64_t> reading_;
  Buffer chunk_;
  std::uint64_t device_ = 0, inode_ = 0, sequence_ = 0;
  std::string buffer_;         // read and not cut into lines yet
  std::int64_t bufferAt_ = 0;  // where in the file it begins
  std::int64_t lookAt_ = 0;
  bool known_ = false;    // device_ and inode_ say which file is read, bufferAt_ how far
  bool fresh_ = true;     // nothing has been seen: `from` counts
  bool leaving_ = false;  // another file was seen in its place
  bool skipping_ = false, draining_ = false, ended_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const files, context.host<Files>());
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [settings, &context, files]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Watch>(settings, context, *files);
  };
  return node;
}

}  // namespace weir::nodes::watch
