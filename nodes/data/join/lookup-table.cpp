// Lookup rows by key, and rows put side by side.
#include "nodes/data/join/lookup-table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/node/sorted-run.h"

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

Result<void> sameSchema(const Batch& first, const Batch& other) {
  if (other.schema() == first.schema()) return {};
  return fail("schema.mismatch",
              "the rows of the lookup do not all have the same fields: " + first.schema()->describe() + " and " +
                  other.schema()->describe() + ". Give them one schema before the join.");
}

Result<LookupPart> LookupPart::of(const Batch& lookup, const std::vector<Column>& keys, const Added& added,
                                  MemoryAccount& account) {
  LookupPart part;
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(lookup.rows()); ++row) {
    if (!anyNull(keys, row)) part.good.push_back(row);
  }
  WEIR_ASSIGN(part.rows, added.of(lookup));
  if (static_cast<std::int64_t>(part.good.size()) != lookup.rows()) {
    WEIR_ASSIGN(part.rows, part.rows.gather(part.good));
  }
  WEIR_ASSIGN(part.rows, part.rows.compact(account));
  return part;
}

std::unexpected<Error> duplicateKey(std::int64_t count, std::int64_t first) {
  return fail("join.duplicate_key",
              "the lookup has " + std::to_string(count) + " rows with the same key; the first is row " +
                  std::to_string(first + 1) +
                  " of those without a null in their key. Remove the others, or set duplicates to first or all.");
}

Result<void> LookupTable::add(const Batch& lookup, const std::vector<Column>& keys, const Added& added) {
  numbers_.resize(static_cast<std::size_t>(lookup.rows()));
  WEIR_ASSIGN(auto part, LookupPart::of(lookup, keys, added, *account_));
  WEIR_TRY(table_.assign(keys, lookup.rows(), numbers_.data()));
  for (const auto row : part.good) keyOf_.push_back(numbers_[row]);
  if (!parts_.empty()) WEIR_TRY(sameSchema(parts_[0], part.rows));
  bytes_ += part.rows.logicalBytes();
  parts_.push_back(std::move(part.rows));
  return {};
}

std::int64_t LookupTable::memoryBytes() const {
  return bytes_ + table_.memoryBytes() + static_cast<std::int64_t>((keyOf_.capacity() + order_.capacity()) * 4);
}

Result<void> LookupTable::seal(Settings::Duplicates duplicates) {
  table_.freeze();
  if (!parts_.empty()) {
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
      return duplicateKey(first_[key + 1], row);
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

Result<void> LookupTable::save(StateWriter& to) const {
  auto keyOf = keyOf_;
  auto parts = parts_;
  if (rows_) {
    keyOf.resize(order_.size());
    for (std::uint32_t key = 0; key + 1 < first_.size(); ++key) {
      for (auto at = first_[key]; at < first_[key + 1]; ++at) keyOf[order_[at]] = key;
    }
    for (std::int64_t from = 0; from < std::max<std::int64_t>(1, rows_.rows()); from += kMaxBatchRows)
      parts.push_back(rows_.slice(from, std::min(kMaxBatchRows, rows_.rows() - from)));
  }
  WEIR_TRY(to.write(static_cast<std::int64_t>(parts.size())));
  std::size_t row = 0;
  for (const auto& part : parts) {
    KeyList keys;
    for (std::int64_t i = 0; i < part.rows(); ++i) keys.append(table_.key(keyOf[row++]));
    WEIR_TRY(sorting::saveKeyed(part, keys, to, *account_));
  }
  return {};
}

Result<void> LookupTable::restore(StateReader& from) {
  std::int64_t count = 0;
  WEIR_TRY(from.read(count));
  for (std::int64_t i = 0; i < count; ++i) {
    KeyList keys;
    WEIR_ASSIGN(auto part, sorting::restoreKeyed(from, keys, *account_));
    for (std::int64_t row = 0; row < keys.size(); ++row) keyOf_.push_back(table_.find(keys[row], {}));
    bytes_ += part.logicalBytes();
    parts_.push_back(std::move(part));
  }
  return {};
}

}  // namespace weir::nodes::join
