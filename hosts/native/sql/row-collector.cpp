// From values to columns.
#include "hosts/native/sql/row-collector.h"

#include <algorithm>
#include <utility>

namespace weir::native {
namespace {

bool fits(const Type& type, const Value& value) {
  switch (value.kind()) {
    case ValueKind::null:
      return true;
    case ValueKind::boolean:
      return type.kind == Kind::boolean;
    case ValueKind::int64:
      return type.kind == Kind::int64 || type.kind == Kind::float64;
    case ValueKind::float64:
      return type.kind == Kind::float64;
    case ValueKind::string:
      return type.kind == Kind::string;
    case ValueKind::bytes:
      return type.kind == Kind::bytes;
    case ValueKind::timestamp:
      return type.kind == Kind::timestamp && value.nanos() % 1000 == 0;
    case ValueKind::uint64:
    case ValueKind::duration:
    case ValueKind::list:
    case ValueKind::map:
    case ValueKind::type:
    case ValueKind::optional:
    case ValueKind::blob:
    case ValueKind::opaque:
      return false;
  }
  return false;
}

}  // namespace

Result<RowCollector> RowCollector::make(std::vector<std::string> names, std::vector<TypeRef> types) {
  auto sorted = names;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
    return fail("sql.statement",
                "two columns of the result are called '" + *twice + "'; give one another name with AS");
  }
  RowCollector collector;
  collector.columns_.resize(names.size());
  collector.names_ = std::move(names);
  collector.types_ = std::move(types);
  return collector;
}

void RowCollector::add(std::size_t column, Value value) {
  bytes_ += value.memoryBytes();
  auto& type = types_[column];
  if (!type || type->kind != Kind::any) {
    if (!type) {
      if (value.kind() != ValueKind::null) type = typeOf(value);
    } else if (!fits(*type, value)) {
      type = commonType(type, typeOf(value));
    }
    // A column of the database has one flat type or any.
    if (type && (type->kind == Kind::list || type->kind == Kind::map)) type = Type::any();
  }
  columns_[column].push_back(std::move(value));
}

Result<void> RowCollector::finish(SqlRows& into, MemoryAccount& account) {
  std::vector<Field> fields;
  std::vector<Column> columns;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (!types_[i]) types_[i] = Type::any();
    fields.push_back({names_[i], types_[i]});
    WEIR_ASSIGN(auto column, columnOf(types_[i], columns_[i], account));
    columns.push_back(std::move(column));
    columns_[i].clear();
  }
  const auto count = rows();
  if (!fields.empty()) {
    WEIR_ASSIGN(into.rows, Batch::of(Schema::of(std::move(fields)), std::move(columns), count, {}, account));
  }
  into.from = std::exchange(from_, {});
  bytes_ = 0;
  return {};
}

}  // namespace weir::native
