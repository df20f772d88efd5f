// Columns of two sides under one schema.
#include "nodes/data/joined-rows.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/data/batch-builder.h"

namespace weir::nodes::join {
namespace {

/// The batch and one more row of nulls.
Result<Batch> withNullRow(const Batch& batch, MemoryAccount& account) {
  std::vector<Column> nulls;
  for (const auto& field : batch.schema()->fields()) {
    WEIR_ASSIGN(auto column, constantColumn(field.type, Value::null(), 1, account));
    nulls.push_back(std::move(column));
  }
  WEIR_ASSIGN(auto one, Batch::of(batch.schema(), std::move(nulls), 1, {}, account));
  const Batch both[] = {batch, std::move(one)};
  return concat(both, account);
}

}  // namespace

Result<std::vector<Column>> columnsNamed(const Batch& batch, const std::vector<std::string>& names,
                                         std::string_view what) {
  std::vector<Column> columns;
  for (const auto& name : names) {
    const auto* column = batch.column(name);
    if (column == nullptr) {
      return fail("rows.unknown_field", std::string(what) + " have no field '" + name + "'; they are " +
                                            batch.schema()->describe() + ". Correct the name in the join's settings.");
    }
    columns.push_back(*column);
  }
  return columns;
}

Result<Batch> Added::of(const Batch& lookup) const {
  auto names = select;
  if (names.empty()) {
    for (const auto& field : lookup.schema()->fields()) {
      if (std::ranges::find(keys, field.name) == keys.end()) names.push_back(field.name);
    }
  }
  WEIR_ASSIGN(auto columns, columnsNamed(lookup, names, "the rows of the lookup"));
  std::vector<Field> fields;
  for (const auto& name : names) {
    auto field = lookup.schema()->field(lookup.schema()->indexOf(name));
    field.name = prefix + name;
    field.nullable = true;
    fields.push_back(std::move(field));
  }
  return Batch::of(Schema::of(std::move(fields)), std::move(columns), lookup.rows(), {}, lookup.account());
}

Result<Batch> beside(const Batch& left, const Batch& right, const Pairs& pairs, MemoryAccount& account) {
  WEIR_ASSIGN(const auto chosen, left.gather(pairs.left));
  if (!right) return chosen;
  auto source = right;
  auto rows = pairs.right;
  if (std::ranges::find(rows, Pairs::kNoMatch) != rows.end()) {
    // The row of nulls stands behind those of the lookup that are asked for.
    std::vector<std::uint32_t> wanted;
    for (auto& row : rows) {
      if (row == Pairs::kNoMatch) continue;
      wanted.push_back(row);
      row = static_cast<std::uint32_t>(wanted.size() - 1);
    }
    std::ranges::replace(rows, Pairs::kNoMatch, static_cast<std::uint32_t>(wanted.size()));
    WEIR_ASSIGN(const auto matched, right.gather(wanted));
    WEIR_ASSIGN(source, withNullRow(matched, account));
  }
  WEIR_ASSIGN(const auto added, source.gather(rows));
  std::vector<Field> fields(chosen.schema()->fields().begin(), chosen.schema()->fields().end());
  std::vector<Column> columns(chosen.columns().begin(), chosen.columns().end());
  std::set<std::string_view> names;
  for (const auto& field : chosen.schema()->fields()) names.insert(field.name);
  for (std::int64_t i = 0; i < added.schema()->size(); ++i) {
    const auto& field = added.schema()->field(i);
    if (!names.insert(field.name).second) {
      return fail("settings.duplicate", "rows and lookup both have a field '" + field.name +
                                            "'. Give a prefix, or select other fields of the lookup.");
    }
    fields.push_back(field);
    columns.push_back(added.column(i));
  }
  return Batch::of(Schema::of(std::move(fields), chosen.schema()->version()), std::move(columns), chosen.rows(),
                   chosen.envelope(), account);
}

Result<void> sameSchema(const Batch& first, const Batch& other) {
  if (other.schema() == first.schema()) return {};
  return fail("schema.mismatch",
              "the rows of the lookup do not all have the same fields: " + first.schema()->describe() + " and " +
                  other.schema()->describe() + ". Give them one schema before the join.");
}

}  // namespace weir::nodes::join
