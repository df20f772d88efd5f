// Values as fields.
#include "nodes/files/csv-write/row-writer.h"

#include <algorithm>
#include <array>
#include <span>

#include "engine/data/number-text.h"
#include "engine/data/value-json.h"
#include "engine/text/suggest.h"

namespace weir::nodes::csv_write {

void RowWriter::note(const Schema& schema) {
  if (!selected_ || noted_ == &schema) return;
  noted_ = &schema;
  for (const auto& field : schema.fields()) {
    if (std::ranges::find(seen_, field.name) == seen_.end()) seen_.push_back(field.name);
  }
}

Result<void> RowWriter::complete() const {
  if (noted_ == nullptr) return {};
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

std::int64_t RowWriter::append(const Batch& batch, std::int64_t row, std::int64_t mostBytes, std::string& out) {
  if (batch.schema() != known_) {
    known_ = batch.schema();
    places_.clear();
    for (const auto& name : names_) places_.push_back(known_->indexOf(name));
  }
  for (; row < batch.rows() && static_cast<std::int64_t>(out.size()) < mostBytes; ++row) {
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
  return row;
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
      return scalar(writeDouble(digits.data(), column.doubles()[at]));
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
