// BlobCopy: one blob on its way into a file.
#pragma once

#include <cstdint>
#include <string>

#include "engine/data/blob.h"
#include "engine/node/file-sink.h"

namespace weir::nodes::blob_write {

class BlobCopy {
 public:
  BlobCopy(Files& files, MemoryAccount& account, BlobRef blob, FileSinkOptions target);
  ~BlobCopy();
  BlobCopy(const BlobCopy&) = delete;
  BlobCopy& operator=(const BlobCopy&) = delete;

  /// One piece further. done: the file is there; more: call again; pending: after a wake. An error leaves nothing.
  [[nodiscard]] Result<Flow> step(const Waker& waker);

  static constexpr std::int64_t kPieceBytes = 1 << 20;

 private:
  enum class State : std::uint8_t { openSource, openTarget, read, write, finish };
  [[nodiscard]] Result<Flow> openSource(const Waker& waker);
  [[nodiscard]] Result<Flow> readPiece(const Waker& waker);
  [[nodiscard]] Result<Flow> endEarly(const Waker& waker);

  Files& files_;
  MemoryAccount& account_;
  BlobRef blob_;
  FileSink sink_;
  State state_ = State::openSource;
  Operation<FileId> opening_;
  Operation<std::int64_t> reading_;
  Operation<FileInfo> sizing_;  // when the file ended too early
  FileId file_ = -1;
  std::int64_t copied_ = 0;
  Buffer buffer_, piece_;
};

}  // namespace weir::nodes::blob_write
