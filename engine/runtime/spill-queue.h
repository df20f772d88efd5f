// SpillQueue: batches that wait in a temporary file, first in first out.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "engine/data/batch.h"
#include "engine/data/check.h"
#include "engine/host/files.h"

namespace weir::runtime {

/// Each batch is one Arrow IPC stream in a temporary file, whose operations finish at once (host/files.h).
class SpillQueue {
 public:
  [[nodiscard]] static Result<SpillQueue> make(Files& files);
  ~SpillQueue();
  SpillQueue(SpillQueue&& other) noexcept;
  SpillQueue& operator=(SpillQueue&&) = delete;

  [[nodiscard]] bool empty() const { return records_.empty(); }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// Of the batch that comes next; only if there is one.
  [[nodiscard]] std::int64_t firstRow() const { return records_.front().firstRow; }
  [[nodiscard]] std::int64_t bytesWritten() const { return end_; }
  /// Errors `disk.limit`, `files.disk_full`.
  Result<void> push(const Batch& batch, std::int64_t representedRows, std::int64_t firstRow, std::int64_t sinceNanos,
                    MemoryAccount& account);
  struct Popped {
    Batch batch;
    std::int64_t rows, firstRow, sinceNanos;
  };
  [[nodiscard]] Result<Popped> pop(MemoryAccount& account);

 private:
  SpillQueue(Files& files, FileId file) : files_(&files), file_(file) {}
  struct Record {
    std::int64_t offset, bytes, rows, firstRow, sinceNanos;
  };
  Files* files_;
  FileId file_;
  std::deque<Record> records_;
  std::int64_t end_ = 0, rows_ = 0;
};

}  // namespace weir::runtime
