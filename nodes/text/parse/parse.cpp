// text/parse: the named groups of a pattern become fields.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/csv/field-reader.h"
#include "engine/data/batch-builder.h"
#include "engine/regex/regex.h"
#include "engine/regex/scratch-pool.h"
#include "nodes/text/parse/parse.gen.h"

namespace weir::nodes::parse {
namespace {

struct Group {
  std::string name;
  std::size_t number = 0;
  TypeRef type;
};

class Parse final : public Stateless {
 public:
  Parse(const Settings& settings, regex::Regex pattern, csv::FieldReader reader, std::vector<Group> groups)
      : settings_(settings), pattern_(std::move(pattern)), reader_(std::move(reader)), groups_(std::move(groups)) {}

  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    const auto* column = batch.column(settings_.field);
    const bool text = column != nullptr &&
                      (column->type->kind == Kind::string || column->type->kind == Kind::null || batch.rows() == 0);
    if (!text) {
      failAll(batch, column, io);
      return Flow::more;
    }
    std::vector<std::vector<Value>> values(groups_.size());
    std::vector<std::uint32_t> good;
    const regex::ScratchPool::Lent scratch(pool_);
    std::vector<regex::Span> spans(static_cast<std::size_t>(pattern_.groupCount()) + 1);
    for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(batch.rows()); ++row) {
      if (takeRow(*column, row, *scratch, spans, values, io)) good.push_back(row);
    }
    if (good.empty() && !io.fresh(out::rows)) return Flow::more;
    return emitRows(batch, good, values, io);
  }

 private:
  void failAll(const Batch& batch, const Column* column, StepIo& io) const {
    std::vector<std::uint32_t> all;
    for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(batch.rows()); ++row) all.push_back(row);
    if (column == nullptr) {
      io.fail(all, Error{"text.no_field",
                         "the rows have no field '" + settings_.field + "'; they have " + batch.schema()->describe()});
    } else {
      io.fail(all, Error{"text.not_text", "the field '" + settings_.field + "' is " + typeName(*column->type) +
                                              ", not string; convert it first"});
    }
  }

  /// Adds a value for each group; false if the row goes no further.
  bool takeRow(const Column& column, std::uint32_t row, regex::Regex::Scratch& scratch, std::vector<regex::Span>& spans,
               std::vector<std::vector<Value>>& values, StepIo& io) const {
    const bool null = column.isNull(row);
    const auto text = null ? std::string_view() : column.text(row);
    const bool matched =
        !null && (settings_.match == Settings::Match::whole ? pattern_.fullCaptures(text, scratch, spans)
                                                            : pattern_.captures(text, 0, scratch, spans));
    if (!matched) {
      if (settings_.onMismatch == Settings::OnMismatch::error) {
        io.fail({&row, 1}, Error{"text.no_match", "'" + shown(text) + "' does not match " + pattern_.pattern()});
      }
      if (settings_.onMismatch != Settings::OnMismatch::null) return false;
      for (auto& of : values) of.push_back(Value());
      return true;
    }
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const auto span = spans[groups_[i].number];
      auto value = span.matched() ? valueOf(span.in(text), *groups_[i].type) : Value();
      if (!value) {
        io.fail({&row, 1},
                Error{"text.value", "group '" + groups_[i].name + "': expected " + typeName(*groups_[i].type) +
                                        ", found '" + shown(span.in(text)) + "'"});
        for (std::size_t j = 0; j < i; ++j) values[j].pop_back();
        return false;
      }
      values[i].push_back(std::move(*value));
    }
    return true;
  }

  [[nodiscard]] std::optional<Value> valueOf(std::string_view text, const Type& type) const {
    switch (type.kind) {
      case Kind::int64:
        if (const auto value = reader_.integer(text, false)) return Value::int64(*value);
        return std::nullopt;
      case Kind::float64:
        if (const auto value = reader_.number(text, false)) return Value::float64(*value);
        return std::nullopt;
      case Kind::boolean:
        if (const auto value = csv::FieldReader::boolean(text)) return Value::boolean(*value);
        return std::nullopt;
      case Kind::timestamp:
        if (const auto micros = reader_.timestamp(text)) {
          const auto seconds = *micros / 1'000'000 - (*micros % 1'000'000 < 0 ? 1 : 0);
          return Value::timestamp(seconds, static_cast<std::int32_t>((*micros - seconds * 1'000'000) * 1000));
        }
        return std::nullopt;
      default:
        return Value::view(ValueKind::string, text);
    }
  }

  Result<Flow> emitRows(const Batch& batch, const std::vector<std::uint32_t>& good,
                        const std::vector<std::vector<Value>>& values, StepIo& io) const {
    auto kept = batch;
    if (static_cast<std::int64_t>(good.size()) < batch.rows()) {
      WEIR_ASSIGN(kept, batch.gather(good));
    }
    std::vector<Field> fields;
    std::vector<Column> columns;
    if (settings_.keepFields) {
      fields.assign(kept.schema()->fields().begin(), kept.schema()->fields().end());
      columns.assign(kept.columns().begin(), kept.columns().end());
    }
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      WEIR_ASSIGN(auto column, columnOf(groups_[i].type, values[i], batch.account()));
      const auto old = std::ranges::find(fields, groups_[i].name, &Field::name);
      const Field field{groups_[i].name, groups_[i].type, true};
      if (old == fields.end()) {
        fields.push_back(field);
        columns.push_back(std::move(column));
      } else {
        columns[static_cast<std::size_t>(old - fields.begin())] = std::move(column);
        *old = field;
      }
    }
    WEIR_ASSIGN(auto made, kept.withColumns(Schema::of(std::move(fields)), columns));
    io.emit(out::rows, std::move(made));
    return Flow::more;
  }

  static std::string shown(std::string_view text) {
    return text.size() <= 80 ? std::string(text) : std::string(text.substr(0, 77)) + "...";
  }

  Settings settings_;
  regex::Regex pattern_;
  csv::FieldReader reader_;
  std::vector<Group> groups_;
  mutable regex::ScratchPool pool_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext&) {
  WEIR_ASSIGN(auto pattern, regex::Regex::compile(settings.pattern));
  std::vector<Group> groups;
  const auto names = pattern.groupNames();
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (!names[i].empty()) groups.push_back({names[i], i, Type::string()});
  }
  if (groups.empty()) {
    return fail("settings.invalid", "pattern: it has no named group; write (?P<name>...) around what becomes a field");
  }
  const TypeRef types[] = {Type::string(), Type::int64(), Type::float64(), Type::boolean(), Type::timestamp()};
  for (const auto& item : settings.fields) {
    const auto group = std::ranges::find(groups, item.name, &Group::name);
    if (group == groups.end()) return fail("settings.invalid", "fields: the pattern has no group '" + item.name + "'");
    group->type = types[static_cast<std::size_t>(item.type)];
  }
  csv::ValueFormat format;
  format.nullValues.clear();
  format.dateFormats = settings.dateFormats;
  WEIR_ASSIGN(auto reader, csv::FieldReader::make(csv::Dialect{}, format));
  return makeStateless<Parse>(settings, std::move(pattern), std::move(reader), std::move(groups));
}

}  // namespace weir::nodes::parse
