// Finding, sampling, cutting.
#include "nodes/files/csv-read/file-planner.h"

#include <algorithm>
#include <utility>

namespace weir::nodes::csv_read {
namespace {

constexpr std::int64_t kSampleBytes = 64 << 10;
constexpr std::int64_t kLoneSampleBytes = 1 << 20;
constexpr std::int64_t kManySampleBytes = 16 << 10;
constexpr std::int64_t kCompressedPieceBytes = 1 << 20;
constexpr std::int64_t kTicketBytes = 1 << 20;

}  // namespace

std::int64_t Shared::addLayout(Layout layout) {
  const Locked locked(lock_);
  layouts_.push_back(std::move(layout));
  return static_cast<std::int64_t>(layouts_.size());
}

const Layout& Shared::layoutAt(std::int64_t tag) {
  if (tag == 0) return plan->layout();
  const Locked locked(lock_);
  return layouts_[static_cast<std::size_t>(tag - 1)];
}

std::unique_ptr<RowParser> Shared::borrowParser() {
  {
    const Locked locked(lock_);
    if (!spare_.empty()) {
      auto parser = std::move(spare_.back());
      spare_.pop_back();
      return parser;
    }
  }
  return std::make_unique<RowParser>(*plan, context, options.maxRecordBytes);
}

void Shared::giveParser(std::unique_ptr<RowParser> parser) {
  const Locked locked(lock_);
  spare_.push_back(std::move(parser));
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
  if (next_ == found_.size()) return Flow::done;
  if (io.room(0).rows <= 0 || io.room(0).bytes <= 0) return Flow::again;
  return cursor_ || inPieces(found_[next_]) ? emitPiece(io) : emitGroup(io);
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
  failed_.resize(found_.size());
  chooseSamples();
  phase_ = Phase::sample;
  return Flow::more;
}

/// First, middle and last of the files that hold something; all of them where drift is to be settled by looking.
void FilePlanner::chooseSamples() {
  std::vector<std::size_t> filled;
  for (std::size_t i = 0; i < found_.size(); ++i) {
    if (found_[i].sizeBytes > 0) filled.push_back(i);
  }
  // Files that the system makes as they are read have no size beforehand.
  sizesKnown_ = !filled.empty();
  for (std::size_t i = 0; i < found_.size() && !sizesKnown_; ++i) filled.push_back(i);
  const auto lone = std::min(kLoneSampleBytes, shared_->context.account().limitBytes() / 16);
  sampleBytes_ = filled.size() == 1 ? std::max(kSampleBytes, lone) : kSampleBytes;
  if (shared_->options.onDrift != csv::Drift::error) {
    if (filled.size() > 16) sampleBytes_ = kManySampleBytes;
    samples_.assign(filled.rbegin(), filled.rend());
  } else if (!filled.empty()) {
    samples_ = {filled.back(), filled[filled.size() / 2], filled.front()};
    samples_.erase(std::ranges::unique(samples_).begin(), samples_.end());
  }
  wantedBytes_ = sampleBytes_;
}

void FilePlanner::nextSample() {
  sampling_.reset();
  wantedBytes_ = sampleBytes_;
  samples_.pop_back();
}

Result<Flow> FilePlanner::sample(StepIo& io) {
  if (samples_.empty()) {
    phase_ = Phase::emit;
    if (shared_->plan) {
      shared_->context.tellFields(0, shared_->plan->names());
      shared_->plan->settle(shared_->context.needed(0), shared_->options.strict);
      return Flow::more;
    }
    // Nothing could be read: each file says why, and files without a record say nothing.
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (failed_[i]) failFile(io, found_[i].path, std::move(*failed_[i]));
    }
    return Flow::done;
  }
  const auto& file = found_[samples_.back()];
  if (!sampling_) {
    FileStreamOptions options;
    options.encoding = shared_->options.encoding;
    options.chunkBytes = sampleBytes_;
    sampling_ = std::make_unique<FileStream>(shared_->files, shared_->codecs, shared_->context.account(), file.path, 0,
                                             options);
  }
  while (!sampling_->atEnd() && static_cast<std::int64_t>(sampling_->window().size()) < wantedBytes_) {
    auto more = sampling_->more(io.waker());
    if (!more) {
      WEIR_TRY(sampleFailed(std::move(more.error()), io));
      return Flow::more;
    }
    if (*more == Poll::pending) return Flow::pending;
  }
  WEIR_TRY(takeSample(io));
  return Flow::more;
}

Result<void> FilePlanner::takeSample(StepIo& io) {
  const auto& options = shared_->options;
  const auto text = sampling_->window();
  const bool whole = sampling_->atEnd();
  if (!shared_->plan) {
    auto plan = ReadPlan::make(options, text, whole);
    if (!plan && !whole && wantedBytes_ < options.maxRecordBytes) {
      // The header may be longer than the sample.
      wantedBytes_ = std::min(wantedBytes_ * 4, options.maxRecordBytes);
      return {};
    }
    if (!plan && !whole && plan.error().code == "csv.empty") {
      plan = fail("csv.record_too_long", "the first record is longer than maxRecordBytes (" +
                                             std::to_string(options.maxRecordBytes) + "); is this a CSV file?");
    }
    if (!plan) return sampleFailed(std::move(plan.error()), io);
    if (auto known = plan->checkSchema(options); !known) {
      known.error().message = "'" + found_[samples_.back()].path + "': " + known.error().message;
      return known;
    }
    shared_->plan = std::move(*plan);
  }
  shared_->plan->learn(text, whole, options.onDrift);
  nextSample();
  return {};
}

/// A file that the person named must be readable; of the others the next one tells what files look like.
Result<void> FilePlanner::sampleFailed(Error error, StepIo&) {
  const auto index = samples_.back();
  const auto& file = found_[index];
  const bool empty = error.code == "csv.empty";
  if (file.named && !empty) {
    if (!error.message.contains("'" + file.path + "'")) error.message = "'" + file.path + "': " + error.message;
    return std::unexpected(std::move(error));
  }
  if (!empty) failed_[index] = std::move(error);
  nextSample();
  if (shared_->plan || index + 1 >= found_.size()) return {};
  const auto next =
      std::ranges::find_if(found_.begin() + static_cast<std::ptrdiff_t>(index) + 1, found_.end(),
                           [this](const FoundFile& other) { return other.sizeBytes > 0 || !sizesKnown_; });
  if (next == found_.end()) return {};
  const auto at = static_cast<std::size_t>(next - found_.begin());
  if (samples_.empty() || samples_.back() != at) samples_.push_back(at);
  return {};
}

bool FilePlanner::inPieces(const FoundFile& file) const {
  if (!compressionOf(file.path).empty()) return file.sizeBytes > kCompressedPieceBytes;
  return file.sizeBytes > std::min(within(kWholeFileBytes, shared_->context), shared_->options.maxRecordBytes);
}

Result<Flow> FilePlanner::emitGroup(StepIo& io) {
  std::vector<FileItem> items;
  auto at = next_;
  for (std::int64_t bytes = 0; at < found_.size() && bytes < kTicketBytes && !inPieces(found_[at]); ++at) {
    items.push_back(fileItem(found_[at], at));
    bytes += std::max<std::int64_t>(found_[at].sizeBytes, 4096);
  }
  WEIR_ASSIGN(auto batch, packFileItems(items, shared_->context.account()));
  io.emit(0, std::move(batch));
  next_ = at;
  return Flow::more;
}

Result<Flow> FilePlanner::emitPiece(StepIo& io) {
  const auto& file = found_[next_];
  if (!cursor_) {
    cursor_ =
        std::make_unique<ChunkCursor>(*shared_->plan, shared_->cursorOptions(within(kPieceBytes, shared_->context)),
                                      shared_->files, shared_->codecs, shared_->context.account(), file);
    cursorTag_ = -1;
  }
  auto polled = cursor_->next(io.waker());
  if (!polled) return pieceFailed(std::move(polled.error()), io);
  if (*polled == Poll::pending) return Flow::pending;
  io.addProgress(cursor_->takeReadBytes(), 0);
  if (cursor_->position() < skipBefore_) return skipPiece();
  if (auto skipped = cursor_->takeSkipped()) {
    failRecord(io, file.path, skipped->line, skipped->text, {}, std::move(skipped->error));
    return Flow::more;
  }
  if (cursor_->atEnd()) {
    cursor_.reset();
    skipBefore_ = 0;
    ++next_;
    return Flow::more;
  }
  if (cursorTag_ < 0) cursorTag_ = cursor_->layout() ? shared_->addLayout(*cursor_->layout()) : 0;
  FileItem item;
  item.index = static_cast<std::int64_t>(next_);
  item.path = file.path;
  item.line = cursor_->line();
  item.offset = cursor_->offset();
  item.tag = cursorTag_;
  item.isPiece = true;
  WEIR_ASSIGN(item.piece, cursor_->takeChunk());
  WEIR_ASSIGN(auto batch, packFileItems({&item, 1}, shared_->context.account()));
  io.emit(0, std::move(batch));
  return Flow::more;
}

/// The file is cut again as it was cut before, so that the next piece begins where the last one ended.
Result<Flow> FilePlanner::skipPiece() {
  const bool record = cursor_->takeSkipped().has_value();
  if (!record && !cursor_->atEnd()) cursor_->dropChunk();
  if (cursor_->position() <= skipBefore_ && !cursor_->atEnd()) return Flow::more;
  return fail(
      "state.mismatch",
      "'" + found_[next_].path + "' is not what it was when the run was saved; start the run again without --resume");
}

Result<Poll> FilePlanner::snapshot(CheckpointId, StateWriter& state) {
  WEIR_TRY(state.write(phase_ == Phase::find ? 0 : 1));
  if (phase_ == Phase::find) return Poll::ready;
  WEIR_TRY(saveFound(found_, state));
  WEIR_TRY(state.write(static_cast<std::int64_t>(next_)));
  return state.write(cursor_ ? std::max(skipBefore_, cursor_->position()) : skipBefore_);
}

/// What the files look like is learned again: it is the same as long as they are.
Result<Poll> FilePlanner::restore(StateReader& state) {
  std::int64_t began = 0;
  WEIR_TRY(state.read(began));
  if (began == 0) return Poll::ready;
  WEIR_ASSIGN(found_, restoreFound(state));
  std::int64_t next = 0;
  WEIR_TRY(state.read(next));
  WEIR_TRY(state.read(skipBefore_));
  next_ = std::min(static_cast<std::size_t>(next), found_.size());
  failed_.resize(found_.size());
  chooseSamples();
  phase_ = Phase::sample;
  return Poll::ready;
}

Result<Flow> FilePlanner::pieceFailed(Error error, StepIo& io) {
  const auto& file = found_[next_];
  if (error.recoverable) return std::unexpected(std::move(error));
  if (!error.message.starts_with("'" + file.path)) error.message = "'" + file.path + "': " + error.message;
  if (file.named) return std::unexpected(std::move(error));
  failFile(io, file.path, std::move(error));
  cursor_.reset();
  skipBefore_ = 0;
  ++next_;
  return Flow::more;
}

}  // namespace weir::nodes::csv_read
