// Reads NDJSON: one JSON value a line, a bad line never hurting another.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/json/cursor.h"
#include "engine/json/structure.h"

namespace weir::json {

/// Gives the lines of a chunk one after the other. Lines of nothing but space are passed over (and counted). A line may
/// end in LF or CR LF. Memory: the index of a window of about 64 KiB, or of the longest line.
///
///   lines.start(chunk);
///   for (auto row = lines.next(); row != Lines::Row::end; row = lines.next()) {
///     if (row == Lines::Row::wrong || !read(lines.cursor()) || !lines.finishRow()) report(lines.error());
///   }
class Lines {
 public:
  enum class Row : std::uint8_t {
    value,  // cursor() stands before the line's value
    wrong,  // error() tells what is wrong with a string or byte of the line
    end
  };

  /// `chunk` consists of whole lines (the last may lack its end) and has kPaddingBytes readable bytes behind it, the
  /// first of which is NUL unless the chunk ends with LF. `firstLine` is the number of its first line, for messages.
  void start(std::string_view chunk, std::int64_t firstLine = 1);

  /// Goes to the next line, wherever the cursor was left.
  [[nodiscard]] Row next();

  [[nodiscard]] Cursor& cursor() { return cursor_; }
  /// True if nothing follows the value that was read. Only then was the whole line checked.
  [[nodiscard]] bool finishRow() { return cursor_.finish(structure_); }

  /// The line that next() went to, without its end.
  [[nodiscard]] std::string_view line() const;
  /// Its number, counted from `firstLine`. Counts the lines since the last call: cheap if asked for in order.
  [[nodiscard]] std::int64_t lineNumber();
  /// Where in the chunk it begins.
  [[nodiscard]] std::uint32_t lineBegin() const { return lineBegin_; }
  /// What the cursor, or next(), found wrong; the column counts from the line's begin.
  [[nodiscard]] Error error();

 private:
  void openWindow(std::uint32_t from);
  void findWrong();
  [[nodiscard]] std::uint32_t lineEndFrom(std::uint32_t at) const;

  Structure structure_;
  Cursor cursor_;
  std::string_view chunk_;
  const std::uint32_t* row_ = nullptr;   // the first entry of the next line
  const std::uint32_t* rows_ = nullptr;  // behind the last entry of the good lines
  std::uint32_t windowBegin_ = 0;
  std::uint32_t windowEnd_ = 0;
  std::uint32_t wrongLine_ = 0;  // where the line of the structure's problem begins
  std::uint32_t lineBegin_ = 0;
  std::uint32_t countedTo_ = 0;
  std::int64_t counted_ = 1;
  bool taken_ = false;  // the cursor was given the line at row_
  bool wrong_ = false;  // behind the good lines stands a wrong one
};

}  // namespace weir::json
