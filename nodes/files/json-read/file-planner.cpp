// Finding, sampling, dividing.
#include "nodes/files/json-read/file-planner.h"

#include <algorithm>
#include <utility>

namespace weir::nodes::json_read {
namespace {

constexpr std::int64_t kSampleBytes = 64 << 10;
constexpr std::int64_t kLoneSampleBytes = 256 << 10;
constexpr std::int64_t kHeadBytes = 64 << 10;
constexpr std::int64_t kTicketBytes = 1 << 20;
constexpr std::size_t kRangesAtOnce = 1;

}  // namespace

std::unique_ptr<Desk> Shared::borrowDesk() {
  {
    const Locked locked(lock_);
    if (!spare_.empty()) {
      auto desk = std::move(spare_.back());
      spare_.pop_back();
      return desk;
    }
  }
  return std::make_unique<Desk>(plan, context);
}

void Shared::giveDesk(std::unique_ptr<Desk> desk) {
  desk->decoder.reset();
  const Locked locked(lock_);
  spare_.push_back(std::move(desk));
}

std::optional<std::int64_t> Shared::lineEnds(std::int64_t file, std::int64_t range) {
  const Locked locked(lock_);
  const auto at = lineEnds_.find({file, range});
  if (at == lineEnds_.end()) return std::nullopt;
  return at->second;
}

void Shared::noteLineEnds(std::int64_t file, std::int64_t range, std::int64_t count) {
  const Locked locked(lock_);
  lineEnds_[{file, range}] = count;
}

bool Shared::mayWarn() {
  const Locked locked(lock_);
  return !std::exchange(warned_, true);
}

Result<Flow> FilePlanner::pull(StepIo& io) {
  if (draining()) return Flow::done;
  switch (phase_) {
    case Phase::find:
      return find(io);
    case Phase::sample:
      return sample(io);
    case Phase::emit:
      break;
  }
  return emit(io);
}

Result<Flow> FilePlanner::find(StepIo& io) {
  if (!finder_) {
    WEIR_ASSIGN(auto made, FileFinder::make(shared_->options.paths, shared_->files));
    finder_ = std::move(made);
  }
  WEIR_ASSIGN(const auto flow, finder_->step(io.waker()));
  if (flow != Flow::done) return flow;
  WEIR_ASSIGN(found_, settleFound(*finder_, shared_->options.ifNoFiles, io, shared_->context));
  finder_.reset();
  chooseSamples();
  return Flow::more;
}

void FilePlanner::chooseSamples() {
  std::vector<std::size_t> filled;
  for (std::size_t i = 0; i < found_.size(); ++i) {
    if (found_[i].sizeBytes > 0) filled.push_back(i);
  }
  // Files that the system makes as they are read have no size beforehand.
  if (filled.empty()) {
    for (std::size_t i = 0; i < found_.size(); ++i) filled.push_back(i);
  }
  sampleBytes_ = filled.size() == 1 ? kLoneSampleBytes : kSampleBytes;
  if (shared_->options.onDrift != Drift::error) {
    if (filled.size() > 16) sampleBytes_ = kSampleBytes / 4;
    samples_.assign(filled.rbegin(), filled.rend());
  } else if (!filled.empty()) {
    samples_ = {filled.back(), filled[filled.size() / 2], filled.front()};
    samples_.erase(std::ranges::unique(samples_).begin(), samples_.end());
  }
  wantedBytes_ = sampleBytes_;
  phase_ = Phase::sample;
}

Result<Poll> FilePlanner::snapshot(CheckpointId, StateWriter& state) {
  WEIR_TRY(state.write(phase_ == Phase::find ? 0 : 1));
  if (phase_ == Phase::find) return Poll::ready;
  WEIR_TRY(saveFound(found_, state));
  WEIR_TRY(state.write(static_cast<std::int64_t>(next_)));
  WEIR_TRY(state.write(inRanges_ ? (*inRanges_ ? 1 : 0) : -1));
  return state.write(offset_);
}

/// What the files look like is learned again: it is the same as long as they are.
Result<Poll> FilePlanner::restore(StateReader& state) {
  std::int64_t began = 0;
  WEIR_TRY(state.read(began));
  if (began == 0) return Poll::ready;
  WEIR_ASSIGN(found_, restoreFound(state));
  std::int64_t next = 0;
  std::int64_t ranges = 0;
  WEIR_TRY(state.read(next));
  WEIR_TRY(state.read(ranges));
  next_ = std::min(static_cast<std::size_t>(next), found_.size());
  if (ranges >= 0) inRanges_ = ranges == 1;
  chooseSamples();
  return state.read(offset_);
}

/// A file that cannot be read says so when it is its turn; of the others the next one tells what files look like.
Result<Flow> FilePlanner::sample(StepIo& io) {
  if (samples_.empty()) {
    shared_->plan.settle(shared_->context.needed(0));
    if (shared_->plan.known()) shared_->context.tellFields(0, shared_->plan.allNames());
    phase_ = Phase::emit;
    return Flow::more;
  }
  const auto index = samples_.back();
  const auto& file = found_[index];
  const auto skip = [&] {
    stream_.reset();
    wantedBytes_ = sampleBytes_;
    samples_.pop_back();
  };
  if (!stream_) {
    FileStreamOptions options;
    options.encoding = TextEncoding::utf8;
    options.chunkBytes = sampleBytes_;
    stream_ = std::make_unique<FileStream>(shared_->files, shared_->codecs, shared_->context.account(), file.path, 0,
                                           options);
  }
  while (!stream_->atEnd() && static_cast<std::int64_t>(stream_->window().size()) < wantedBytes_) {
    const auto more = stream_->more(io.waker());
    if (!more && more.error().recoverable) return std::unexpected(more.error());
    if (!more) {
      skip();
      if (shared_->plan.learned() == 0 && samples_.empty() && index + 1 < found_.size()) samples_.push_back(index + 1);
      return Flow::more;
    }
    if (*more == Poll::pending) return Flow::pending;
  }
  const auto text = stream_->window();
  const bool whole = stream_->atEnd();
  const auto shape = shapeOf(shared_->options.format, file.path, text, whole);
  const auto rows = rowTexts(shape, text, whole);
  if (rows.empty() && !whole && wantedBytes_ < shared_->options.maxRecordBytes) {
    // The first value is longer than the sample.
    wantedBytes_ = std::min(wantedBytes_ * 4, shared_->options.maxRecordBytes);
    return Flow::more;
  }
  for (const auto row : rows) shared_->plan.learn(row, shape == Shape::value);
  skip();
  return Flow::more;
}

bool FilePlanner::big(const FoundFile& file) const {
  return file.sizeBytes > kWholeFileBytes && compressionOf(file.path).empty();
}

FileItem FilePlanner::itemOf(std::size_t index) const {
  const auto& file = found_[index];
  FileItem item;
  item.index = static_cast<std::int64_t>(index);
  item.path = file.path;
  item.sizeBytes = file.sizeBytes;
  item.modifiedMicros = file.modifiedMicros;
  item.named = file.named;
  return item;
}

Result<Flow> FilePlanner::emit(StepIo& io) {
  if (next_ == found_.size()) return Flow::done;
  if (io.room(0).rows <= 0 || io.room(0).bytes <= 0) return Flow::again;
  if (!big(found_[next_])) return emitGroup(io);
  if (!inRanges_) return lookAtHead(io);
  return *inRanges_ ? emitRanges(io) : emitGroup(io);
}

Result<Flow> FilePlanner::lookAtHead(StepIo& io) {
  const auto& file = found_[next_];
  if (!stream_) {
    FileStreamOptions options;
    options.encoding = TextEncoding::bytes;
    options.chunkBytes = kHeadBytes;
    stream_ = std::make_unique<FileStream>(shared_->files, shared_->codecs, shared_->context.account(), file.path, 0,
                                           options);
  }
  const auto more = stream_->more(io.waker());
  if (more && *more == Poll::pending) return Flow::pending;
  inRanges_ = false;
  if (more) {
    auto text = stream_->window();
    const bool wide = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    inRanges_ = !wide && shapeOf(shared_->options.format, file.path, text, stream_->atEnd()) == Shape::lines;
  }
  stream_.reset();
  offset_ = 0;
  return Flow::more;
}

Result<Flow> FilePlanner::emitGroup(StepIo& io) {
  std::vector<FileItem> items{itemOf(next_)};
  auto bytes = std::max<std::int64_t>(found_[next_].sizeBytes, 4096);
  ++next_;
  for (; next_ < found_.size() && bytes < kTicketBytes && !big(found_[next_]); ++next_) {
    items.push_back(itemOf(next_));
    bytes += std::max<std::int64_t>(found_[next_].sizeBytes, 4096);
  }
  inRanges_.reset();
  WEIR_ASSIGN(auto batch, packFileItems(items, shared_->context.account()));
  io.emit(0, std::move(batch));
  return Flow::more;
}

Result<Flow> FilePlanner::emitRanges(StepIo& io) {
  const auto size = found_[next_].sizeBytes;
  std::vector<FileItem> items;
  for (; items.size() < kRangesAtOnce && offset_ < size; offset_ += kRangeBytes) {
    auto item = itemOf(next_);
    item.offset = offset_;
    item.tag = kRangeBytes;
    items.push_back(std::move(item));
  }
  if (offset_ >= size) {
    ++next_;
    inRanges_.reset();
  }
  WEIR_ASSIGN(auto batch, packFileItems(items, shared_->context.account()));
  io.emit(0, std::move(batch));
  return Flow::more;
}

}  // namespace weir::nodes::json_read
