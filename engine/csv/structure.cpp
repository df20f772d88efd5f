// Drives the vector scan, falls back to the grammar where a block is irregular, and forms the matrix of rows.
#include "engine/csv/structure.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/csv/numbers-in-messages.h"
#include "engine/csv/record.h"
#include "engine/csv/scan-blocks.h"
#include "engine/data/check.h"
#include "engine/text/utf8.h"

namespace weir::csv {

void Positions::reserve(std::int64_t wanted, std::int64_t kept) {
  if (wanted <= capacity_) return;
  const std::int64_t grown = std::max(wanted, capacity_ * 2);
  auto bigger = std::make_unique_for_overwrite<std::uint32_t[]>(at(grown));
  if (kept > 0) std::memcpy(bigger.get(), data_.get(), at(kept) * sizeof(std::uint32_t));
  data_ = std::move(bigger);
  capacity_ = grown;
}

FieldTexts Structure::fields(std::int32_t column) const noexcept {
  FieldTexts result{.data = text_.data(), .ends = ends_.data() + column, .endStride = columns_, .rows = rows_};
  if (column == 0) {
    result.starts = rowStarts_.data();
  } else {
    result.starts = ends_.data() + (column - 1);
    result.startStride = columns_;
    result.startBias = 1;
  }
  return result;
}

void Structure::scan(std::string_view text, std::int32_t columns) {
  WEIR_CHECK(static_cast<std::int64_t>(text.size()) <= kMaxChunkBytes);
  WEIR_CHECK(columns > 0);
  text_ = text;
  columns_ = columns;
  rows_ = endCount_ = recordCount_ = 0;
  gaps_.clear();
  bad_.clear();
  invalidText_.clear();
  findEnds();
  rowStarts_.reserve(recordCount_ + 1, 0);
  std::uint32_t begin = 0;
  auto gap = gaps_.begin();
  for (std::int64_t r = 0; r < recordCount_; ++r) {
    if (gap != gaps_.end() && gap->record == r) [[unlikely]]
      begin = gap++->start;
    rowStarts_.data()[r] = begin;
    begin = ends_[records_[r] - 1] + 1;
  }
  if (sawReturn_ && dialect_.newline == '\n') stripCarriageReturns();
  if (sawHigh_) findInvalidText();
  if (!formRegular()) formIrregular();
  if (!bad_.empty()) countLines();
}

void Structure::findEnds() {
  const auto size = static_cast<std::uint32_t>(text_.size());
  const auto estimate = static_cast<std::int64_t>(size / 8) + 4 * kBlockBytes;
  ends_.reserve(estimate, 0);
  records_.reserve(estimate / 4 + kBlockBytes, 0);
  ScanState state;
  std::uint32_t slowBytes = 64;
  std::uint32_t slowEnd = 0;
  sawReturn_ = sawHigh_ = false;
  while (true) {
    const ScanStop stop = scanBlocks(isa_, text_.data(), size, dialect_, state, ends_, records_);
    endCount_ = state.ends;
    recordCount_ = state.records;
    if (stop == ScanStop::full) {
      ends_.reserve(ends_.capacity() * 2, endCount_);
      records_.reserve(records_.capacity() * 2, recordCount_);
      continue;
    }
    std::uint32_t begin = recordCount_ == 0 ? 0 : ends_[records_[recordCount_ - 1] - 1] + 1;
    if (!gaps_.empty() && gaps_.back().record == recordCount_) begin = gaps_.back().start;
    if (begin >= size) break;
    if (stop == ScanStop::done && state.inside == 0) {
      ends_.data()[endCount_++] = size;
      records_.data()[recordCount_++] = static_cast<std::uint32_t>(endCount_);
      break;
    }
    // Irregular stretches come in runs: the longer the run, the longer the byte-by-byte reading before the next try.
    slowBytes = begin - slowEnd < 4096 ? std::min<std::uint32_t>(slowBytes * 2, 16384) : 64;
    const std::uint32_t until = (stop == ScanStop::done ? begin : state.at) + slowBytes;
    const std::uint32_t next = scanSlowly(begin, std::min(until, size));
    slowEnd = next;
    const ScanState seen = state;
    state = ScanState{
        .at = next, .ends = endCount_, .records = recordCount_, .sawReturn = seen.sawReturn, .sawHigh = seen.sawHigh};
  }
  sawReturn_ |= state.sawReturn;
  sawHigh_ |= state.sawHigh;
}

std::uint32_t Structure::scanSlowly(std::uint32_t at, std::uint32_t until) {
  const auto size = static_cast<std::uint32_t>(text_.size());
  const std::uint32_t from = at;
  endCount_ = recordCount_ == 0 ? 0 : records_[recordCount_ - 1];
  while (at < until) {
    std::int64_t count = endCount_;
    const RecordScan found = scanRecord(text_.data(), at, size, dialect_, [&](std::uint32_t end) {
      if (count + 2 * kBlockBytes > ends_.capacity()) ends_.reserve(ends_.capacity() * 2, count);
      ends_.data()[count++] = end;
    });
    if (found.kind == RecordKind::row) {
      if (recordCount_ + 2 * kBlockBytes > records_.capacity()) records_.reserve(records_.capacity() * 2, recordCount_);
      endCount_ = count;
      records_.data()[recordCount_++] = static_cast<std::uint32_t>(count);
    } else {
      const std::uint32_t end = found.next - (text_[found.next - 1] == dialect_.newline ? 1 : 0);
      if (found.kind == RecordKind::textAfterQuote)
        note("csv.text_after_quote",
             "text behind the closing quote at byte " + decimal(found.badAt - at) +
                 " of the record, where a delimiter or a line end was expected; write a "
                 "quote inside quotes twice",
             at, end);
      if (found.kind == RecordKind::unterminatedQuote)
        note("csv.unterminated_quote",
             "the quote opened at byte " + decimal(found.badAt - at) +
                 " of the record never closes; close it, or write a quote inside quotes "
                 "twice; reading went on at the next line",
             at, end);
      if (!gaps_.empty() && gaps_.back().record == recordCount_) gaps_.pop_back();
      gaps_.push_back({recordCount_, found.next});
    }
    at = found.next;
  }
  for (std::uint32_t i = from; i < at; ++i) {
    sawReturn_ |= text_[i] == '\r';
    sawHigh_ |= static_cast<signed char>(text_[i]) < 0;
  }
  return at;
}

void Structure::note(std::string_view code, std::string message, std::uint32_t begin, std::uint32_t end) {
  if (end > begin && text_[end - 1] == '\r') --end;
  bad_.push_back({.code = code, .message = std::move(message), .begin = begin, .end = end});
}

void Structure::stripCarriageReturns() {
  for (std::int64_t r = 0; r < recordCount_; ++r) {
    std::uint32_t& end = ends_.data()[records_[r] - 1];
    if (end > rowStarts_[r] && text_[end - 1] == '\r') --end;
  }
}

void Structure::findInvalidText() {
  const auto size = static_cast<std::uint32_t>(text_.size());
  std::uint32_t at = 0;
  while (at < size) {
    at += static_cast<std::uint32_t>(utf8::validPrefix(text_.substr(at)));
    if (at >= size) break;
    invalidText_.push_back(at);
    at = afterLine(text_.data(), at, size, dialect_.newline);
  }
}

bool Structure::formRegular() {
  if (!invalidText_.empty()) return false;
  const auto columns = static_cast<std::uint32_t>(columns_);
  const std::uint32_t* ranks = records_.data();
  std::uint32_t wrong = 0;
  for (std::int64_t r = 0; r < recordCount_; ++r) wrong |= ranks[r] ^ (static_cast<std::uint32_t>(r) + 1) * columns;
  if (wrong != 0) return false;
  rows_ = recordCount_;
  return true;
}

void Structure::formIrregular() {
  Positions matrix;
  matrix.reserve(endCount_ + columns_ + kBlockBytes, 0);
  auto invalid = invalidText_.begin();
  for (std::int64_t r = 0; r < recordCount_; ++r) {
    const std::int64_t first = r == 0 ? 0 : records_[r - 1];
    const Line line{rowStarts_[r], ends_[records_[r] - 1], first, records_[r] - first};
    if (line.fields == 1 && line.begin == line.end && columns_ > 1) continue;
    while (invalid != invalidText_.end() && *invalid < line.begin) ++invalid;
    const bool badText = invalid != invalidText_.end() && *invalid < line.end;
    const bool filled = dialect_.ragged == Ragged::fill && line.fields * 16 >= columns_;
    if (badText || (line.fields != columns_ && !filled)) {
      addBadRow(line, badText ? std::int64_t{*invalid} : -1);
    } else {
      placeRow(line, matrix);
    }
  }
  std::swap(ends_, matrix);
  std::ranges::stable_sort(bad_, {}, &BadRecord::begin);
}

void Structure::placeRow(const Line& line, Positions& matrix) {
  matrix.reserve((rows_ + 1) * columns_ + kBlockBytes, rows_ * columns_);
  const std::int64_t present = std::min<std::int64_t>(line.fields, columns_);
  std::uint32_t* out = matrix.data() + rows_ * columns_;
  std::copy_n(ends_.data() + line.first, present, out);
  // A missing field ends where the one before it ends: its start lies one behind, which makes the length -1.
  std::fill(out + present, out + columns_, out[present - 1]);
  rowStarts_.data()[rows_++] = line.begin;
}

void Structure::addBadRow(const Line& line, std::int64_t invalidAt) {
  if (invalidAt >= 0) {
    note("text.invalid_utf8",
         "the record is not UTF-8 at byte " + decimal(invalidAt - line.begin) +
             " of it; set the file's encoding, or repair it",
         line.begin, line.end);
  } else {
    note("csv.field_count",
         "the record has " + decimal(line.fields) + " fields where " + decimal(columns_) +
             " were expected; check the delimiter and the quotes, or set ragged rows to be filled",
         line.begin, line.end);
  }
}

void Structure::countLines() {
  std::int64_t line = 1;
  std::int64_t row = 0;
  const char* at = text_.data();
  for (BadRecord& bad : bad_) {
    const char* begin = text_.data() + bad.begin;
    line += std::count(at, begin, dialect_.newline);
    at = begin;
    while (row < rows_ && rowStarts_[row] < bad.begin) ++row;
    bad.line = line;
    bad.rowsBefore = row;
  }
}

}  // namespace weir::csv
