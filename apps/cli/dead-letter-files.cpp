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
  auto path = folder_ + "/" + runId_ + ".arrows";
  WEIR_ASSIGN(file_, now(files_.open(path, FileMode::create, Waker())));
  path_ = std::move(path);
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
    waitingBytes_ += packet.row.memoryBytes() + static_cast<std::int64_t>(packet.message.size()) + 128;
    waiting_.push_back(packet);
    waiting_.back().row = packet.row.owned();
  }
  return waitingBytes_ >= kFlushBytes ? flush() : Result<void>{};
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
  WEIR_TRY(flush());
  if (file_ < 0) return {};
  WEIR_TRY(writer_->finish());
  WEIR_TRY(now(files_.sync(file_, Waker())));
  files_.close(std::exchange(file_, -1));
  return {};
}

}  // namespace weir::cli
