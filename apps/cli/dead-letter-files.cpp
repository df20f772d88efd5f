// Writes dead letters where `weir run` keeps them.
#include "apps/cli/dead-letter-files.h"

#include <utility>

namespace weir::cli {
namespace {

constexpr std::int64_t kFlushBytes = 1 << 20;
constexpr std::size_t kShown = 5;

/// Calls of the native host finish before they return.
template <class T>
Result<T> now(Operation<T> operation) {
  WEIR_CHECK(operation.ready());
  return operation.take();
}

}  // namespace

DeadLetterFiles::DeadLetterFiles(Files& files, std::string folder, std::string runId)
    : files_(files), folder_(std::move(folder)), runId_(std::move(runId)) {}

Result<void> DeadLetterFiles::open() {
  if (file_ >= 0) return {};
  WEIR_TRY(now(files_.makeFolders(folder_, Waker())));
  auto part = folder_ + "/" + runId_ + ".arrows.weir-part";
  WEIR_ASSIGN(file_, now(files_.open(part, FileMode::create, Waker())));
  part_ = std::move(part);
  writer_.emplace([this](std::string_view bytes) { return write(bytes); }, errorSchema());
  return {};
}

Result<void> DeadLetterFiles::write(std::string_view bytes) {
  if (bytes.empty()) return {};
  WEIR_ASSIGN(auto buffer, Buffer::copyOf(bytes, MemoryAccount::unlimited()));
  WEIR_ASSIGN(const auto written, now(files_.write(file_, end_, std::move(buffer), Waker())));
  end_ += written;
  return {};
}

Result<void> DeadLetterFiles::add(std::span<const ErrorPacket> packets) {
  for (const auto& packet : packets) {
    if (first_.size() < kShown) first_.push_back(packet);
    if (failure_) continue;
    waitingBytes_ += packet.row.memoryBytes() + static_cast<std::int64_t>(packet.message.size()) + 128;
    waiting_.push_back(packet);
    waiting_.back().row = packet.row.owned();
  }
  if (failure_) return std::unexpected(*failure_);
  return waitingBytes_ >= kFlushBytes ? settled(flush()) : Result<void>{};
}

Result<void> DeadLetterFiles::flush() {
  if (waiting_.empty()) return {};
  WEIR_TRY(open());
  WEIR_ASSIGN(const auto batch, errorBatch(waiting_, MemoryAccount::unlimited()));
  WEIR_TRY(writer_->write(batch));
  waiting_.clear();
  waitingBytes_ = 0;
  return {};
}

Result<void> DeadLetterFiles::close() {
  if (failure_) return std::unexpected(*failure_);
  return settled(publish());
}

Result<void> DeadLetterFiles::publish() {
  WEIR_TRY(flush());
  if (file_ < 0) return {};
  WEIR_TRY(writer_->finish());
  WEIR_TRY(now(files_.sync(file_, Waker())));
  files_.close(std::exchange(file_, -1));
  auto path = folder_ + "/" + runId_ + ".arrows";
  WEIR_TRY(now(files_.publish(part_, path, Waker())));
  part_.clear();
  path_ = std::move(path);
  return {};
}

Result<void> DeadLetterFiles::settled(Result<void> done) {
  if (done) return {};
  if (file_ >= 0) files_.close(std::exchange(file_, -1));
  if (!part_.empty()) (void)now(files_.remove(part_, Waker()));
  waiting_.clear();
  failure_ = std::move(done.error());
  failure_->message = "the dead letters cannot be kept: " + failure_->message;
  return std::unexpected(*failure_);
}

}  // namespace weir::cli
