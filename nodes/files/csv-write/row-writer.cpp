// Values as fields.
#include "nodes/files/csv-write/row-writer.h"

#include <algorithm>
#include <array>
#include <span>

#include "engine/csv/infer.h"
#include "engine/data/number-text.h"
#include "engine/data/value-json.h"
#include "engine/text/suggest.h"

namespace weir::nodes::csv_write {
namespace {

std::string listOf(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "'" : ", '") + name + "'";
  return list;
}

std::unexpected<Error> tooLong(std::size_t bytes) {
  return fail("csv.record_too_long", "the file's first record does not end within " + std::to_string(bytes) +
                                         " bytes, so its columns are not known; is it a CSV file?");
}

}  // namespace

void RowWriter::note(const Schema& schema) {
  if (!selected_ || noted_ == &schema) return;
  noted_ = &schema;
  for (const auto& field : schema.fields()) {
    if (std::ranges::find(seen_, field.name) == seen_.end()) seen_.push_back(field.name);
  }
}

Result<void> RowWriter::complete() const {
  if (noted_ == nullptr && seen_.empty()) return {};
  for (const auto& name : names_) {
    if (std::ranges::find(seen_, name) != seen_.end()) continue;
    std::string list;
    for (const auto& each : seen_) list += (list.empty() ? "" : ", ") + each;
    return fail("rows.unknown_field", "no row has the column '" + name + "'; they have " +
                                          (list.empty() ? "none" : list) + ". Correct the setting columns." +
                                          didYouMean(name, std::span<const std::string>(seen_)));
  }
  return {};
}

Result<Poll> RowWriter::snapshot(StateWriter& state) const {
  for (const auto* names : {&names_, &seen_}) {
    std::vector<Value> list;
    for (const auto& name : *names) list.push_back(Value::string(name));
    WEIR_TRY(state.write(Value::list(std::move(list))));
  }
  return Poll::ready;
}

Result<Poll> RowWriter::restore(StateReader& state) {
  for (auto* names : {&names_, &seen_}) {
    WEIR_ASSIGN(const auto list, state.readValue());
    names->clear();
    for (const auto& name : list.items()) names->emplace_back(name.text());
  }
  return Poll::ready;
}

void RowWriter::settle(const Schema& schema) {
  if (settled()) return;
  for (const auto& field : schema.fields()) names_.push_back(field.name);
}

void RowWriter::appendHeader(std::string& out) const {
  if (names_.empty()) return;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (i > 0) fields_.appendDelimiter(out);
    fields_.appendText(out, names_[i]);
  }
  fields_.appendLineEnd(out);
}

Result<void> RowWriter::check(const Schema& schema) const {
  if (selected_) return {};
  for (const auto& field : schema.fields()) {
    if (std::ranges::find(names_, field.name) != names_.end()) continue;
    return fail("csv.extra_column", "the row has the column '" + field.name +
                                        "', which the file does not; list all columns in the setting columns");
  }
  return {};
}

Result<bool> RowWriter::adopt(std::string_view existing, bool whole, bool header) {
  if (names_.empty()) return true;
  csv::Dialect dialect;
  dialect.delimiter = fields_.style().delimiter;
  WEIR_ASSIGN(const auto reader, csv::FieldReader::make(dialect, {}));
  if (existing.starts_with("\xEF\xBB\xBF")) existing.remove_prefix(3);
  WEIR_ASSIGN(const auto first, csv::firstRecord(existing, reader));
  if (!first) return whole ? Result<bool>(false) : tooLong(existing.size());
  if (!whole && first->end == static_cast<std::int64_t>(existing.size())) return tooLong(existing.size());
  if (!header) {
    if (first->fields.size() == names_.size()) return true;
    return fail("csv.header_mismatch", "its first record has " + std::to_string(first->fields.size()) +
                                           " fields, and the rows have " + std::to_string(names_.size()) + ": " +
                                           listOf(names_) + "; choose them in the setting columns");
  }
  // Compared as csv-read names the columns; formulas are guarded in headers too.
  std::string text;
  appendHeader(text);
  WEIR_ASSIGN(const auto own, csv::firstRecord(text, reader));
  if (!own) return true;
  const auto found = csv::columnNames(first->fields);
  const auto mine = csv::columnNames(own->fields);
  if (found == mine) return true;
  std::vector<std::string> ordered;
  for (const auto& name : found) {
    const auto at = std::ranges::find(mine, name);
    if (at != mine.end()) ordered.push_back(names_[static_cast<std::size_t>(at - mine.begin())]);
  }
  if (ordered.size() != found.size() || ordered.size() != names_.size()) {
    return fail("csv.header_mismatch", "the file has the columns " + listOf(found) + ", and the rows have " +
                                           listOf(names_) +
                                           "; bring the rows into that form, choose them in the setting columns, or "
                                           "write another file. Nothing was written");
  }
  names_ = std::move(ordered);
  return true;
}

/// Almost always no text holds a NUL: looked for once in all that was written.
std::int64_t RowWriter::append(const Batch& batch, std::int64_t row, std::int64_t mostBytes, std::string& out,
                               std::vector<std::uint32_t>& bad) {
  if (batch.schema() != known_) {
    known_ = batch.schema();
    places_.clear();
    for (const auto& name : names_) places_.push_back(known_->indexOf(name));
  }
  const auto before = out.size();
  const auto from = row;
  for (; row < batch.rows() && static_cast<std::int64_t>(out.size()) < mostBytes; ++row) appendRow(batch, row, out);
  if (!std::string_view(out).substr(before).contains('\0')) return row;
  out.resize(before);
  for (auto again = from; again < row; ++again) {
    const auto begin = out.size();
    appendRow(batch, again, out);
    if (!std::string_view(out).substr(begin).contains('\0')) continue;
    out.resize(begin);
    bad.push_back(static_cast<std::uint32_t>(again));
  }
  return row;
}

void RowWriter::appendRow(const Batch& batch, std::int64_t row, std::string& out) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (i > 0) fields_.appendDelimiter(out);
    if (places_[i] < 0) {
      fields_.appendNull(out);
    } else {
      appendField(batch.column(places_[i]), row, out);
    }
  }
  fields_.appendLineEnd(out);
}

/// Whole numbers beyond int64 would read as texts: they are written as what they are.
void RowWriter::appendDouble(double value, std::string& out) {
  std::array<char, kNumberTextBytes + 2> digits{};
  auto* end = writeDouble(digits.data(), value);
  const bool beyond = value >= 0x1p63 || value <= -0x1p63;
  if (beyond && std::string_view(digits.data(), end).find_first_not_of("-0123456789") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  fields_.appendScalar(out, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void RowWriter::appendField(const Column& column, std::int64_t row, std::string& out) {
  if (column.isNull(row)) return fields_.appendNull(out);
  std::array<char, kNumberTextBytes> digits{};
  const auto at = static_cast<std::size_t>(row);
  const auto scalar = [&](const char* end) {
    fields_.appendScalar(out, {digits.data(), static_cast<std::size_t>(end - digits.data())});
  };
  switch (column.type->kind) {
    case Kind::boolean:
      return fields_.appendScalar(out, column.boolean(row) ? "true" : "false");
    case Kind::int64:
      return scalar(writeInt64(digits.data(), column.ints()[at]));
    case Kind::uint64:
      return scalar(writeUint64(digits.data(), column.uints()[at]));
    case Kind::float64:
      return appendDouble(column.doubles()[at], out);
    case Kind::string:
      return fields_.appendText(out, column.text(row));
    default:
      break;
  }
  const auto value = column.value(row);
  if (value.kind() == ValueKind::null) return fields_.appendNull(out);
  if (value.kind() == ValueKind::string) return fields_.appendText(out, value.text());
  scratch_.clear();
  appendJson(scratch_, value);
  // Times, durations and bytes are JSON strings: their text is the field.
  const bool quoted = value.kind() != ValueKind::list && value.kind() != ValueKind::map && scratch_.starts_with('"');
  const auto text = std::string_view(scratch_);
  fields_.appendText(out, quoted ? text.substr(1, text.size() - 2) : text);
}

}  // namespace weir::nodes::csv_write
