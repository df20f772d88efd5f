// The grammar of one record, byte by byte: the definition that the vector scan must agree with, and what it falls back
// to.
#pragma once

#include <cstdint>

#include "engine/csv/dialect.h"

namespace weir::csv {

enum class RecordKind : std::uint8_t {
  row,                // fields were emitted
  comment,            // a comment line, nothing emitted
  textAfterQuote,     // something between a closing quote and the delimiter; resume at the next line end
  unterminatedQuote,  // the text ended inside quotes; resume at the line after the record's first line
};

struct RecordScan {
  RecordKind kind;
  /// Where the next record begins (at most `size`).
  std::uint32_t next;
  /// Where the trouble is, for the two malformed kinds.
  std::uint32_t badAt;
  /// The text ended before the record's line end: more bytes could change the answer.
  bool reachedEnd;
};

/// The position after the first `newline` at or behind `at`, else `size`.
[[nodiscard]] std::uint32_t afterLine(const char* data, std::uint32_t at, std::uint32_t size, char newline) noexcept;

namespace detail {

[[nodiscard]] inline bool isBlank(char c, const Dialect& dialect) noexcept {
  return (c == ' ' || c == '\t') && c != dialect.delimiter;
}

/// Whether a field may end at `at`: delimiter, line end, CRLF or the end of the text.
[[nodiscard]] inline bool endsField(const char* data, std::uint32_t at, std::uint32_t size, const Dialect& d) noexcept {
  if (at >= size || data[at] == d.delimiter || data[at] == d.newline) return true;
  return d.newline == '\n' && data[at] == '\r' && (at + 1 >= size || data[at + 1] == '\n');
}

/// From behind an opening quote to behind the closing one; `size + 1` if there is none.
[[nodiscard]] inline std::uint32_t skipQuoted(const char* data, std::uint32_t at, std::uint32_t size,
                                              const Dialect& d) noexcept {
  while (at < size) {
    const char c = data[at];
    if (c == '\\' && d.escape == Escape::backslash) {
      at += 2;
    } else if (c != d.quote) {
      ++at;
    } else if (at + 1 < size && data[at + 1] == d.quote) {
      at += 2;
    } else {
      return at + 1;
    }
  }
  return size + 1;
}

/// From inside an unquoted field to the delimiter or line end behind it.
[[nodiscard]] inline std::uint32_t skipUnquoted(const char* data, std::uint32_t at, std::uint32_t size,
                                                const Dialect& d) noexcept {
  while (at < size && data[at] != d.delimiter && data[at] != d.newline)
    at += data[at] == '\\' && d.escape == Escape::backslash && at + 1 < size ? 2 : 1;
  return at;
}

}  // namespace detail

/// Scans the record at `at` (< size). `emit(position)` gets the end of each field: its delimiter, line end, or `size`.
/// Fields may have been emitted when the record turns out to be malformed.
template <class Emit>
[[nodiscard]] RecordScan scanRecord(const char* data, std::uint32_t at, std::uint32_t size, const Dialect& d,
                                    Emit&& emit) {
  const std::uint32_t start = at;
  if (d.comment != 0 && data[at] == d.comment) {
    const std::uint32_t next = afterLine(data, at, size, d.newline);
    return {RecordKind::comment, next, at, data[next - 1] != d.newline};
  }
  while (true) {
    std::uint32_t content = at;
    if (d.trim)
      while (content < size && detail::isBlank(data[content], d)) ++content;
    if (d.quote != 0 && content < size && data[content] == d.quote) {
      at = detail::skipQuoted(data, content + 1, size, d);
      if (at > size) return {RecordKind::unterminatedQuote, afterLine(data, start, size, d.newline), content, true};
      if (d.trim)
        while (at < size && detail::isBlank(data[at], d)) ++at;
      if (!detail::endsField(data, at, size, d)) {
        const std::uint32_t next = afterLine(data, at, size, d.newline);
        return {RecordKind::textAfterQuote, next, at, data[next - 1] != d.newline};
      }
      if (at < size && data[at] != d.delimiter && data[at] != d.newline) ++at;
    } else {
      at = detail::skipUnquoted(data, at, size, d);
    }
    emit(at);
    if (at >= size) return {RecordKind::row, size, at, true};
    if (data[at] == d.newline) return {RecordKind::row, at + 1, at, false};
    ++at;
  }
}

}  // namespace weir::csv
