// Cuts a stream of bytes into chunks that end where records end, so that chunks can be parsed on any worker.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/csv/scan-state.h"
#include "engine/csv/structure.h"

namespace weir::csv {

/// Reads a file's bytes in order, at memory speed, and knows which line ends lie inside quotes. The answer does not
/// depend on how the bytes arrive.
///
/// Usage: keep a buffer that begins at a record; append bytes; `extend(buffer)`; if `cut()` is greater than 0, the
/// first `cut()` bytes are whole records: hand them out, move the rest to the front of a new buffer, call `taken()`. If
/// nothing can be cut, grow the buffer (twofold, so that the work stays linear). When the buffer holds more than the
/// longest record allowed and still nothing can be cut, `giveUp()` says where the next record begins. At the end of the
/// file everything left is the last chunk.
class RecordSplitter {
 public:
  explicit RecordSplitter(const Dialect& dialect, Isa isa = Isa::best) : dialect_(dialect), isa_(isa) {}

  /// `buffer` holds what it held at the last call, and more. Needs no padding.
  void extend(std::string_view buffer);
  /// Behind the last record end found so far.
  [[nodiscard]] std::int64_t cut() const noexcept { return state_.lastEnd; }
  /// The first `cut()` bytes have left the buffer.
  void taken(std::string_view buffer);
  /// 1-based line at which the buffer begins.
  [[nodiscard]] std::int64_t firstLine() const noexcept { return firstLine_; }

  /// Gives up on the record at the front of the buffer: how many bytes to drop so that the buffer begins at the next
  /// line. All of the buffer if it holds no line end: then the bytes that follow must be dropped up to a line end too
  /// (`skipping`), which the next call of giveUp does.
  struct Dropped {
    std::int64_t bytes = 0;
    bool insideQuotes = false;  // the record was so long because a quote never closed
    bool skipping = false;
  };
  [[nodiscard]] Dropped giveUp(std::string_view buffer);

 private:
  std::uint32_t extendSlowly(std::string_view buffer);

  Dialect dialect_;
  Isa isa_;
  SplitState state_;
  std::int64_t firstLine_ = 1;
  bool skipping_ = false;
};

}  // namespace weir::csv
