// RangeReader: the lines of a file that begin within one range of its bytes, read while they are this worker's alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/node/file-source.h"
#include "nodes/files/json-read/file-planner.h"

namespace weir::nodes::json_read {

class RangeReader {
 public:
  RangeReader(Shared& shared, const FileItem& item);
  ~RangeReader();
  RangeReader(const RangeReader&) = delete;
  RangeReader& operator=(const RangeReader&) = delete;

  /// Reads; then text() holds whole lines, with padding behind them.
  [[nodiscard]] Result<Poll> read(const Waker& waker);
  [[nodiscard]] std::string_view text() const noexcept;
  /// The range's last line is longer than allowed: not in text(). Its beginning.
  [[nodiscard]] std::string_view tooLong() const noexcept;
  /// At which line of the file text() begins: counts what nobody has counted.
  [[nodiscard]] Result<Poll> countLines(const Waker& waker);
  [[nodiscard]] std::int64_t firstLine() const noexcept { return firstLine_; }
  [[nodiscard]] std::int64_t fileBytes() const noexcept { return item_.tag; }

 private:
  [[nodiscard]] Result<Poll> open(const Waker& waker);
  [[nodiscard]] bool settle(bool ended);

  Shared& shared_;
  const FileItem& item_;
  std::int64_t start_ = 0;  // of the bytes read
  Operation<FileId> opening_;
  Operation<std::int64_t> reading_;
  FileId file_ = -1;
  Buffer buffer_, counting_;
  std::int64_t size_ = 0, capacity_ = 0;
  std::int64_t begin_ = 0, end_ = 0, longEnd_ = 0;
  std::int64_t firstLine_ = 1;
};

}  // namespace weir::nodes::json_read
