// Lookup rows by key, and rows put side by side.
#include "nodes/data/join/lookup-table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/data/batch-builder.h"

namespace weir::nodes::join {
namespace {

bool anyNull(const std::vector<Column>& keys, std::int64_t row) {
  return std::ranges::any_of(keys, [row](const Column& key) {
    return key.isNull(row) || (key.type->kind == Kind::any && key.value(row).isNull());
  });
}

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

Result<void> LookupTable::add(const Batch& lookup, const std::vector<Column>& keys, const Added& added) {
  std::vector<std::uint32_t> good;
  numbers_.resize(static_cast<std::size_t>(lookup.rows()));
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(lookup.rows()); ++row) {
    if (!anyNull(keys, row)) good.push_back(row);
  }
  WEIR_TRY(table_.assign(keys, lookup.rows(), numbers_.data()));
  for (const auto row : good) keyOf_.push_back(numbers_[row]);
  WEIR_ASSIGN(auto part, added.of(lookup));
  if (static_cast<std::int64_t>(good.size()) != lookup.rows()) {
    WEIR_ASSIGN(part, part.gather(good));
  }
  WEIR_ASSIGN(part, part.compact(*account_));
  bytes_ += part.logicalBytes();
  parts_.push_back(std::move(part));
  return {};
}

std::int64_t LookupTable::memoryBytes() const {
  return bytes_ + table_.memoryBytes() + static_cast<std::int64_t>((keyOf_.capacity() + order_.capacity()) * 4);
}

Result<void> LookupTable::seal(Settings::Duplicates duplicates) {
  table_.freeze();
  if (!parts_.empty()) {
    for (const auto& part : parts_) {
      if (part.schema() == parts_[0].schema()) continue;
      return fail("schema.mismatch",
                  "the rows of the lookup do not all have the same fields: " + parts_[0].schema()->describe() +
                      " and " + part.schema()->describe() + ". Give them one schema before the join.");
    }
    WEIR_ASSIGN(rows_, concat(parts_, *account_));
    parts_.clear();
  }
  first_.assign(static_cast<std::size_t>(table_.groups()) + 1, 0);
  for (const auto key : keyOf_) ++first_[key + 1];
  if (duplicates == Settings::Duplicates::error) {
    for (std::size_t key = 0; key + 1 < first_.size(); ++key) {
      if (first_[key + 1] < 2) continue;
      const auto row =
          static_cast<std::int64_t>(std::ranges::find(keyOf_, static_cast<std::uint32_t>(key)) - keyOf_.begin());
      return fail("join.duplicate_key", "the lookup has " + std::to_string(first_[key + 1]) +
                                            " rows with the same key; the first is its row " + std::to_string(row + 1) +
                                            ". Remove the others, or set duplicates to first or all.");
    }
  }
  for (std::size_t key = 1; key < first_.size(); ++key) first_[key] += first_[key - 1];
  order_.resize(keyOf_.size());
  auto next = first_;
  for (std::uint32_t row = 0; row < keyOf_.size(); ++row) order_[next[keyOf_[row]]++] = row;
  keyOf_ = {};
  return {};
}

Result<void> LookupTable::probe(const std::vector<Column>& keys, std::int64_t rows, bool keepUnmatched, Pairs& to) {
  numbers_.resize(static_cast<std::size_t>(rows));
  WEIR_TRY(table_.assign(keys, rows, numbers_.data()));
  for (std::uint32_t row = 0; row < numbers_.size(); ++row) {
    const auto key = numbers_[row];
    const bool matches = key != KeyTable::kNone && first_[key] != first_[key + 1] && !anyNull(keys, row);
    if (matches) {
      for (auto at = first_[key]; at < first_[key + 1]; ++at) {
        to.left.push_back(row);
        to.right.push_back(order_[at]);
      }
    } else if (keepUnmatched) {
      to.left.push_back(row);
      to.right.push_back(Pairs::kNoMatch);
    }
  }
  return {};
}

}  // namespace weir::nodes::join
