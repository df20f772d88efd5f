// Copying in bounded pieces.
#include "nodes/files/blob-write/blob-copy.h"

#include <algorithm>
#include <utility>

namespace weir::nodes::blob_write {

BlobCopy::BlobCopy(Files& files, MemoryAccount& account, BlobRef blob, FileSinkOptions target)
    : files_(files), account_(account), blob_(std::move(blob)), sink_(files, account, std::move(target)) {}

BlobCopy::~BlobCopy() {
  if (file_ >= 0) files_.close(file_);
}

Result<Flow> BlobCopy::step(const Waker& waker) {
  switch (state_) {
    case State::openSource:
      return openSource(waker);
    case State::openTarget: {
      WEIR_ASSIGN(const auto opened, sink_.open(waker));
      if (opened == Poll::pending) return Flow::pending;
      if (blob_.kind == BlobKind::embedded) sink_.pendingText() = blob_.bytes;
      state_ = blob_.kind == BlobKind::embedded ? State::finish : State::read;
      return Flow::more;
    }
    case State::read:
      return readPiece(waker);
    case State::write: {
      WEIR_ASSIGN(const auto written, sink_.write(piece_, waker));
      if (written == Poll::pending) return Flow::pending;
      piece_ = Buffer();
      state_ = State::read;
      return Flow::more;
    }
    case State::finish: {
      WEIR_ASSIGN(const auto finished, sink_.finish(waker));
      return finished == Poll::pending ? Flow::pending : Flow::done;
    }
  }
  return Flow::done;
}

Result<Flow> BlobCopy::openSource(const Waker& waker) {
  if (blob_.kind == BlobKind::file) {
    if (!opening_.active()) opening_ = files_.open(blob_.uri, FileMode::read, waker);
    if (!opening_.ready()) return Flow::pending;
    WEIR_ASSIGN(file_, opening_.take());
    WEIR_ASSIGN(buffer_, Buffer::allocate(kPieceBytes, account_));
  } else if (blob_.kind != BlobKind::embedded) {
    return fail("blob.unsupported",
                "'" + blob_.uri + "' is no file; only blobs of files and embedded ones can be written here");
  }
  state_ = State::openTarget;
  return Flow::more;
}

Result<Flow> BlobCopy::readPiece(const Waker& waker) {
  // Files that the system makes as they are read have a size of 0: those are read to their end.
  if (sizing_.active()) return endEarly(waker);
  const bool toEnd = blob_.size <= 0;
  const auto left = toEnd ? kPieceBytes : blob_.size - copied_;
  if (left <= 0) {
    state_ = State::finish;
    return Flow::more;
  }
  if (!reading_.active()) {
    reading_ = files_.read(file_, blob_.offset + copied_, buffer_, 0, std::min(left, kPieceBytes), waker);
  }
  if (!reading_.ready()) return Flow::pending;
  WEIR_ASSIGN(const auto got, reading_.take());
  if (got == 0 && !toEnd) return endEarly(waker);
  copied_ += got;
  piece_ = buffer_.slice(0, got);
  state_ = got == 0 ? State::finish : State::write;
  return Flow::more;
}

/// Files of /sys tell more bytes than they have; others have become shorter.
Result<Flow> BlobCopy::endEarly(const Waker& waker) {
  if (!sizing_.active()) sizing_ = files_.stat(file_, waker);
  if (!sizing_.ready()) return Flow::pending;
  WEIR_ASSIGN(const auto now, sizing_.take());
  if (now.sizeBytes >= blob_.offset + blob_.size) {
    state_ = State::finish;
    return Flow::more;
  }
  return fail("blob.truncated", "'" + blob_.uri + "' has become shorter: of " + std::to_string(blob_.size) +
                                    " bytes only " + std::to_string(copied_) + " are left");
}

}  // namespace weir::nodes::blob_write
