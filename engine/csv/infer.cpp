// Column types from samples.
#include "engine/csv/infer.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "engine/csv/numbers-in-messages.h"
#include "engine/csv/record.h"
#include "engine/csv/structure.h"
#include "engine/text/utf8.h"

namespace weir::csv {

std::string_view columnTypeName(ColumnType type) noexcept {
  switch (type) {
    case ColumnType::unknown:
      return "unknown";
    case ColumnType::boolean:
      return "bool";
    case ColumnType::integer:
      return "int";
    case ColumnType::number:
      return "double";
    case ColumnType::timestamp:
      return "timestamp";
    case ColumnType::text:
      return "string";
  }
  return "";
}

ColumnType widened(ColumnType a, ColumnType b) noexcept {
  if (a == b || b == ColumnType::unknown) return a;
  if (a == ColumnType::unknown) return b;
  const auto numeric = [](ColumnType t) { return t == ColumnType::integer || t == ColumnType::number; };
  return numeric(a) && numeric(b) ? ColumnType::number : ColumnType::text;
}

ColumnType typeOfField(FieldContent field, const FieldReader& reader) {
  if (reader.isNull(field)) return ColumnType::unknown;
  if (field.text.empty()) return ColumnType::text;
  if (FieldReader::boolean(field.text)) return ColumnType::boolean;
  if (reader.integer(field.text, true)) return ColumnType::integer;
  if (reader.number(field.text, true)) return ColumnType::number;
  if (reader.timestamp(field.text)) return ColumnType::timestamp;
  return ColumnType::text;
}

void Inference::learn(std::string_view text, const FieldReader& reader, std::int64_t maxRows) {
  if (names_.empty()) return;
  Structure structure(reader.dialect());
  structure.scan(text, static_cast<std::int32_t>(names_.size()));
  const std::int64_t rows = std::min(structure.rows(), maxRows);
  std::string scratch;
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const FieldTexts fields = structure.fields(static_cast<std::int32_t>(c));
    for (std::int64_t r = 0; r < rows && types_[c] != ColumnType::text; ++r)
      if (fields.length(r) >= 0)
        types_[c] = widened(types_[c], typeOfField(reader.content(fields.text(r), scratch), reader));
  }
}

std::vector<ColumnType> Inference::settled() const {
  std::vector<ColumnType> result = types_;
  std::ranges::replace(result, ColumnType::unknown, ColumnType::text);
  return result;
}

HeaderDrift compareHeaders(const std::vector<std::string>& expected, const std::vector<std::string>& found) {
  HeaderDrift drift;
  if (expected == found) return drift;
  // Sorted copies keep wide headers from costing the square of their width.
  std::vector<std::string> wanted = expected;
  std::vector<std::string> given = found;
  std::ranges::sort(wanted);
  std::ranges::sort(given);
  std::ranges::set_difference(wanted, given, std::back_inserter(drift.missing));
  std::ranges::set_difference(given, wanted, std::back_inserter(drift.extra));
  drift.reordered = drift.missing.empty() && drift.extra.empty();
  return drift;
}

Result<void> checkNames(const std::vector<std::string>& header) {
  if (header.size() > kMostColumns) {
    return fail("csv.too_many_columns", "the first record has " + decimal(static_cast<std::int64_t>(header.size())) +
                                            " fields, and a table has at most " +
                                            decimal(static_cast<std::int64_t>(kMostColumns)) +
                                            " columns; is the delimiter right?");
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto good = utf8::validPrefix(header[i]);
    if (static_cast<std::size_t>(good) == header[i].size()) continue;
    return fail("text.invalid_utf8", "the header is not UTF-8 at byte " + std::to_string(good) + " of its column " +
                                         std::to_string(i + 1) + "; set the file's encoding, or repair it");
  }
  return {};
}

std::vector<std::string> columnNames(std::vector<std::string> header) {
  std::set<std::string> taken;
  std::map<std::string, std::int64_t> next;  // the number that the next column of that name tries first
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::string& name = header[i];
    const auto first = name.find_first_not_of(" \t\r\n");
    name = first == std::string::npos ? "" : name.substr(first, name.find_last_not_of(" \t\r\n") + 1 - first);
    if (name.empty()) name = "column_" + decimal(static_cast<std::int64_t>(i) + 1);
    if (taken.insert(name).second) continue;
    auto& number = next.try_emplace(name, 2).first->second;
    const std::string base = name;
    do {
      name = base + "_" + decimal(number++);
    } while (!taken.insert(name).second);
  }
  return header;
}

Result<std::optional<FirstRecord>> firstRecord(std::string_view text, const FieldReader& reader) {
  const Dialect& dialect = reader.dialect();
  const auto size =
      static_cast<std::uint32_t>(std::min<std::int64_t>(static_cast<std::int64_t>(text.size()), kMaxChunkBytes));
  std::uint32_t at = 0;
  std::vector<std::uint32_t> ends;
  while (at < size) {
    ends.clear();
    const RecordScan found =
        scanRecord(text.data(), at, size, dialect, [&](std::uint32_t end) { ends.push_back(end); });
    if (found.kind == RecordKind::unterminatedQuote)
      return fail("csv.unterminated_quote", "the first record has a quote that never closes; close it, or set quote");
    if (found.kind == RecordKind::textAfterQuote)
      return fail("csv.text_after_quote",
                  "the first record has text behind a closing quote; write a quote inside quotes twice, or set quote");
    FirstRecord record{.fields = {}, .end = found.next};
    std::string scratch;
    std::uint32_t begin = at;
    if (!ends.empty() && dialect.newline == '\n' && ends.back() > begin && text[ends.back() - 1] == '\r') --ends.back();
    for (const std::uint32_t end : ends) {
      record.fields.emplace_back(reader.content(text.substr(begin, end - begin), scratch).text);
      begin = end + 1;
    }
    const bool empty = ends.empty() || (ends.size() == 1 && ends[0] == at);
    if (!empty) return record;
    at = found.next;
  }
  return std::optional<FirstRecord>{};
}

}  // namespace weir::csv
