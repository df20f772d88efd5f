// Where the fields of a chunk are: a vector scan for delimiters and line ends outside quotes, and the matrix it makes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/csv/dialect.h"

namespace weir::csv {

/// A growing array of positions whose memory is kept from chunk to chunk and never cleared.
class Positions {
 public:
  [[nodiscard]] std::uint32_t* data() noexcept { return data_.get(); }
  [[nodiscard]] const std::uint32_t* data() const noexcept { return data_.get(); }
  [[nodiscard]] std::uint32_t operator[](std::int64_t index) const noexcept { return data_[at(index)]; }
  [[nodiscard]] std::int64_t capacity() const noexcept { return capacity_; }
  /// Room for at least `wanted` entries; the first `kept` survive.
  void reserve(std::int64_t wanted, std::int64_t kept);

 private:
  static std::size_t at(std::int64_t index) noexcept { return static_cast<std::size_t>(index); }
  std::unique_ptr<std::uint32_t[]> data_;
  std::int64_t capacity_ = 0;
};

/// A record that is no row. `code` is one of csv.text_after_quote, csv.unterminated_quote, csv.field_count,
/// text.invalid_utf8 (static storage).
struct BadRecord {
  std::string_view code;
  std::string message;
  std::int64_t begin = 0;  // positions in the chunk: [begin, end) is the record's text, without its line end
  std::int64_t end = 0;
  std::int64_t rowsBefore = 0;  // good rows of the chunk in front of it
  std::int64_t line = 0;        // 1-based physical line, counted from the chunk's first line
};

/// The fields of one column: text [start(row), end(row)) of the chunk, quotes included. A length of -1 is a field that
/// the row did not have.
struct FieldTexts {
  const char* data = nullptr;
  const std::uint32_t* starts = nullptr;
  const std::uint32_t* ends = nullptr;
  std::int64_t startStride = 1;
  std::int64_t endStride = 1;
  std::uint32_t startBias = 0;
  std::int64_t rows = 0;

  [[nodiscard]] std::uint32_t start(std::int64_t row) const noexcept { return starts[row * startStride] + startBias; }
  [[nodiscard]] std::uint32_t end(std::int64_t row) const noexcept { return ends[row * endStride]; }
  [[nodiscard]] std::int32_t length(std::int64_t row) const noexcept {
    return static_cast<std::int32_t>(end(row) - start(row));
  }
  [[nodiscard]] std::string_view text(std::int64_t row) const noexcept {
    const std::int32_t bytes = length(row);
    return bytes <= 0 ? std::string_view{} : std::string_view{data + start(row), static_cast<std::size_t>(bytes)};
  }
};

enum class Isa : std::uint8_t { best, base };

/// Scans chunks of one file, reusing its memory. The answer is that of `scanRecord` applied record by record, whatever
/// the instruction set.
///
/// Rows have exactly `columns` fields. An empty line is skipped when there are two columns or more, and is one empty
/// field when there is one. Malformed records go to `bad()` in order, and parsing goes on: after text behind a closing
/// quote at the next line end; after a quote that never closes at the line after the record's first.
class Structure {
 public:
  explicit Structure(const Dialect& dialect, Isa isa = Isa::best) : dialect_(dialect), isa_(isa) {}

  /// `text` holds whole records (it begins at a record and ends behind one, or at the end of the file), at most
  /// kMaxChunkBytes, followed by kPaddingBytes readable bytes. It must stay until the fields have been read.
  void scan(std::string_view text, std::int32_t columns);

  [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::int32_t columns() const noexcept { return columns_; }
  [[nodiscard]] FieldTexts fields(std::int32_t column) const noexcept;
  [[nodiscard]] std::span<const BadRecord> bad() const noexcept { return bad_; }
  [[nodiscard]] bool ascii() const noexcept { return !sawHigh_; }
  /// Position of a row's first byte, and behind its last (without the line end).
  [[nodiscard]] std::int64_t rowBegin(std::int64_t row) const noexcept { return rowStarts_[row]; }
  [[nodiscard]] std::int64_t rowEnd(std::int64_t row) const noexcept { return ends_[(row + 1) * columns_ - 1]; }

 private:
  struct Gap {
    std::int64_t record;  // this record begins at `start`, not behind the one before it
    std::uint32_t start;
  };
  struct Line {
    std::uint32_t begin;
    std::uint32_t end;
    std::int64_t first;  // index of its first entry in ends_
    std::int64_t fields;
  };

  void findEnds();
  std::uint32_t scanSlowly(std::uint32_t at, std::uint32_t until);
  void note(std::string_view code, std::string message, std::uint32_t begin, std::uint32_t end);
  void stripCarriageReturns();
  void findInvalidText();
  bool formRegular();
  void formIrregular();
  void placeRow(const Line& line, Positions& matrix);
  void addBadRow(const Line& line, std::int64_t invalidAt);
  void countLines();

  Dialect dialect_;
  Isa isa_;
  std::string_view text_;
  std::int32_t columns_ = 0;
  std::int64_t rows_ = 0;
  Positions ends_;     // rows x columns, row by row
  Positions records_;  // for each record: how many entries of ends_ there are up to its last field
  Positions rowStarts_;
  std::int64_t endCount_ = 0;
  std::int64_t recordCount_ = 0;
  std::vector<Gap> gaps_;
  std::vector<BadRecord> bad_;
  std::vector<std::uint32_t> invalidText_;  // positions of invalid UTF-8, at most one per line
  bool sawReturn_ = false;
  bool sawHigh_ = false;
};

}  // namespace weir::csv
