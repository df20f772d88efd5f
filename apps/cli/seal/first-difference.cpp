// Reads records of both files side by side.
#include "apps/cli/seal/first-difference.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

/// A quote that is never closed does not take a whole large file into memory.
constexpr std::size_t kMostRecord = 16 << 20;
constexpr std::size_t kMostShown = 200;

bool endsWithAny(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

/// The bytes of one record without its line end; false at the end.
bool nextRecord(std::istream& from, bool quotes, std::string& record) {
  record.clear();
  bool quoted = false;
  for (int c = from.get(); c != std::istream::traits_type::eof(); c = from.get()) {
    if (quotes && c == '"') quoted = !quoted;
    if (c == '\n' && !quoted) {
      if (record.ends_with('\r')) record.pop_back();
      return true;
    }
    record += static_cast<char>(c);
    if (record.size() >= kMostRecord) return true;
  }
  return !record.empty();
}

std::vector<std::string> fieldsOf(std::string_view record, char delimiter) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (c == '"') {
      if (quoted && i + 1 < record.size() && record[i + 1] == '"') {
        fields.back() += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (c == delimiter && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

/// A byte order mark is no part of the first cell.
void dropMark(std::string& record) {
  if (record.starts_with("\xEF\xBB\xBF")) record.erase(0, 3);
}

std::string columnName(const std::vector<std::string>& header, std::size_t index) {
  return index < header.size() && !header[index].empty() ? header[index] : std::to_string(index + 1);
}

std::optional<CellDifference> inFields(std::int64_t row, const std::vector<std::string>& header,
                                       const std::vector<std::string>& before, const std::vector<std::string>& after) {
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const auto was = i < before.size() ? std::optional(before[i]) : std::nullopt;
    const auto is = i < after.size() ? std::optional(after[i]) : std::nullopt;
    if (was != is) return CellDifference{row, columnName(header, i), was, is};
  }
  return std::nullopt;
}

std::optional<CellDifference> inJson(std::int64_t row, const std::string& before, const std::string& after) {
  const auto was = json::parse(before), is = json::parse(after);
  const CellDifference whole{row, {}, before, after};
  if (!was || !is) return whole;
  if (json::Value::equal(was->root(), is->root())) return std::nullopt;
  const auto* members = was->root().asObject();
  if (members == nullptr || !is->root().isObject()) return whole;
  for (const auto& member : *members) {
    const auto* found = is->root().find(member.key);
    if (found != nullptr && json::Value::equal(member.value, *found)) continue;
    return CellDifference{row, member.key, json::write(member.value),
                          found == nullptr ? std::nullopt : std::optional(json::write(*found))};
  }
  for (const auto& member : *is->root().asObject()) {
    if (was->root().find(member.key) == nullptr)
      return CellDifference{row, member.key, std::nullopt, json::write(member.value)};
  }
  return whole;
}

std::string shown(const std::optional<std::string>& value) {
  if (!value) return "nothing";
  if (value->empty()) return "empty";
  if (value->size() <= kMostShown) return printable(*value);
  return printable(value->substr(0, kMostShown)) + "…";
}

}  // namespace

std::optional<RowForm> rowFormOf(const SealedFile& file) {
  if (file.csv) return RowForm::csv;
  if (endsWithAny(file.name, {".ndjson", ".jsonl"})) return RowForm::ndjson;
  if (endsWithAny(file.name, {".txt", ".log"})) return RowForm::lines;
  return std::nullopt;
}

RowCount::RowCount(const SealedFile& file) : form_(rowFormOf(file)), header_(file.csv && file.csv->header) {}

void RowCount::add(std::string_view piece) {
  if (!form_) return;
  for (const char c : piece) {
    if (c == '"' && form_ == RowForm::csv) quoted_ = !quoted_;
    open_ = c != '\n' || quoted_;
    if (!open_) ++lines_;
  }
}

std::optional<std::int64_t> RowCount::rows() const {
  if (!form_) return std::nullopt;
  return std::max<std::int64_t>(0, lines_ + (open_ ? 1 : 0) - (header_ ? 1 : 0));
}

std::optional<CellDifference> firstDifference(const SealedFile& file, std::istream& before, std::istream& after) {
  const auto form = rowFormOf(file);
  if (!form) return std::nullopt;
  const bool isCsv = form == RowForm::csv;
  const char delimiter = isCsv && !file.csv->delimiter.empty() ? file.csv->delimiter.front() : ',';
  std::string was, is;
  std::vector<std::string> header;
  for (std::int64_t row = isCsv && file.csv->header ? 0 : 1;; ++row) {
    const bool first = row <= 1 && header.empty();
    const bool hasBefore = nextRecord(before, isCsv, was), hasAfter = nextRecord(after, isCsv, is);
    if (!hasBefore && !hasAfter) return std::nullopt;
    if (!hasBefore) return CellDifference{row, {}, std::nullopt, is};
    if (!hasAfter) return CellDifference{row, {}, was, std::nullopt};
    if (first) {
      dropMark(was);
      dropMark(is);
    }
    if (row == 0) header = fieldsOf(was, delimiter);
    if (was == is) continue;
    std::optional<CellDifference> found;
    if (isCsv) {
      // In a header the cells are names of columns themselves.
      found = inFields(row, row == 0 ? std::vector<std::string>() : header, fieldsOf(was, delimiter),
                       fieldsOf(is, delimiter));
    } else if (form == RowForm::ndjson) {
      found = inJson(row, was, is);
    } else {
      found = CellDifference{row, {}, was, is};
    }
    if (found) return found;
  }
}

std::string textOf(const CellDifference& difference) {
  const auto& [row, column, before, after] = difference;
  std::string where = row == 0 ? "the header" : "row " + std::to_string(row);
  if (!column.empty()) where += ", column '" + printable(column) + "'";
  return where + ": " + shown(before) + " in the seal, " + shown(after) + " here";
}

}  // namespace weir::cli
