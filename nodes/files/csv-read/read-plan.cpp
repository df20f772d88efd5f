// Learning what the files of a run look like.
#include "nodes/files/csv-read/read-plan.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/csv/decode.h"
#include "engine/csv/splitter.h"
#include "engine/csv/structure.h"
#include "engine/text/suggest.h"

namespace weir::nodes::csv_read {
namespace {

TypeRef typeOf(csv::ColumnType type) {
  switch (type) {
    case csv::ColumnType::boolean:
      return Type::boolean();
    case csv::ColumnType::integer:
      return Type::int64();
    case csv::ColumnType::number:
      return Type::float64();
    case csv::ColumnType::timestamp:
      return Type::timestamp();
    case csv::ColumnType::unknown:
    case csv::ColumnType::text:
      break;
  }
  return Type::string();
}

/// The whole records at the front of a sample.
std::string_view wholeRecords(std::string_view text, bool whole, const csv::Dialect& dialect) {
  if (whole) return text;
  csv::RecordSplitter splitter(dialect);
  splitter.extend(text);
  return text.substr(0, static_cast<std::size_t>(splitter.cut()));
}

void appendNames(std::string& out, std::string_view label, const std::vector<std::string>& names) {
  if (names.empty()) return;
  out.append("; ").append(label);
  constexpr std::size_t kMost = 8;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i)
    out.append(i == 0 ? " '" : ", '").append(names[i]).append("'");
  if (names.size() > kMost) out.append(" and ").append(std::to_string(names.size() - kMost)).append(" more");
}

}  // namespace

Result<ReadPlan> ReadPlan::make(const ReadOptions& options, std::string_view text, bool whole) {
  const auto dialect = csv::sniff(text, options.dialect, options.wish, options.format);
  WEIR_ASSIGN(auto reader, csv::FieldReader::make(dialect, options.format));
  ReadPlan plan(std::move(reader));
  const auto records = wholeRecords(text, whole, dialect);
  WEIR_ASSIGN(const auto first, csv::firstRecord(records, plan.reader_));
  if (!first) return fail("csv.empty", "the file holds no record");
  std::vector<std::string> names;
  if (dialect.header == csv::Header::none) {
    if (first->fields.size() > csv::kMostColumns) WEIR_TRY(csv::checkNames(first->fields));
    names.resize(first->fields.size());
    for (std::size_t i = 0; i < names.size() && i < options.schema.size(); ++i) names[i] = options.schema[i].name;
  } else {
    WEIR_TRY(csv::checkNames(first->fields));
    names = first->fields;
    plan.headerText_ = records.substr(0, static_cast<std::size_t>(first->end));
    if (!plan.headerText_.ends_with(dialect.newline)) plan.headerText_.clear();
  }
  plan.nameColumns(options, csv::columnNames(std::move(names)));
  return plan;
}

Result<void> ReadPlan::checkSchema(const ReadOptions& options) const {
  for (const auto& column : options.schema) {
    if (std::ranges::find(names_, column.name) != names_.end()) continue;
    std::string message = "the file has no column '" + column.name + "', which the setting schema names";
    appendNames(message, "it has", names_);
    return fail("rows.unknown_field", message + "." + didYouMean(column.name, std::span<const std::string>(names_)));
  }
  return {};
}

void ReadPlan::nameColumns(const ReadOptions& options, std::vector<std::string> names) {
  names_ = std::move(names);
  layout_.columns = static_cast<std::int32_t>(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    layout_.sources.push_back(static_cast<std::int32_t>(i));
    Column column;
    column.name = names_[i];
    const auto given = std::ranges::find(options.schema, names_[i], &NamedType::name);
    if (given != options.schema.end()) {
      column.type = given->type;
      column.exact = false;
    }
    columns_.push_back(std::move(column));
  }
}

void ReadPlan::merge(std::size_t column, csv::ColumnType found, csv::Drift drift) {
  auto& known = columns_[column];
  if (!known.exact) return;
  auto wider = csv::widened(known.type, found);
  const bool disagree =
      known.type != csv::ColumnType::unknown && found != csv::ColumnType::unknown && known.type != found;
  if (drift == csv::Drift::string && disagree) wider = csv::ColumnType::text;
  known.type = wider;
}

void ReadPlan::learn(std::string_view text, bool whole, csv::Drift drift) {
  const auto records = wholeRecords(text, whole, dialect());
  const auto start = begin(records, drift);
  if (!start) return;
  const auto data = records.substr(static_cast<std::size_t>(start->dataBegin));
  const auto& layout = start->layout ? *start->layout : layout_;
  csv::Inference inference(std::vector<std::string>(static_cast<std::size_t>(layout.columns)));
  inference.learn(data, reader_);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto source = layout.sources[i];
    if (source >= 0) merge(i, inference.types()[static_cast<std::size_t>(source)], drift);
  }
  if (!start->layout && !dictionariesNoted_) noteDictionaries(data);
}

/// Text columns of few different values become dictionaries: the same in every run and for every number of workers.
void ReadPlan::noteDictionaries(std::string_view data) {
  dictionariesNoted_ = true;
  csv::Structure structure(dialect());
  structure.scan(data, layout_.columns);
  std::vector<std::int32_t> codes(static_cast<std::size_t>(structure.rows()));
  std::vector<std::uint8_t> validity(codes.size() / 8 + 1, 0xFF);
  csv::TextDictionary dictionary;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].type != csv::ColumnType::text) continue;
    csv::Marks marks(validity.data());
    columns_[i].dictionary = csv::decodeDictionary(structure.fields(static_cast<std::int32_t>(i)), reader_, dictionary,
                                                   codes.data(), marks) &&
                             std::int64_t{dictionary.size()} * 4 < structure.rows();
  }
}

void ReadPlan::settle(const FieldSet& needed, bool strict) {
  std::vector<Field> fields, withoutRows;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& column = columns_[i];
    const bool unknown = column.type == csv::ColumnType::unknown;
    if (column.type == csv::ColumnType::unknown) column.type = csv::ColumnType::text;
    if (needed.contains(column.name)) {
      emitted_.push_back(static_cast<std::int32_t>(i));
      fields.push_back(Field{column.name, typeOf(column.type)});
      withoutRows.push_back(Field{column.name, unknown ? Type::any() : typeOf(column.type)});
    } else if (strict && column.type != csv::ColumnType::text) {
      checked_.push_back(static_cast<std::int32_t>(i));
    }
  }
  schema_ = Schema::of(std::move(fields));
  emptySchema_ = Schema::of(std::move(withoutRows));
}

Layout ReadPlan::layoutOf(const std::vector<std::string>& names) const {
  Layout layout;
  layout.columns = static_cast<std::int32_t>(names.size());
  std::vector<std::int32_t> sorted;
  for (std::size_t i = 0; i < names.size(); ++i) sorted.push_back(static_cast<std::int32_t>(i));
  const auto nameAt = [&](std::int32_t i) -> const std::string& { return names[static_cast<std::size_t>(i)]; };
  std::ranges::sort(sorted, {}, nameAt);
  for (const auto& column : columns_) {
    const auto at = std::ranges::lower_bound(sorted, column.name, {}, nameAt);
    layout.sources.push_back(at != sorted.end() && nameAt(*at) == column.name ? *at : -1);
  }
  return layout;
}

Result<ReadPlan::Start> ReadPlan::begin(std::string_view text, csv::Drift drift) const {
  if (dialect().header == csv::Header::none) return Start{};
  if (!headerText_.empty() && text.starts_with(headerText_)) {
    return Start{static_cast<std::int64_t>(headerText_.size()), {}};
  }
  WEIR_ASSIGN(const auto first, csv::firstRecord(text, reader_));
  if (!first) return Start{static_cast<std::int64_t>(text.size()), {}};
  WEIR_TRY(csv::checkNames(first->fields));
  const auto names = csv::columnNames(first->fields);
  const auto found = csv::compareHeaders(names_, names);
  if (!found.any()) return Start{first->end, {}};
  if (drift == csv::Drift::error) {
    std::string message = "the file has other columns than the first one";
    if (found.reordered) message += "; they are in another order";
    appendNames(message, "missing:", found.missing);
    appendNames(message, "extra:", found.extra);
    return fail("csv.drift", message + "; correct the file, or set onDrift to widen");
  }
  return Start{first->end, layoutOf(names)};
}

}  // namespace weir::nodes::csv_read
