// Batches in a temporary file.
#include "engine/node/spill.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/data/arrow-ipc.h"
#include "engine/data/check.h"

namespace weir {

Result<SpillFile> SpillFile::make(Files& files) {
  auto opened = files.temporary(Waker());
  WEIR_CHECK(opened.ready());
  WEIR_ASSIGN(const auto file, opened.take());
  return SpillFile(files, file);
}

std::int64_t spillBound(std::int64_t wantedBytes, const MemoryAccount& account, std::int64_t parts) {
  constexpr std::int64_t kLittle = 64 << 20;
  constexpr std::int64_t kLeast = 32 << 10;
  // What is held is copied when it is written: where there is little, that counts.
  const auto limit = account.limitBytes();
  const auto share = std::max(kLeast * parts, limit / (limit < kLittle ? 32 : 8));
  return std::max<std::int64_t>(1, std::min(wantedBytes, share) / std::max<std::int64_t>(1, parts));
}

SpillFile::SpillFile(SpillFile&& other) noexcept
    : files_(std::exchange(other.files_, nullptr)), file_(other.file_), end_(other.end_) {}

SpillFile::~SpillFile() {
  if (files_ != nullptr) files_->close(file_);
}

Result<SpillFile::Piece> SpillFile::write(const Batch& batch, MemoryAccount& account) {
  WEIR_ASSIGN(const auto dense, batch.dense());
  const std::array<Batch, 1> one{dense};
  WEIR_ASSIGN(const auto text, ipc::writeStream(dense.schema(), one));
  WEIR_ASSIGN(auto bytes, Buffer::copyOf(text, account));
  Piece piece{end_, bytes.size(), dense.rows(), dense.envelope()};
  auto written = files_->write(file_, end_, std::move(bytes), Waker());
  WEIR_CHECK(written.ready());
  WEIR_TRY(written.take());
  end_ += piece.bytes;
  return piece;
}

Result<Batch> SpillFile::read(const Piece& piece, MemoryAccount& account) const {
  WEIR_ASSIGN(auto bytes, Buffer::allocate(piece.bytes, account));
  auto reading = files_->read(file_, piece.offset, bytes, 0, piece.bytes, Waker());
  WEIR_CHECK(reading.ready());
  WEIR_ASSIGN(const auto count, reading.take());
  if (count != piece.bytes) return fail("files.io", "a temporary file is shorter than what was written to it");
  WEIR_ASSIGN(auto batches, ipc::readStream(bytes.text(), account));
  if (batches.size() != 1) return fail("files.io", "a temporary file does not hold what was written to it");
  return batches[0].withEnvelope(piece.envelope);
}

}  // namespace weir
