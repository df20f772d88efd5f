// Writes dead letters where `weir run` keeps them.
#include "apps/cli/dead-letter-files.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/cli/progress.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kFlushBytes = 1 << 20;
constexpr std::chrono::milliseconds kWait{300};
constexpr std::size_t kShown = 5;

/// Calls of the native host finish before they return.
template <class T>
Result<T> now(Operation<T> operation) {
  WEIR_CHECK(operation.ready());
  return operation.take();
}

}  // namespace

DeadLetterFiles::DeadLetterFiles(Files& files, Clock& clock, std::string folder, std::string runId, LetterBounds bounds,
                                 std::function<void(const std::string&)> tell, native::FileKeys keys)
    : files_(files),
      clock_(clock),
      folder_(std::move(folder)),
      runId_(std::move(runId)),
      bounds_(bounds),
      tell_(std::move(tell)),
      keys_(std::move(keys)) {}

std::string DeadLetterFiles::segmentPath(int segment) const {
  return folder_ + "/" + runId_ + (segment > 1 ? "." + std::to_string(segment) : std::string()) + ".arrows";
}

/// A run that goes on after the end of its process leaves alone what that has written.
Result<void> DeadLetterFiles::beginBehindOthers() {
  WEIR_ASSIGN(const auto listed, now(files_.list(folder_, Waker())));
  const auto isThere = [&listed](const std::string& path) {
    return std::ranges::any_of(
        listed, [&path](const FileInfo& info) { return info.path == path || info.path == path + ".weir-part"; });
  };
  while (isThere(segmentPath(segment_ + 1))) ++segment_;
  firstSegment_ = segment_ + 1;
  return {};
}

Result<void> DeadLetterFiles::open() {
  if (file_ >= 0) return {};
  WEIR_TRY(now(files_.makeFolders(folder_, Waker())));
  if (keepsEarlier_ && segment_ == 0) WEIR_TRY(beginBehindOthers());
  auto part = segmentPath(segment_ + 1) + ".weir-part";
  WEIR_ASSIGN(file_, now(files_.open(part, FileMode::create, Waker())));
  ++segment_;
  end_ = wholeBatches_ = 0;
  part_ = std::move(part);
  written_.clear();
  sealer_.reset();
  if (!keys_.empty()) sealer_.emplace(keys_);
  writer_.emplace(
      [this](std::string_view bytes) -> Result<void> {
        written_ += bytes;
        return {};
      },
      deadLetterSchema());
  pruneLocked();
  return {};
}

Result<void> DeadLetterFiles::writeOut() {
  if (written_.empty()) return {};
  if (sealer_) {
    std::string sealed;
    sealer_->add(written_, sealed);
    written_ = std::move(sealed);
  }
  WEIR_ASSIGN(auto buffer, Buffer::copyOf(written_, MemoryAccount::unlimited()));
  WEIR_ASSIGN(const auto count, now(files_.write(file_, end_, std::move(buffer), Waker())));
  end_ += count;
  written_.clear();
  return {};
}

Result<void> DeadLetterFiles::add(std::span<const ErrorPacket> packets) {
  const std::lock_guard locked(mutex_);
  const auto at = clock_.nowMicros();
  for (const auto& packet : packets) {
    if (first_.size() < kShown) first_.push_back(packet);
    if (failure_) continue;
    if (waiting_.empty()) waitingSince_ = std::chrono::steady_clock::now();
    waitingBytes_ += packet.row.memoryBytes() + static_cast<std::int64_t>(packet.message.size()) + 128;
    waiting_.push_back(DeadLetter{packet, at, false});
    waiting_.back().packet.row = packet.row.owned();
  }
  if (failure_) return std::unexpected(*failure_);
  return waitingBytes_ >= kFlushBytes ? settled(flush()) : Result<void>{};
}

Result<void> DeadLetterFiles::flush() {
  if (waiting_.empty()) return {};
  WEIR_TRY(open());
  WEIR_ASSIGN(const auto batch, deadLetterBatch(waiting_, MemoryAccount::unlimited()));
  WEIR_TRY(writer_->write(batch));
  WEIR_TRY(writeOut());
  ++wholeBatches_;
  waiting_.clear();
  waitingBytes_ = 0;
  return end_ >= bounds_.segmentBytes ? publish() : Result<void>{};
}

void DeadLetterFiles::flushWaiting() {
  const std::lock_guard syncing(syncing_);
  FileId written = -1;
  {
    const std::lock_guard locked(mutex_);
    if (failure_ || waiting_.empty() || std::chrono::steady_clock::now() - waitingSince_ < kWait) return;
    if (settled(flush())) written = file_;
  }
  if (written < 0) return;
  if (auto synced = now(files_.sync(written, Waker())); !synced) {
    const std::lock_guard locked(mutex_);
    static_cast<void>(settled(std::unexpected(std::move(synced.error()))));
  }
}

Result<void> DeadLetterFiles::close() {
  const std::lock_guard syncing(syncing_);
  const std::lock_guard locked(mutex_);
  if (failure_) return std::unexpected(*failure_);
  auto written = flush();
  return settled(written ? publish() : std::move(written));
}

Result<void> DeadLetterFiles::publish() {
  if (file_ < 0) return {};
  WEIR_TRY(writer_->finish());
  WEIR_TRY(writeOut());
  WEIR_TRY(now(files_.sync(file_, Waker())));
  files_.close(std::exchange(file_, -1));
  auto path = segmentPath(segment_);
  WEIR_TRY(now(files_.publish(part_, path, Waker())));
  part_.clear();
  if (path_.empty()) path_ = std::move(path);
  return {};
}

Result<void> DeadLetterFiles::settled(Result<void> done) {
  if (done) return {};
  // Batches that are whole stay: they can still be read.
  if (file_ >= 0) files_.close(std::exchange(file_, -1));
  if (!part_.empty() && wholeBatches_ == 0) static_cast<void>(now(files_.remove(part_, Waker())));
  waiting_.clear();
  failure_ = std::move(done.error());
  failure_->message = "the dead letters cannot be kept: " + failure_->message;
  return std::unexpected(*failure_);
}

void DeadLetterFiles::prune() {
  const std::lock_guard locked(mutex_);
  pruneLocked();
}

void DeadLetterFiles::pruneLocked() {
  auto listed = now(files_.list(folder_, Waker()));
  if (!listed) return;
  std::erase_if(*listed, [](const FileInfo& info) { return info.folder || !info.path.ends_with(".arrows"); });
  std::ranges::stable_sort(*listed, {}, &FileInfo::modifiedMicros);
  std::int64_t total = 0;
  for (const auto& info : *listed) total += info.sizeBytes;
  // The run's clock may be frozen; files have the machine's time.
  const auto today = std::chrono::system_clock::now().time_since_epoch();
  const auto oldest = std::chrono::duration_cast<std::chrono::microseconds>(today).count() - bounds_.ageMicros;
  std::int64_t bytes = 0, count = 0;
  for (const auto& info : *listed) {
    if (info.modifiedMicros >= oldest && total <= bounds_.bytes) break;
    if (!now(files_.remove(info.path, Waker()))) continue;
    total -= info.sizeBytes;
    bytes += info.sizeBytes;
    ++count;
    if (info.path == path_) path_.clear();
  }
  if (count == 0 || !tell_) return;
  tell_("old dead letters were removed: " + std::to_string(count) + (count == 1 ? " file, " : " files, ") +
        bytesText(bytes) + "; at most " + bytesText(bounds_.bytes) + " are kept, for " +
        std::to_string(bounds_.ageMicros / (std::int64_t{24} * 3600 * 1'000'000)) + " days");
}

void DeadLetterFiles::takeBack() {
  const std::lock_guard locked(mutex_);
  for (int segment = firstSegment_; segment <= segment_; ++segment)
    static_cast<void>(now(files_.remove(segmentPath(segment), Waker())));
  path_.clear();
}

}  // namespace weir::cli
