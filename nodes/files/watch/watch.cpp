// Follows a text file as it grows, through rotations.
#include <algorithm>
#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"
#include "engine/host/files.h"
#include "engine/node/node-time.h"
#include "engine/node/start-partition.h"
#include "engine/text/utf8.h"
#include "nodes/files/watch/watch.gen.h"

namespace weir::nodes::watch {
namespace {

constexpr std::int64_t kReadBytes = 256 * 1024;
// How much of a file's beginning tells after a restart whether it is the same file: systems give the number of a file
// that was deleted to the next one.
constexpr std::int64_t kHeadBytes = 256;

class Watch final : public Task {
 public:
  Watch(const Settings& settings, NodeContext& context, Files& files)
      : settings_(settings),
        context_(context),
        time_(context),
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
      const auto now = time_.now();
      if (now < lookAt_) return Progress::until(time_.wakeAt(lookAt_));
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
    WEIR_TRY(state.write(modified_));
    WEIR_TRY(state.write(skipping_ ? 1 : 0));
    const bool compared = headBytes_ == 0;
    WEIR_TRY(state.write(compared ? static_cast<std::int64_t>(head_.size()) : headBytes_));
    WEIR_TRY(state.write(static_cast<std::int64_t>(compared ? hash::ofBytes(head_) : headHash_)));
    WEIR_TRY(state.write(static_cast<std::int64_t>(partition_)));
    return state.write(static_cast<std::int64_t>(sequence_));
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t device = 0;
    std::int64_t inode = 0;
    std::int64_t skipping = 0;
    std::int64_t headHash = 0;
    std::int64_t partition = 0;
    std::int64_t sequence = 0;
    WEIR_TRY(state.read(device));
    WEIR_TRY(state.read(inode));
    WEIR_TRY(state.read(bufferAt_));
    WEIR_TRY(state.read(modified_));
    WEIR_TRY(state.read(skipping));
    WEIR_TRY(state.read(headBytes_));
    WEIR_TRY(state.read(headHash));
    WEIR_TRY(state.read(partition));
    WEIR_TRY(state.read(sequence));
    if (headBytes_ < 0 || headBytes_ > kHeadBytes || bufferAt_ < 0)
      return fail("state.mismatch", "the saved state is not that of files/watch");
    device_ = static_cast<std::uint64_t>(device);
    inode_ = static_cast<std::uint64_t>(inode);
    skipping_ = skipping != 0;
    headHash_ = static_cast<std::uint64_t>(headHash);
    partition_ = static_cast<Partition>(partition);
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
  enum class Phase : std::uint8_t { look, search, next, open, inspect, head, read, size, again };

  Result<Went> advance(StepIo& io) {
    switch (phase_) {
      case Phase::look:
      case Phase::search:
        return find(io);
      case Phase::next:
        return findNext(io);
      case Phase::open:
      case Phase::inspect:
        return open(io);
      case Phase::head:
        return readHead(io);
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
        if (!std::exchange(missed_, true))
          context_.log(LogLevel::info, "'" + settings_.path + "' is not there yet; waits for it");
        fresh_ = false;  // what comes later is read from its first line
        return Went::idle;
      }
      opening_ = settings_.path;
      const bool other = known_ && (info->inode != inode_ || info->device != device_);
      phase_ = other ? Phase::search : Phase::open;
      return Went::on;
    }
    if (!list_.active()) list_ = files_.list(folder(), io.waker());
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
    phase_ = known_ ? Phase::open : Phase::next;
    return Went::on;
  }

  /// Rotated more than once since: the file behind the one that was read is the oldest written after it.
  Result<Went> findNext(StepIo& io) {
    if (!list_.active()) list_ = files_.list(folder(), io.waker());
    if (!list_.ready()) return Went::waits;
    const auto entries = list_.take();
    phase_ = Phase::look;
    if (!entries) return Went::on;
    const FileInfo* next = nullptr;
    for (const auto& one : *entries) {
      const bool later = one.modifiedMicros > modified_ && (one.inode != inode_ || one.device != device_);
      if (one.folder || !later || !isRotated(one.path)) continue;
      if (next == nullptr || one.modifiedMicros < next->modifiedMicros) next = &one;
    }
    if (next == nullptr) return Went::on;
    context_.log(LogLevel::info, "reads '" + next->path + "' first, which was written meanwhile");
    opening_ = next->path;
    phase_ = Phase::open;
    return Went::on;
  }

  /// Where the file is and its predecessors are.
  [[nodiscard]] std::string folder() const {
    const auto& path = settings_.path;
    const auto slash = path.rfind('/');
    const auto folder = slash != std::string::npos ? path.substr(0, std::max<std::size_t>(slash, 1))
                                                   : path.substr(0, path.find(':') + 1);
    return folder.empty() ? "." : folder;
  }
  /// `app.log.1`, `app.log-20260131`: the file's name, and behind it digits, dots, dashes and underscores.
  [[nodiscard]] bool isRotated(std::string_view path) const {
    const auto name = path.substr(path.find_last_of("/:") + 1);
    const auto own = std::string_view(settings_.path).substr(settings_.path.find_last_of("/:") + 1);
    if (!name.starts_with(own)) return false;
    const auto rest = name.substr(own.size());
    return rest.find_first_not_of(".-_0123456789") == std::string_view::npos &&
           rest.find_first_of("0123456789") != std::string_view::npos;
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
    modified_ = info.modifiedMicros;
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
    phase_ = Phase::head;
    return Went::on;
  }

  /// Notes how the file begins; after a restart, sees whether it is the one that was read before.
  Result<Went> readHead(StepIo& io) {
    if (!reading_.active()) {
      WEIR_ASSIGN(chunk_, context_.allocate(kHeadBytes));
      reading_ = files_.read(*file_, 0, chunk_, 0, kHeadBytes, io.waker());
    }
    if (!reading_.ready()) return Went::waits;
    WEIR_ASSIGN(const auto bytes, reading_.take());
    head_.assign(chunk_.chars(), static_cast<std::size_t>(bytes));
    const auto expected = std::exchange(headBytes_, 0);
    const bool same = bytes >= expected && (expected == 0 || hash::ofBytes(std::string_view(head_).substr(
                                                                 0, static_cast<std::size_t>(expected))) == headHash_);
    if (!same) {
      context_.log(LogLevel::info, "'" + settings_.path + "' is another file than before; reads it from its start");
      restart();
      if (opening_ != settings_.path) {
        close();
        known_ = false;
        phase_ = Phase::next;
        return Went::on;
      }
    }
    // What is not read yet may still be written over.
    head_.resize(std::min(head_.size(), static_cast<std::size_t>(bufferAt_)));
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
    const std::string_view fresh(chunk_.chars(), static_cast<std::size_t>(bytes));
    if (readAt() == static_cast<std::int64_t>(head_.size()))
      head_.append(fresh.substr(
          0, static_cast<std::size_t>(kHeadBytes) - std::min(head_.size(), static_cast<std::size_t>(kHeadBytes))));
    buffer_.append(fresh);
    cutLines(io);
    return Went::on;
  }

  /// At the end of what there is: has the file been emptied, or another taken its place?
  Result<Went> look(StepIo& io) {
    if (phase_ == Phase::size) {
      if (!stat_.active()) stat_ = files_.stat(*file_, io.waker());
      if (!stat_.ready()) return Went::waits;
      WEIR_ASSIGN(const auto info, stat_.take());
      modified_ = info.modifiedMicros;
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
    phase_ = Phase::next;
    return Went::on;
  }

  void restart() {
    bufferAt_ = headBytes_ = 0;
    buffer_.clear();
    head_.clear();
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
    if (sequence_ == 0) partition_ = startPartition(context_);
    Envelope envelope;
    envelope.partition = partition_;
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
  NodeTime time_;
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
  Partition partition_ = 0;
  std::string head_;            // how the file begins, as far as it is read
  std::int64_t headBytes_ = 0;  // and how the file that was read before the restart began
  std::uint64_t headHash_ = 0;
  std::string buffer_;         // read and not cut into lines yet
  std::int64_t bufferAt_ = 0;  // where in the file it begins
  std::int64_t modified_ = 0;  // when the file was written last, as far as seen
  std::int64_t lookAt_ = 0;
  bool known_ = false;    // device_ and inode_ say which file is read, bufferAt_ how far
  bool fresh_ = true;     // nothing has been seen: `from` counts
  bool missed_ = false;   // it was not there
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
