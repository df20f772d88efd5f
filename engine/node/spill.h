// SpillFile: batches set aside in a temporary file by a node that is past its memory bound.
#pragma once

#include <cstdint>

#include "engine/data/batch.h"
#include "engine/host/files.h"

namespace weir {

/// How much one of `parts` equal parts of a node that can spill should hold: its share of `wantedBytes`, less where the
/// run may use little, so that the others have room too.
[[nodiscard]] std::int64_t spillBound(std::int64_t wantedBytes, const MemoryAccount& account, std::int64_t parts = 1);

/// One temporary file (host/files.h: its reads and writes finish before they return), removed with this object. Batches
/// are written as Arrow IPC streams, so the bytes are those of the columns.
class SpillFile {
 public:
  /// Where a batch stands.
  struct Piece {
    std::int64_t offset = 0, bytes = 0, rows = 0;
    Envelope envelope;
  };

  /// Errors: those of Files::temporary.
  [[nodiscard]] static Result<SpillFile> make(Files& files);
  ~SpillFile();
  SpillFile(SpillFile&& other) noexcept;
  SpillFile& operator=(SpillFile&&) = delete;

  /// Errors `disk.limit`, `files.disk_full`, `memory.limit`.
  [[nodiscard]] Result<Piece> write(const Batch& batch, MemoryAccount& account);
  [[nodiscard]] Result<Batch> read(const Piece& piece, MemoryAccount& account) const;
  [[nodiscard]] std::int64_t bytesWritten() const { return end_; }

 private:
  SpillFile(Files& files, FileId file) : files_(&files), file_(file) {}
  Files* files_;
  FileId file_;
  std::int64_t end_ = 0;
};

}  // namespace weir
